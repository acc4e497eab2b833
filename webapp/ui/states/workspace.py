"""The workspace that the tab works in: where what it uploads and renders goes."""

from dataclasses import dataclass

import reflex as rx
from sqlmodel import Session

from webapp.accounts.service import Actor
from webapp.errors import NotFoundError
from webapp.models import Role
from webapp.pages import LARGEST_PAGE
from webapp.ui.edge import Then, actor_of, as_user
from webapp.ui.ids import uuid_of
from webapp.ui.routes import STUDIO
from webapp.workspaces.service import get_workspace, list_workspaces, personal_workspace
from webapp.workspaces.views import WorkspaceView


@dataclass
class WorkspaceChoice:
    """A workspace as menus show it.

    Attributes:
        role: The user's own in it.
    """

    id: str = ""
    name: str = ""
    role: str = ""
    plan: str = ""

    @classmethod
    def of(cls, view: WorkspaceView) -> "WorkspaceChoice":
        """The choice of a view."""
        return cls(id=str(view.id), name=view.name, role=view.role.value, plan=view.plan.value)


class WorkspaceState(rx.State):
    """Which of the user's workspaces is worked in. The browser remembers the choice, services check it each time."""

    choices: list[WorkspaceChoice] = []
    current: WorkspaceChoice = WorkspaceChoice()
    remembered: str = rx.LocalStorage("", name="reelgrove_workspace")

    @rx.var
    def is_one_of_many(self) -> bool:
        """Whether there is anything to choose from."""
        return len(self.choices) > 1

    @rx.var
    def can_edit(self) -> bool:
        """Whether the user may make and change things here."""
        return self.current.role in {Role.EDITOR, Role.OWNER}

    @rx.var
    def can_manage(self) -> bool:
        """Whether the user decides about members here."""
        return self.current.role == Role.OWNER

    @rx.event
    async def choose(self, workspace_id: str) -> Then:
        """Work in another workspace, from the studio's start on."""
        await actor_of(self)
        wanted = uuid_of(workspace_id, "workspace")
        chosen = WorkspaceChoice.of(await as_user(self, lambda session, actor: get_workspace(session, actor, wanted)))
        enter(self, chosen)
        return rx.redirect(STUDIO)


def enter(state: WorkspaceState, chosen: WorkspaceChoice) -> None:
    """Work here from now on; the browser comes back to it."""
    state.current, state.remembered = chosen, chosen.id


def read_choices(session: Session, actor: Actor) -> tuple[list[WorkspaceChoice], str]:
    """The user's workspaces, the newest first, and the id of the one that is meant when none was chosen."""
    found = list_workspaces(session, actor, limit=LARGEST_PAGE).workspaces
    try:
        own = str(personal_workspace(session, actor).id)
    except NotFoundError:
        own = ""
    return [WorkspaceChoice.of(view) for view in found], own


def settle(state: WorkspaceState, choices: list[WorkspaceChoice], own: str) -> None:
    """Show the choices; stay where one was, go back to where the browser was last, or begin at one's own."""
    state.choices = choices
    by_id = {choice.id: choice for choice in choices}
    first = choices[0] if choices else WorkspaceChoice()
    wished = (by_id.get(each) for each in (state.current.id, state.remembered, own))
    state.current = next((choice for choice in wished if choice), first)


async def look_around(state: rx.State) -> WorkspaceState:
    """Read the user's workspaces anew."""
    choices, own = await as_user(state, read_choices)
    workspace = await state.get_state(WorkspaceState)
    settle(workspace, choices, own)
    return workspace
