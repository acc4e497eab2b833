"""The page of a workspace: opened, named, left for another; and the page that accepts an invitation."""

from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from webapp.accounts.service import Actor
from webapp.billing.limits import current_usage
from webapp.errors import AppError
from webapp.ui.edge import Then, actor_of, as_user, container, focus_on
from webapp.ui.ids import uuid_of
from webapp.ui.routes import STUDIO, TEAM
from webapp.ui.states.members import MembersState, read_people
from webapp.ui.states.places import PlacesState, read_rooms
from webapp.ui.states.workspace import WorkspaceChoice, WorkspaceState, current_id, enter, look_around
from webapp.ui.words import megabytes, text_of
from webapp.workspaces import invites
from webapp.workspaces import service as workspaces
from webapp.workspaces.policy import Action, authorize
from webapp.workspaces.views import WorkspaceView


class TeamState(rx.State):
    """What is true of the whole workspace that is looked at."""

    user_name: str = ""
    usage: list[str] = []
    is_naming: bool = False

    @rx.event
    async def open(self) -> None:
        """Fill the page from the database."""
        self.user_name = (await actor_of(self)).display_name
        await look_around(self)
        await self._read()

    async def _read(self) -> None:
        workspace_id = await current_id(self)
        self.usage = await as_user(self, lambda session, actor: _usage(session, actor, workspace_id))
        self.is_naming = False
        await read_rooms(await self.get_state(PlacesState))
        await read_people(await self.get_state(MembersState))

    @rx.event
    async def look_at(self, workspace_id: str) -> None:
        """Show another workspace, and work in it from now on."""
        await actor_of(self)
        wanted = uuid_of(workspace_id, "workspace")
        await self._enter(await as_user(self, lambda session, actor: workspaces.get_workspace(session, actor, wanted)))

    @rx.event
    async def create(self, form: dict[str, Any]) -> None:
        """Make a workspace and go there."""
        name, plan = text_of(form, "name"), workspaces.first_plan(container().settings.app)
        made = await as_user(self, lambda session, actor: workspaces.create_workspace(session, actor, name, plan=plan))
        await self._enter(made)

    async def _enter(self, view: WorkspaceView) -> None:
        enter(await self.get_state(WorkspaceState), WorkspaceChoice.of(view))
        await look_around(self)
        await self._read()

    @rx.event
    async def begin_naming(self, wish: bool) -> Then:  # noqa: FBT001 - what the buttons send
        """Turn the name into a field, or back."""
        await actor_of(self)
        self.is_naming = bool(wish)
        return focus_on("workspace-name") if self.is_naming else None

    @rx.event
    async def rename(self, form: dict[str, Any]) -> None:
        """Give the workspace another name."""
        await actor_of(self)
        workspace_id = await current_id(self)
        name = text_of(form, "name")
        await as_user(self, lambda session, actor: workspaces.rename_workspace(session, actor, workspace_id, name))
        await look_around(self)
        self.is_naming = False

    @rx.event
    async def archive(self) -> Then:
        """Put the workspace away and go on in another one."""
        await actor_of(self)
        state = await self.get_state(WorkspaceState)
        wanted = uuid_of(state.current.id, "workspace")
        gone = await as_user(self, lambda session, actor: workspaces.archive_workspace(session, actor, wanted))
        await look_around(self)
        await self._read()
        return rx.toast.success(f"“{gone.name}” is archived", description="Its videos and files are kept.")


def _usage(session: Session, actor: Actor, workspace_id: UUID) -> list[str]:
    used = current_usage(session, authorize(session, actor, Action.READ_WORKSPACE, workspace_id))
    return [
        f"Plan {used.plan}",
        f"{used.videos_used} of {used.videos_a_month} videos this month",
        f"{megabytes(used.storage_used)} of {used.storage_bytes // 1_000_000_000} GB stored",
    ]


class JoinState(rx.State):
    """An invitation as its bearer sees it."""

    workspace: str = ""
    invited_by: str = ""
    role: str = ""
    problem: str = ""
    is_member: bool = False

    @rx.event
    async def open(self) -> None:
        """Say what is offered, or why nothing is any more."""
        token = self._token()
        await actor_of(self)
        try:
            offer = await as_user(self, lambda session, actor: invites.show_invite(session, actor, token))
        except AppError as error:
            self.workspace, self.problem = "", error.detail
            return
        self.workspace, self.invited_by, self.role = offer.workspace_name, offer.invited_by, offer.role.value
        self.is_member, self.problem = offer.current_role is not None, ""

    def _token(self) -> str:
        return self.router.url.path.rstrip("/").rpartition("/")[2][:200]

    @rx.event
    async def accept(self) -> Then:
        """Become a member, and go to work there."""
        await actor_of(self)
        token = self._token()
        try:
            joined = await as_user(self, lambda session, actor: invites.accept_invite(session, actor, token))
        except AppError as error:
            self.problem = error.detail
            return None
        enter(await self.get_state(WorkspaceState), WorkspaceChoice.of(joined))
        return [rx.redirect(TEAM), rx.toast.success(f"Welcome to {joined.name}")]

    @rx.event
    async def decline(self) -> Then:
        """Go to one's own studio."""
        await actor_of(self)
        return rx.redirect(STUDIO)
