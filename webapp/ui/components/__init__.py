"""Pieces of pages: what is drawn, and which handler of a state it calls."""
