"""Tabs of everybody, in which somebody calls every handler with what is Ann's."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any, get_type_hints

import reflex as rx
from reflex.istate.data import HeaderData, RouterData

from tests.webapp.refusals.handlers import Handler, states
from tests.webapp.refusals.stage import Stage
from webapp.accounts.sessions import SESSION_COOKIE
from webapp.models import Role
from webapp.ui.cards import VideoCard
from webapp.ui.states.renders import RendersState
from webapp.ui.states.saved import ConfigCard, SavedState
from webapp.ui.states.studio import AssetCard, StudioState
from webapp.ui.states.workspace import PlaceChoice, WorkspaceChoice, WorkspaceState

_LESSER = {Role.VIEWER: (), Role.EDITOR: ("vi",), Role.OWNER: ("vi", "ed")}
_BY_TYPE: dict[Any, Any] = {str: "word", int: 1, float: 1.0, bool: True}


class Visitor:
    """A tab of somebody's that was left open in Ann's workspace, as if they had been an owner there a moment ago."""

    def __init__(self, stage: Stage, session: str) -> None:
        self._stage = stage
        self._root = rx.State(_reflex_internal_init=True)
        token = stage.tokens.get(session, "")
        self._root.router = RouterData(headers=HeaderData(cookie=f"{SESSION_COOKIE}={token}" if token else ""))
        self._states = {kind: self._root.get_substate(kind.get_full_name().split(".")) for kind in states()}
        self._leave_open(stage.ids)

    def _leave_open(self, ids: dict[str, str]) -> None:
        for kind, state in self._states.items():
            for name in [*vars(kind).get("__annotations__", ())]:
                known = ids.get(name.removeprefix("_"))
                if known is not None:
                    setattr(state, name, known)
        workspace = self._states[WorkspaceState]
        workspace.current, workspace.place = WorkspaceChoice(id=ids["workspace_id"], role="owner"), PlaceChoice()
        workspace.choices = [workspace.current]
        saved, studio = self._states[SavedState], self._states[StudioState]
        studio.origin = saved.looked_into = ConfigCard(id=ids["config_id"], version=1)
        saved.configs = [studio.origin]
        self._states[RendersState].current = VideoCard(id=ids["running_id"], is_running=True)
        chosen = AssetCard(id=ids["asset_id"], name="", kind="video", facts="", thumbnail="", is_demo=False)
        studio.chosen = {**studio.chosen, "lipSyncVideo": [chosen]}

    def call(self, kind: type[rx.State], name: str, entry: Handler) -> Any:  # noqa: ANN401 - whatever comes next
        """All that a handler answers, when a client calls it with what is Ann's."""
        state = self._states[kind]
        arguments = self._arguments(kind.event_handlers[name].fn, entry)

        async def run() -> Any:  # noqa: ANN401 - as above
            answer = kind.event_handlers[name].fn(state, **arguments)
            return [one async for one in answer] if isinstance(answer, AsyncIterator) else await answer

        return asyncio.run(run())

    def _arguments(self, handler: Any, entry: Handler) -> dict[str, Any]:  # noqa: ANN401 - a function
        hints = get_type_hints(handler)
        names = [*inspect.signature(handler).parameters][1:]
        return {name: self._argument(name, hints[name], entry) for name in names}

    def _argument(self, name: str, hint: Any, entry: Handler) -> Any:  # noqa: ANN401 - any type, any value
        ids = self._stage.ids
        if name in entry.arguments:
            given = entry.arguments[name]
            if isinstance(given, dict):
                return {key: value.format_map(ids) for key, value in given.items()}
            return given.format_map(ids)
        if name in ids:
            return ids[name]
        return _BY_TYPE.get(hint, {})

    def shown(self) -> str:
        """All that the client is told of the tab's state."""
        return str(self._root.dict())


def callers(entry: Handler) -> Iterator[tuple[str, int | None]]:
    """Sessions, and what their owners are told: None for those who get no further than to their own."""
    yield "", 401
    yield "ended", 401
    if entry.runs_beside:
        return
    for name in ("sam", "gone"):
        yield name, 404 if entry.role else None
    for name in _LESSER[entry.role] if entry.role else ():
        yield name, 403
