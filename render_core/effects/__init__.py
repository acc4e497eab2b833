"""Effects: planes in, planes out."""
