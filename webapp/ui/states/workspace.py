"""The workspace that the tab works in: where what it uploads and renders goes."""

from dataclasses import dataclass
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from webapp.accounts.service import Actor
from webapp.errors import NotFoundError
from webapp.models import Role
from webapp.pages import LARGEST_PAGE
from webapp.ui.edge import as_user
from webapp.ui.ids import uuid_of
from webapp.workspaces.places import list_rooms, list_tasks
from webapp.workspaces.service import list_workspaces, personal_workspace
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


@dataclass
class PlaceChoice:
    """A room or a task to work in.

    Attributes:
        value: ``room:`` or ``task:`` and its id; empty for the workspace as a whole.
    """

    value: str = ""
    name: str = ""
    room: str = ""


class WorkspaceState(rx.State):
    """Which of the user's workspaces is worked in. The browser remembers the choice, services check it each time."""

    choices: list[WorkspaceChoice] = []
    current: WorkspaceChoice = WorkspaceChoice()
    places: list[PlaceChoice] = []
    place: PlaceChoice = PlaceChoice()
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


def enter(state: WorkspaceState, chosen: WorkspaceChoice) -> None:
    """Work here from now on; the browser comes back to it."""
    state.current, state.remembered, state.place = chosen, chosen.id, PlaceChoice()


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


async def read_places(state: rx.State, wished: str = "") -> None:
    """Read the rooms and tasks to work in; stay where one was, or go to the task that is wished for."""
    workspace = await state.get_state(WorkspaceState)
    if workspace.current.id:
        wanted = uuid_of(workspace.current.id, "workspace")
        workspace.places = await as_user(state, lambda session, actor: _places(session, actor, wanted))
    by_value = {choice.value: choice for choice in workspace.places}
    workspace.place = by_value.get(wished) or by_value.get(workspace.place.value) or PlaceChoice()


def _places(session: Session, actor: Actor, workspace_id: UUID) -> list[PlaceChoice]:
    found = []
    for room in list_rooms(session, actor, workspace_id, limit=LARGEST_PAGE).rooms:
        found.append(PlaceChoice(value=f"room:{room.id}", name=room.name))
        tasks = list_tasks(session, actor, room.id, limit=LARGEST_PAGE).tasks
        found += [PlaceChoice(value=f"task:{task.id}", name=task.title, room=room.name) for task in tasks]
    return found


def go_to(state: WorkspaceState, value: str) -> None:
    """Work in one of the places that are shown.

    Raises:
        NotFoundError: It is none of them.
    """
    known = {"": PlaceChoice()} | {choice.value: choice for choice in state.places}
    if value not in known:
        raise NotFoundError("There is no such room or task here: choose one of those shown.", "place")
    state.place = known[value]


async def current_id(state: rx.State) -> UUID:
    """The id of the workspace that is worked in.

    Raises:
        NotFoundError: None has been entered yet.
    """
    return uuid_of((await state.get_state(WorkspaceState)).current.id, "workspace")


async def ids_of(state: rx.State) -> tuple[UUID | None, UUID | None, UUID | None]:
    """Ids of the workspace, the room and the task that are worked in; None where none was chosen."""
    workspace = await state.get_state(WorkspaceState)
    kind, _, place_id = workspace.place.value.partition(":")
    room, task = (UUID(place_id) if kind == wanted else None for wanted in ("room", "task"))
    return (UUID(workspace.current.id) if workspace.current.id else None), room, task
