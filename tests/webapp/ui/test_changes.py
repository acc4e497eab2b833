"""What a person changes on the page is seen in the preview: every change is sent with a repaint behind it."""

import re
from collections.abc import Iterator

from tests.webapp.ui.tabs import Tab
from webapp.ui.pages.studio import studio_page
from webapp.ui.states.captions import CaptionsState
from webapp.ui.states.form import FormState
from webapp.ui.states.keeping import KeepState
from webapp.ui.states.moment import MomentState
from webapp.ui.states.preview import PreviewState
from webapp.ui.states.studio import StudioState

DRAFT = (StudioState, FormState, CaptionsState, MomentState)
NOT_SEEN_IN_THE_PICTURE = {"set_title", "set_output", "set_quality", "turn_page", "find_moment", "find_problem"}
CHANGES = {
    (state.get_name(), name)
    for state in DRAFT
    for name in state.event_handlers
    if name not in {*NOT_SEEN_IN_THE_PICTURE, "setvar"}
}
KEEP = (KeepState.get_name(), "keep")
REPAINT = (PreviewState.get_name(), "repaint")


def _triggers(part: object) -> Iterator[str]:
    """The event triggers of a rendered component and all that is in it."""
    if isinstance(part, str):
        if re.match(r"on[A-Z]", part):
            yield part
    elif isinstance(part, dict | list | tuple):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _triggers(inner)


def _events(trigger: str) -> list[tuple[tuple[str, str], dict[str, str]]]:
    """What a trigger sends, in order: state and handler, and how long it waits."""
    return [
        ((name[1], name[2]), dict(re.findall(r'\["(throttle|debounce)"\] : (\d+)', sent)))
        for sent in trigger.split("addEvents(")
        if (name := re.search(r'ReflexEvent\("[\w.]*?(\w+)\.(\w+)"', sent))
    ]


def test_each_change_of_the_draft_is_followed_by_a_repaint_that_waits_as_long():
    seen = set()
    for trigger in _triggers(studio_page().render()):
        events = _events(trigger)
        for at, (name, waits) in enumerate(events):
            if name in CHANGES:
                assert events[at + 1 : at + 2] == [(REPAINT, waits)], trigger
                seen.add(name)
    assert seen == CHANGES


def test_what_is_not_seen_in_the_picture_is_kept_all_the_same():
    triggers = [_events(trigger) for trigger in _triggers(studio_page().render())]
    for name in ("set_title", "set_output", "set_quality"):
        followers = [
            (events[at + 1 : at + 2], waits)
            for events in triggers
            for at, ((_state, sent), waits) in enumerate(events)
            if sent == name
        ]
        assert followers
        assert all(behind == [(KEEP, waits)] for behind, waits in followers)


def test_a_repaint_waits_its_turn_behind_the_changes_before_it(tab: Tab):
    repaint = PreviewState.event_handlers["repaint"]
    assert not repaint.is_background  # which would be let past
    assert tab.do(PreviewState, "repaint").handler.fn is PreviewState.event_handlers["paint"].fn
