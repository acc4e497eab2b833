"""Text: fonts and what they cover, line breaking, rasterising."""
