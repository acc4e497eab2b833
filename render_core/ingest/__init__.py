"""Files of strangers: recognised by their bytes, probed in a confined child, made uniform."""
