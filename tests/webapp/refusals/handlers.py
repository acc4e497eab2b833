"""What each handler of each state takes: the table that every new one must be entered into."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import reflex as rx

import webapp.ui
from webapp.models import Role


@dataclass(frozen=True, kw_only=True)
class Handler:
    """A handler that is not for everybody.

    Attributes:
        role: The least role in the workspace of what it speaks of; None for what is about the tab, or one's own.
        arguments: What stands for a parameter, where that is not what its name says.
        runs_beside: Whether it is a background one, which needs a real tab to go on once it knows who asks.
    """

    role: Role | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    runs_beside: bool = False


_TAB, _BESIDE = Handler(), Handler(runs_beside=True)
_LOOKS, _MAKES, _DECIDES = (Handler(role=role) for role in Role)
_AVATAR = Handler(arguments={"role": "lipSyncVideo"})


def _makes(**arguments: Any) -> Handler:  # noqa: ANN401 - whatever a handler takes
    return Handler(role=Role.EDITOR, arguments=arguments)


def _decides(**arguments: Any) -> Handler:  # noqa: ANN401 - whatever a handler takes
    return Handler(role=Role.OWNER, arguments=arguments)


def _form(what: str, **words: str) -> dict[str, str]:
    return {"id": f"{{{what}}}", "name": "word", "title": "word", **words}


HANDLERS: dict[str, Handler] = {
    **{
        f"CaptionsState.{name}": _TAB
        for name in (
            *("set_text", "spread", "clear_words", "undo", "edit_text", "edit_time", "choose_word", "split_word"),
            *("merge_word", "insert_word", "delete_word", "turn_page", "find_moment", "find_problem"),
        )
    },
    **{
        f"FormState.{name}": _TAB
        for name in (
            *("set_value", "set_item", "add_item", "remove_item", "move_item", "choose_shape"),
            *("choose_size", "set_output", "set_quality", "set_variable"),
        )
    },
    **{f"StudioState.{name}": _AVATAR for name in ("choose", "remove", "move_up")},
    "StudioState.set_title": _TAB,
    "MomentState.scrub": _TAB,
    "PageState.open": _TAB,
    "PageState.choose_template": _TAB,
    "PageState.choose_workspace": _LOOKS,
    "PageState.choose_place": Handler(arguments={"place": ""}),
    "PreviewState.repaint": _TAB,
    "PreviewState.paint": _BESIDE,
    "LiveState.follow": _BESIDE,
    "KeepState.keep": _BESIDE,
    "KeepState.dismiss": _TAB,
    "UndoState.undo": _TAB,
    "UndoState.reset_settings": _TAB,
    "UploadState.receive": _BESIDE,
    **{f"UploadState.{name}": _AVATAR for name in ("note_progress", "refuse", "forget", "clear")},
    "RendersState.load": _TAB,
    "RendersState.more": _TAB,
    "RendersState.look_for": _TAB,
    "RendersState.show_status": Handler(arguments={"wish": ""}),
    "RendersState.show_template": Handler(arguments={"name": ""}),
    "RendersState.render": _MAKES,
    "RendersState.cancel": _makes(video_id="{running_id}"),
    "RendersState.show": _LOOKS,
    "RendersState.look_at": _TAB,
    "VideosState.retry": _makes(video_id="{failed_id}"),
    "VideosState.edit_again": _LOOKS,
    "VideosState.begin_renaming": _TAB,
    "VideosState.rename": _makes(form=_form("video_id", description="word")),
    "VideosState.delete": _MAKES,
    "SharesState.open": _MAKES,
    "SharesState.close": _TAB,
    "SharesState.choose_lifetime": Handler(arguments={"days": "7"}),
    "SharesState.make": _MAKES,
    "SharesState.copy": Handler(arguments={"path": "/share/made-up"}),
    "SharesState.end": _MAKES,
    "SavedState.show": _TAB,
    "SavedState.save_as": _TAB,
    "SavedState.save": _MAKES,
    "SavedState.load": _LOOKS,
    "SavedState.set_default": _LOOKS,
    "SavedState.share": _MAKES,
    "SavedState.duplicate": _LOOKS,
    "SavedState.delete": _MAKES,
    "SavedState.look_into": _LOOKS,
    "SavedState.restore": _MAKES,
    "AccountState.open": _TAB,
    "AccountState.end": Handler(arguments={"session_id": "{session_id}"}),
    "AccountState.end_others": _TAB,
    "AccountState.make_key": Handler(arguments={"form": {"name": "word"}}),
    "AccountState.revoke": _TAB,
    "AccountState.forget_secret": _TAB,
    "TeamState.open": _TAB,
    "TeamState.look_at": _LOOKS,
    "TeamState.create": Handler(arguments={"form": {"name": "word"}}),
    "TeamState.begin_naming": _TAB,
    "TeamState.rename": _decides(form={"name": "word"}),
    "TeamState.archive": _DECIDES,
    "JoinState.open": _TAB,
    "JoinState.accept": _TAB,
    "JoinState.decline": _TAB,
    "PlacesState.show_archived": _LOOKS,
    "PlacesState.begin_renaming": Handler(arguments={"place_id": "{room_id}"}),
    "PlacesState.add_room": _makes(form=_form("workspace_id")),
    "PlacesState.rename_room": _makes(form=_form("room_id")),
    "PlacesState.put_room_away": _MAKES,
    "PlacesState.add_task": _makes(form=_form("room_id")),
    "PlacesState.change_task": _makes(form=_form("task_id", description="word")),
    "PlacesState.put_task_away": _MAKES,
    "MembersState.invite": _decides(form={"role": "viewer", "days": "7"}),
    "MembersState.revoke": _DECIDES,
    "MembersState.change_role": _decides(user_id="{member_id}", role="viewer"),
    "MembersState.remove": _decides(user_id="{member_id}"),
    "MembersState.leave": _LOOKS,
    "LibraryState.open": _TAB,
    "LibraryState.look_for": _LOOKS,
    "LibraryState.show_type": Handler(role=Role.VIEWER, arguments={"wish": ""}),
    "LibraryState.older": _TAB,
    "LibraryState.newer": _TAB,
    "LibraryState.begin_renaming": _TAB,
    "LibraryState.rename": _makes(form=_form("asset_id")),
    "LibraryState.delete": _MAKES,
    "LibraryState.copy_link": _LOOKS,
    "WebhooksState.open": _TAB,
    "WebhooksState.begin_adding": _TAB,
    "WebhooksState.add": _decides(form={"url": "https://example.org/", "description": "word"}),
    "WebhooksState.begin_editing": _TAB,
    "WebhooksState.change": _decides(form=_form("webhook_id", url="https://example.org/", description="word")),
    "WebhooksState.rotate": _DECIDES,
    "WebhooksState.forget_secret": _TAB,
    "WebhooksState.switch": _DECIDES,
    "WebhooksState.remove": _DECIDES,
    "WebhooksState.look_at": _DECIDES,
    "WebhooksState.follow": _BESIDE,
    "DeliveriesState.show_state": Handler(role=Role.OWNER, arguments={"wish": ""}),
    "DeliveriesState.older": _TAB,
    "DeliveriesState.newer": _TAB,
    "DeliveriesState.look_at": _TAB,  # unfolds what the log shows, which is read first
    "DeliveriesState.resend": _DECIDES,
    "DeliveriesState.ping": _DECIDES,
}
"""Handlers for those who are logged in, by state and name."""

PUBLIC = {"LoginState.open": "Who logs in is nobody yet."}
"""Handlers for everybody, each with its reason."""


@cache
def states() -> tuple[type[rx.State], ...]:
    """Every state of the page, whether a page shows it or not."""
    for module in pkgutil.walk_packages(webapp.ui.__path__, "webapp.ui."):
        importlib.import_module(module.name)
    return tuple(state for state in _below(rx.State) if state.__module__.startswith("webapp."))


def _below(state: type[rx.State]) -> Iterator[type[rx.State]]:
    for one in state.__subclasses__():
        yield one
        yield from _below(one)


@cache
def handlers() -> dict[str, tuple[type[rx.State], str]]:
    """Every handler of ours that a client can call, by state and name."""
    return {
        f"{state.__name__}.{name}": (state, name)
        for state in states()
        for name, handler in state.event_handlers.items()
        if handler.fn.__module__.startswith("webapp.")
    }
