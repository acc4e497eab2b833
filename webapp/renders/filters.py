"""Which videos a list shows: those that the actor may see and that were asked for."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlmodel import Session, col

from webapp.accounts.service import Actor
from webapp.errors import NotFoundError
from webapp.models import Room, Scope, Task, UserVideo
from webapp.plain import folded, require_plain
from webapp.renders.views import VideoFilter
from webapp.workspaces.policy import Action, authorize, is_open_to, require_scope

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])


def visible(session: Session, actor: Actor, wanted: VideoFilter, rows: Rows) -> Rows:
    """The rows of what somebody wants to see: of a place, or what they have made themselves.

    Raises:
        NotFoundError: The place is none of theirs.
    """
    workspace_id = _workspace_of(session, wanted)
    if workspace_id is None:
        require_scope(actor, Scope.VIDEOS_READ)
        return rows.where(col(UserVideo.user_id) == actor.user_id, is_open_to(UserVideo.workspace_id, actor.user_id))
    authorize(session, actor, Action.READ_VIDEOS, workspace_id, unknown=_no_place(wanted))
    return rows.where(col(UserVideo.workspace_id) == workspace_id)


def _workspace_of(session: Session, wanted: VideoFilter) -> UUID | None:
    """Where the narrowest place that was named lies; an unknown one lies nowhere."""
    task = session.get(Task, wanted.task_id) if wanted.task_id else None
    room_id = task.room_id if task else wanted.room_id
    room = session.get(Room, room_id) if room_id else None
    if (wanted.task_id and task is None) or (room_id and room is None):
        raise _no_place(wanted)
    return room.workspace_id if room else wanted.workspace_id


def _no_place(wanted: VideoFilter) -> NotFoundError:
    kinds = {"task": wanted.task_id, "room": wanted.room_id, "workspace": wanted.workspace_id}
    kind = next(kind for kind, asked in kinds.items() if asked)
    return NotFoundError(f"There is no such {kind} of yours.", f"{kind}_id")


def narrowed(rows: Rows, wanted: VideoFilter) -> Rows:
    """Those among the rows that were asked for."""
    for column, value in (
        (UserVideo.workspace_id, wanted.workspace_id),
        (UserVideo.room_id, wanted.room_id),
        (UserVideo.task_id, wanted.task_id),
        (UserVideo.template_id, wanted.template_id),
    ):
        rows = rows if value is None else rows.where(col(column) == value)
    if wanted.status:
        rows = rows.where(col(UserVideo.render_status).in_(tuple(wanted.status)))
    if wanted.template_name is not None:
        rows = rows.where(col(UserVideo.input_props)["template_name"].as_string() == wanted.template_name)
    if wanted.created_from is not None:
        rows = rows.where(col(UserVideo.created_at) >= wanted.created_from)
    if wanted.created_before is not None:
        rows = rows.where(col(UserVideo.created_at) < wanted.created_before)
    return _searched(rows, wanted.search)


def _searched(rows: Rows, text: str) -> Rows:
    """Those whose title or description has all words, in any order."""
    require_plain(text, "search")
    for word in folded(text).split():
        rows = rows.where(col(UserVideo.search_text).contains(word, autoescape=True))
    return rows
