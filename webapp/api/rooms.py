"""Rooms over REST."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from webapp.api.edge import Asking
from webapp.api.paging import Archived, Cursor, Limit
from webapp.workspaces.places import (
    LONGEST_ROOM,
    archive_room,
    create_room,
    get_room,
    list_rooms,
    rename_room,
    restore_room,
)
from webapp.workspaces.views import RoomPage, RoomView

router = APIRouter(prefix="/api/rooms", tags=["rooms"])


class RoomName(BaseModel):
    """What a room is called."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=LONGEST_ROOM, examples=["Birthday greetings"])]


class RoomOrder(RoomName):
    """A room to make."""

    workspace_id: UUID


@router.get("")
def rooms(
    caller: Asking, workspace_id: UUID, *, with_archived: Archived = False, limit: Limit = 50, cursor: Cursor = None
) -> RoomPage:
    """A workspace's rooms, the newest first."""
    with caller.transaction() as (session, actor):
        return list_rooms(session, actor, workspace_id, with_archived=with_archived, limit=limit, cursor=cursor)


@router.post("", status_code=201)
def create(caller: Asking, order: RoomOrder) -> RoomView:
    """Make a room in a workspace."""
    with caller.transaction() as (session, actor):
        return create_room(session, actor, order.workspace_id, order.name)


@router.get("/{room_id}")
def room(caller: Asking, room_id: UUID) -> RoomView:
    """One room."""
    with caller.transaction() as (session, actor):
        return get_room(session, actor, room_id)


@router.patch("/{room_id}")
def rename(caller: Asking, room_id: UUID, order: RoomName) -> RoomView:
    """Give a room another name."""
    with caller.transaction() as (session, actor):
        return rename_room(session, actor, room_id, order.name)


@router.post("/{room_id}/archive")
def archive(caller: Asking, room_id: UUID) -> RoomView:
    """Put a room away: nothing new is made in it."""
    with caller.transaction() as (session, actor):
        return archive_room(session, actor, room_id)


@router.post("/{room_id}/restore")
def restore(caller: Asking, room_id: UUID) -> RoomView:
    """Take an archived room out again."""
    with caller.transaction() as (session, actor):
        return restore_room(session, actor, room_id)
