"""render_core."""
