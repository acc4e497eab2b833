"""A tab of the page without a browser: its states, and what a person does in them."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any

import reflex as rx
from reflex.istate.data import HeaderData, RouterData

from webapp.accounts.sessions import SESSION_COOKIE
from webapp.renders.views import RenderOrder
from webapp.ui.captions import WordTable
from webapp.ui.states.account import AccountState
from webapp.ui.states.captions import CaptionsState
from webapp.ui.states.deliveries import DeliveriesState
from webapp.ui.states.draft import draft_order
from webapp.ui.states.form import FormState
from webapp.ui.states.keeping import KeepState
from webapp.ui.states.library import LibraryState
from webapp.ui.states.live import LiveState
from webapp.ui.states.login import LoginState
from webapp.ui.states.members import MembersState
from webapp.ui.states.moment import MomentState
from webapp.ui.states.page import PageState
from webapp.ui.states.places import PlacesState
from webapp.ui.states.preview import PreviewState
from webapp.ui.states.renders import RendersState
from webapp.ui.states.saved import SavedState
from webapp.ui.states.shares import SharesState
from webapp.ui.states.studio import StudioState
from webapp.ui.states.team import JoinState, TeamState
from webapp.ui.states.undo import UndoState
from webapp.ui.states.uploads import UploadState
from webapp.ui.states.videos import VideosState
from webapp.ui.states.webhooks import WebhooksState
from webapp.ui.states.workspace import WorkspaceState

STATES = (
    PageState,
    StudioState,
    FormState,
    CaptionsState,
    MomentState,
    PreviewState,
    RendersState,
    UploadState,
    LiveState,
    VideosState,
    SharesState,
    SavedState,
    KeepState,
    UndoState,
    WorkspaceState,
    TeamState,
    PlacesState,
    MembersState,
    JoinState,
    LibraryState,
    WebhooksState,
    DeliveriesState,
    AccountState,
    LoginState,
)


class Tab:
    """One tab, of nobody unless a session's token is given; its name is what the browser keeps of it."""

    def __init__(self, token: str = "", name: str = "") -> None:
        self.token = token
        root = rx.State(_reflex_internal_init=True)
        headers = HeaderData(cookie=f"{SESSION_COOKIE}={token}" if token else "")
        root.router = RouterData(headers=headers)
        self._states = {kind: root.get_substate(kind.get_full_name().split(".")) for kind in STATES}
        self._states[KeepState].tab = name
        self.studio: StudioState = self._states[StudioState]
        self.form: FormState = self._states[FormState]
        self.captions: CaptionsState = self._states[CaptionsState]
        self.moment: MomentState = self._states[MomentState]

    def do(self, kind: type[rx.State], name: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever comes next
        """Call a handler as a client would."""
        state = self._states[kind]

        async def run() -> Any:  # noqa: ANN401 - as above
            answer = state.event_handlers[name].fn(state, *arguments)
            return await (anext(answer) if isinstance(answer, AsyncIterator) else answer)

        return asyncio.run(run())

    def fill(self, path: str, raw: object) -> None:
        """Type into a field of the form."""
        self.do(FormState, "set_value", path, raw)

    def word(self, name: str, number: int, *arguments: object) -> None:
        """Do something with the word of a number on the table."""
        self.do(CaptionsState, name, self.captions._table.entries[number - 1].id, *arguments)

    def order(self) -> RenderOrder:
        """What the tab would render."""
        return asyncio.run(draft_order(self.studio))

    def put_words(self, *words: tuple[str, int, int]) -> None:
        """Put words with their times on the table."""
        self.captions._table = WordTable.of(words)


def any_arguments(state: type[rx.State], name: str) -> list[object]:
    """One for each parameter of a handler."""
    parameters = list(inspect.signature(state.event_handlers[name].fn).parameters)[1:]
    return [{} if parameter == "progress" else "x" for parameter in parameters]
