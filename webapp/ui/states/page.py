"""What concerns every part of the page: it opens, and its template changes."""

from collections.abc import Collection

import reflex as rx

from render_core.templates import template_names
from webapp.assets.library import usable_assets
from webapp.errors import NotFoundError, UnauthenticatedError
from webapp.ui.edge import Then, actor_of, as_user
from webapp.ui.states import studio
from webapp.ui.states.captions import CaptionsState
from webapp.ui.states.filling import turn_to
from webapp.ui.states.form import FormState
from webapp.ui.states.keeping import KeepState, take_up
from webapp.ui.states.live import LiveState
from webapp.ui.states.moment import MomentState
from webapp.ui.states.preview import PreviewState
from webapp.ui.states.renders import RendersState
from webapp.ui.states.saved import SavedState, begin_with_default
from webapp.ui.states.shares import SharesState
from webapp.ui.states.studio import StudioState
from webapp.ui.states.uploads import UploadState
from webapp.ui.states.videos import VideosState
from webapp.ui.states.workspace import WorkspaceState, enter, go_to, ids_of, look_around, read_places

_DRAFT = (StudioState, FormState, CaptionsState, MomentState, PreviewState, UploadState, SavedState, KeepState)
_PARTS = (*_DRAFT, RendersState, VideosState, SharesState, LiveState, WorkspaceState)


class PageState(rx.State):
    """Whose page it is, and what is done to all its parts at once."""

    is_open: bool = False
    user_name: str = ""
    _user_id: str = ""

    @rx.event
    async def open(self) -> Then:
        """Fill the page from the database; a draft begun in this tab is kept, another user's is not."""
        try:
            actor = await actor_of(self)
        except UnauthenticatedError:
            await self._forget_all()
            raise
        if self._user_id != str(actor.user_id):
            # Another page may have chosen a workspace, and the browser knows its tab and what it was sending.
            await self._forget_all(but=() if self._user_id else (WorkspaceState, KeepState, UploadState))
            self._user_id = str(actor.user_id)
        self.user_name = actor.display_name
        await look_around(self)
        await read_places(self, f"task:{self.router.url.query_parameters.get('task', '')}")
        draft = await self.get_state(StudioState)
        await self._fill_shelves()
        if not self.is_open:
            studio.begin(draft)
            await begin_with_default(self)
        await take_up(self)
        self.is_open = True
        return [UploadState.clear(), RendersState.load(), PreviewState.paint(), LiveState.follow()]

    async def _fill_shelves(self) -> None:
        workspace_id, *_ = await ids_of(self)
        assets = await as_user(self, lambda session, actor: usable_assets(session, actor, workspace_id=workspace_id))
        studio.shelve(await self.get_state(StudioState), assets)

    @rx.event
    async def choose_workspace(self, workspace_id: str) -> Then:
        """Work in another workspace: its media, its videos; the draft stays on the table."""
        await actor_of(self)
        state = await self.get_state(WorkspaceState)
        chosen = next((choice for choice in state.choices if choice.id == workspace_id), None)
        if chosen is None:
            raise NotFoundError("There is no such workspace of yours: choose one of those shown.", "workspace_id")
        enter(state, chosen)
        await read_places(self)
        await self._fill_shelves()
        return [RendersState.load(), LiveState.follow()]

    @rx.event
    async def choose_place(self, place: str) -> Then:
        """Work for a room or a task: new videos go there, and its videos are shown."""
        await actor_of(self)
        go_to(await self.get_state(WorkspaceState), place)
        return RendersState.load()

    async def _forget_all(self, but: Collection[type[rx.State]] = ()) -> None:
        """The next person at this tab sees nothing of the last one."""
        for kind in (PageState, *_PARTS):
            if kind not in but:
                (await self.get_state(kind)).reset()

    @rx.event
    async def choose_template(self, name: str) -> Then:
        """Work with another template: its own draft as it was left, or what fits of the one before."""
        await actor_of(self)
        if name not in template_names():
            raise NotFoundError("There is no such template: choose one of those shown.", "template")
        draft = await self.get_state(StudioState)
        if name == draft.template:
            return None
        is_new = not studio.is_known(draft, name)
        await turn_to(self, name)
        if is_new:
            await begin_with_default(self)
        (await self.get_state(UploadState)).problems = {}
        return PreviewState.paint()
