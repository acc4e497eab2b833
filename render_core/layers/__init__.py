"""Drawings: what a layer shows in a frame, and how it is painted."""
