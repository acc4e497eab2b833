"""What follows a change of the draft: the preview is painted anew, and the draft kept."""

from collections.abc import Callable
from typing import Any

from reflex.event import EventSpec

from webapp.ui.states.keeping import KeepState
from webapp.ui.states.preview import PreviewState

Change = Callable[[Any], EventSpec]
"""Sends what was typed, chosen or dragged."""


def repainted(change: EventSpec) -> list[EventSpec]:
    """A change and the repaint behind it, which waits as long as the change itself; an equal picture is not made."""
    follow = PreviewState.repaint()
    return [change, EventSpec(handler=follow.handler, event_actions=dict(change.event_actions))]


def kept(change: EventSpec) -> list[EventSpec]:
    """A change that is not seen in the picture: the draft is kept with it."""
    follow = KeepState.keep()
    return [change, EventSpec(handler=follow.handler, event_actions=dict(change.event_actions))]


def typed(change: Change) -> dict[str, Any]:
    """While somebody types, a moment later; at once when they turn to something else, such as the Render button."""
    return {
        "on_change": lambda text: repainted(change(text).debounce(250)),
        "on_blur": lambda text: repainted(change(text)),
    }


def dragged(change: Change, *, every_ms: int, rest_ms: int) -> list[Callable[[Any], list[EventSpec]]]:
    """While somebody drags, now and then; and once more when they rest, for throttling may swallow the last value."""
    return [
        lambda value: repainted(change(value).throttle(every_ms)),
        lambda value: repainted(change(value).debounce(rest_ms)),
    ]
