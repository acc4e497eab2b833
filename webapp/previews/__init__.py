"""Stills for the editor, made by the renderer itself in processes of the web tier."""
