"""The browser's own player: nothing to download, full control by keyboard."""

import reflex as rx


def player(source: rx.Var[str] | str, **props: object) -> rx.Component:
    """A video with controls that fills its place."""
    return rx.el.video(src=source, controls=True, plays_inline=True, preload="metadata", **props)
