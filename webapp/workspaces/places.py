"""Rooms of a workspace and the tasks in them: where videos can lie."""

from uuid import UUID

from sqlmodel import Session, col, select

from webapp.accounts.service import Actor
from webapp.errors import ConflictError, InvalidError, NotFoundError
from webapp.models import Room, Task, utc_now
from webapp.pages import behind, cut
from webapp.plain import plain_line, require_plain
from webapp.workspaces.policy import Action, authorize
from webapp.workspaces.views import RoomPage, RoomView, TaskPage, TaskView

LONGEST_ROOM = 100
LONGEST_TASK = 200
LONGEST_DESCRIPTION = 2000


def list_rooms(
    session: Session,
    actor: Actor,
    workspace_id: UUID,
    *,
    with_archived: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> RoomPage:
    """A workspace's rooms, the newest first."""
    authorize(session, actor, Action.READ_WORKSPACE, workspace_id)
    rows = select(Room).where(Room.workspace_id == workspace_id)
    if not with_archived:
        rows = rows.where(col(Room.archived_at).is_(None))
    newest = behind(rows, col(Room.created_at), col(Room.id), limit=limit, cursor=cursor)
    page, next_cursor = cut(session.exec(newest).all(), limit, lambda room: (room.created_at, room.id))
    return RoomPage(rooms=tuple(map(RoomView.of, page)), next_cursor=next_cursor)


def get_room(session: Session, actor: Actor, room_id: UUID) -> RoomView:
    """One room."""
    return RoomView.of(_room(session, actor, room_id, Action.READ_WORKSPACE))


def create_room(session: Session, actor: Actor, workspace_id: UUID, name: str) -> RoomView:
    """Make a room."""
    authorize(session, actor, Action.WRITE_PLACES, workspace_id)
    room = Room(workspace_id=workspace_id, name=plain_line(name, "name", LONGEST_ROOM))
    session.add(room)
    session.flush()
    return RoomView.of(room)


def rename_room(session: Session, actor: Actor, room_id: UUID, name: str) -> RoomView:
    """Give a room another name."""
    room = _room(session, actor, room_id, Action.WRITE_PLACES)
    room.name = plain_line(name, "name", LONGEST_ROOM)
    return RoomView.of(room)


def archive_room(session: Session, actor: Actor, room_id: UUID) -> RoomView:
    """Put a room away: nothing new is made in it, and what was made there stays. Twice is once."""
    room = _room(session, actor, room_id, Action.WRITE_PLACES)
    room.archived_at = room.archived_at or utc_now()
    return RoomView.of(room)


def restore_room(session: Session, actor: Actor, room_id: UUID) -> RoomView:
    """Take an archived room out again. Twice is once."""
    room = _room(session, actor, room_id, Action.WRITE_PLACES)
    room.archived_at = None
    return RoomView.of(room)


def list_tasks(
    session: Session,
    actor: Actor,
    room_id: UUID,
    *,
    with_archived: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> TaskPage:
    """A room's tasks, the newest first."""
    room = _room(session, actor, room_id, Action.READ_WORKSPACE)
    rows = select(Task).where(Task.room_id == room_id)
    if not with_archived:
        rows = rows.where(col(Task.archived_at).is_(None))
    newest = behind(rows, col(Task.created_at), col(Task.id), limit=limit, cursor=cursor)
    page, next_cursor = cut(session.exec(newest).all(), limit, lambda task: (task.created_at, task.id))
    return TaskPage(tasks=tuple(TaskView.of(task, room) for task in page), next_cursor=next_cursor)


def get_task(session: Session, actor: Actor, task_id: UUID) -> TaskView:
    """One task. Its videos are listed by the renders room."""
    return TaskView.of(*_task(session, actor, task_id, Action.READ_WORKSPACE))


def create_task(session: Session, actor: Actor, room_id: UUID, title: str, description: str = "") -> TaskView:
    """Make a task in a room.

    Raises:
        ConflictError: The room is archived.
    """
    room = _room(session, actor, room_id, Action.WRITE_PLACES)
    _require_open(room, "room_id")
    task = Task(room_id=room.id, title=plain_line(title, "title", LONGEST_TASK), description=_text(description))
    session.add(task)
    session.flush()
    return TaskView.of(task, room)


def change_task(
    session: Session, actor: Actor, task_id: UUID, *, title: str | None = None, description: str | None = None
) -> TaskView:
    """Give a task another title or description; None leaves what there is."""
    task, room = _task(session, actor, task_id, Action.WRITE_PLACES)
    if title is not None:
        task.title = plain_line(title, "title", LONGEST_TASK)
    if description is not None:
        task.description = _text(description)
    return TaskView.of(task, room)


def archive_task(session: Session, actor: Actor, task_id: UUID) -> TaskView:
    """Put a task away: nothing new is made for it, and its videos stay. Twice is once."""
    task, room = _task(session, actor, task_id, Action.WRITE_PLACES)
    task.archived_at = task.archived_at or utc_now()
    return TaskView.of(task, room)


def restore_task(session: Session, actor: Actor, task_id: UUID) -> TaskView:
    """Take an archived task out again. Twice is once."""
    task, room = _task(session, actor, task_id, Action.WRITE_PLACES)
    task.archived_at = None
    return TaskView.of(task, room)


def _text(description: str) -> str:
    require_plain(description, "description")
    if len(description) > LONGEST_DESCRIPTION:
        raise InvalidError(f"A description has {LONGEST_DESCRIPTION} characters at most.", "description")
    return description.strip()


def _room(session: Session, actor: Actor, room_id: UUID, action: Action) -> Room:
    unknown = NotFoundError("There is no such room of yours.", "room_id")
    room = session.get(Room, room_id)
    if room is None:
        raise unknown
    authorize(session, actor, action, room.workspace_id, unknown=unknown)
    return room


def _task(session: Session, actor: Actor, task_id: UUID, action: Action) -> tuple[Task, Room]:
    unknown = NotFoundError("There is no such task of yours.", "task_id")
    found = session.exec(
        select(Task, Room).join(Room, col(Room.id) == col(Task.room_id)).where(Task.id == task_id)
    ).one_or_none()
    if found is None:
        raise unknown
    task, room = found
    authorize(session, actor, action, room.workspace_id, unknown=unknown)
    return task, room


def require_place(session: Session, workspace_id: UUID, room_id: UUID | None, task_id: UUID | None) -> UUID | None:
    """Check that a room and a task lie in the workspace and in each other, and are open; the room that results.

    Raises:
        NotFoundError: One of them lies elsewhere or does not exist.
        ConflictError: One of them is archived.
    """
    task = session.get(Task, task_id) if task_id else None
    if task_id and task is None:
        raise NotFoundError("There is no such task in this workspace.", "task_id")
    if task and room_id not in {None, task.room_id}:
        raise NotFoundError("The task does not lie in this room.", "task_id")
    place = task.room_id if task else room_id
    room = session.get(Room, place) if place else None
    field = "task_id" if task else "room_id"
    if place and (room is None or room.workspace_id != workspace_id):
        raise NotFoundError("There is no such room in this workspace.", field)
    for each in (room, task):
        _require_open(each, field)
    return place


def _require_open(place: Room | Task | None, field: str) -> None:
    if place is not None and place.archived_at is not None:
        kind, name = ("room", place.name) if isinstance(place, Room) else ("task", place.title)
        raise ConflictError(f"The {kind} “{name}” is archived: restore it first, or choose another one.", field)
