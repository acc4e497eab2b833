"""The browser edge: pages, their states, and what the editor is built from. Only this room imports Reflex."""
