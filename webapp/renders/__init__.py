"""Renders: asked for, stored, dispatched and followed."""
