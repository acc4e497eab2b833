"""Rooms and tasks of the workspace that is looked at, and the videos of one task."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from webapp.accounts.service import Actor
from webapp.pages import LARGEST_PAGE
from webapp.ui.edge import Then, actor_of, as_user, focus_on
from webapp.ui.ids import uuid_of
from webapp.ui.states.workspace import current_id
from webapp.ui.words import text_of
from webapp.workspaces import places
from webapp.workspaces.views import RoomView, TaskView

Work = Callable[[Session, Actor], object]


@dataclass
class TaskCard:
    """A task as the page shows it."""

    id: str
    title: str
    description: str
    is_archived: bool

    @classmethod
    def of(cls, view: TaskView) -> "TaskCard":
        """The card of a view."""
        return cls(
            id=str(view.id),
            title=view.title,
            description=view.description,
            is_archived=view.archived_at is not None,
        )


@dataclass
class RoomCard:
    """A room with its tasks."""

    id: str
    name: str
    is_archived: bool
    tasks: list[TaskCard] = field(default_factory=list)

    @classmethod
    def of(cls, view: RoomView, tasks: tuple[TaskView, ...]) -> "RoomCard":
        """The card of a view."""
        return cls(
            id=str(view.id),
            name=view.name,
            is_archived=view.archived_at is not None,
            tasks=[TaskCard.of(task) for task in tasks],
        )


class PlacesState(rx.State):
    """What the page of a workspace shows of its rooms."""

    rooms: list[RoomCard] = []
    is_showing_archived: bool = False
    renaming: str = ""

    @rx.event
    async def show_archived(self, wish: bool) -> None:  # noqa: FBT001 - what a checkbox sends
        """Show what was put away as well, or hide it."""
        await actor_of(self)
        self.is_showing_archived = bool(wish)
        await read_rooms(self)

    @rx.event
    async def add_room(self, form: dict[str, Any]) -> None:
        """Make a room in the workspace that is looked at."""
        await actor_of(self)
        workspace_id = await current_id(self)
        await self._do(lambda session, actor: places.create_room(session, actor, workspace_id, text_of(form, "name")))

    @rx.event
    async def rename_room(self, form: dict[str, Any]) -> None:
        """Give a room another name."""
        await actor_of(self)
        room_id = uuid_of(text_of(form, "id"), "room")
        await self._do(lambda session, actor: places.rename_room(session, actor, room_id, text_of(form, "name")))

    @rx.event
    async def put_room_away(self, room_id: str, away: bool) -> None:  # noqa: FBT001 - what the buttons send
        """Archive a room, or take it out again."""
        act = places.archive_room if away else places.restore_room
        await self._do_to(room_id, "room", act)

    @rx.event
    async def add_task(self, form: dict[str, Any]) -> None:
        """Make a task in a room."""
        await actor_of(self)
        room_id = uuid_of(text_of(form, "id"), "room")
        await self._do(lambda session, actor: places.create_task(session, actor, room_id, text_of(form, "title")))

    @rx.event
    async def change_task(self, form: dict[str, Any]) -> None:
        """Give a task another title and description."""
        await actor_of(self)
        task_id = uuid_of(text_of(form, "id"), "task")
        words = {name: text_of(form, name) for name in ("title", "description")}
        await self._do(lambda session, actor: places.change_task(session, actor, task_id, **words))

    @rx.event
    async def put_task_away(self, task_id: str, away: bool) -> None:  # noqa: FBT001 - what the buttons send
        """Archive a task, or take it out again."""
        await self._do_to(task_id, "task", places.archive_task if away else places.restore_task)

    @rx.event
    async def begin_renaming(self, place_id: str) -> Then:
        """Turn a name into a field; nothing turns it back."""
        await actor_of(self)
        self.renaming = place_id if isinstance(place_id, str) else ""
        return focus_on("renamed") if self.renaming else None

    async def _do_to(self, text: str, what: str, act: Callable[[Session, Actor, UUID], object]) -> None:
        await actor_of(self)
        wanted = uuid_of(text, what)
        await self._do(lambda session, actor: act(session, actor, wanted))

    async def _do(self, work: Work) -> None:
        await as_user(self, work)
        self.renaming = ""
        await read_rooms(self)


async def read_rooms(state: PlacesState) -> None:
    """Read the rooms of the workspace that is looked at, each with its tasks."""
    workspace_id = await current_id(state)
    with_archived = state.is_showing_archived

    def read(session: Session, actor: Actor) -> list[RoomCard]:
        def tasks_of(room: RoomView) -> tuple[TaskView, ...]:
            return places.list_tasks(session, actor, room.id, with_archived=with_archived, limit=LARGEST_PAGE).tasks

        page = places.list_rooms(session, actor, workspace_id, with_archived=with_archived, limit=LARGEST_PAGE)
        return [RoomCard.of(room, tasks_of(room)) for room in page.rooms]

    state.rooms = await as_user(state, read)
