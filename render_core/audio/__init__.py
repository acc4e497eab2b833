"""Sound as sample arrays: mixing, ducking, loudness, limiting. Arithmetic only, no files."""
