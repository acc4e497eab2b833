"""What follows every change of the draft."""

from reflex.event import EventSpec


def repaint() -> EventSpec:
    """Paint the preview anew."""
    from webapp.ui.states.preview import PreviewState  # it reads the states that ask for this

    return PreviewState.paint()
