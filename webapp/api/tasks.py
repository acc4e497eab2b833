"""Tasks over REST."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from webapp.api.edge import Asking
from webapp.api.paging import Archived, Cursor, Limit
from webapp.renders.service import list_videos
from webapp.renders.views import VideoFilter, VideoPage
from webapp.workspaces.places import (
    LONGEST_DESCRIPTION,
    LONGEST_TASK,
    archive_task,
    change_task,
    create_task,
    get_task,
    list_tasks,
    restore_task,
)
from webapp.workspaces.views import TaskPage, TaskView

router = APIRouter(prefix="/api/tasks", tags=["tasks"])
Title = Annotated[str, Field(max_length=LONGEST_TASK, examples=["A greeting for each of our clients"])]
Description = Annotated[str, Field(max_length=LONGEST_DESCRIPTION)]


class TaskOrder(BaseModel):
    """A task to make."""

    model_config = ConfigDict(extra="forbid")

    room_id: UUID
    title: Title
    description: Description = ""


class TaskChange(BaseModel):
    """What becomes of a task; what is left away stays."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    description: Description | None = None


class TaskDetails(TaskView):
    """A task with what was made for it."""

    videos: VideoPage


@router.get("")
def tasks(
    caller: Asking, room_id: UUID, *, with_archived: Archived = False, limit: Limit = 50, cursor: Cursor = None
) -> TaskPage:
    """A room's tasks, the newest first."""
    with caller.transaction() as (session, actor):
        return list_tasks(session, actor, room_id, with_archived=with_archived, limit=limit, cursor=cursor)


@router.post("", status_code=201)
def create(caller: Asking, order: TaskOrder) -> TaskView:
    """Make a task in a room."""
    with caller.transaction() as (session, actor):
        return create_task(session, actor, order.room_id, order.title, order.description)


@router.get("/{task_id}")
def task(caller: Asking, task_id: UUID, limit: Limit = 20, cursor: Cursor = None) -> TaskDetails:
    """One task with a page of its videos, the newest first."""
    with caller.transaction() as (session, actor):
        found = get_task(session, actor, task_id)
        videos = list_videos(session, actor, VideoFilter(task_id=task_id), limit=limit, cursor=cursor)
    return TaskDetails(**found.model_dump(), videos=videos)


@router.patch("/{task_id}")
def change(caller: Asking, task_id: UUID, order: TaskChange) -> TaskView:
    """Give a task another title or description."""
    with caller.transaction() as (session, actor):
        return change_task(session, actor, task_id, title=order.title, description=order.description)


@router.post("/{task_id}/archive")
def archive(caller: Asking, task_id: UUID) -> TaskView:
    """Put a task away: nothing new is made for it."""
    with caller.transaction() as (session, actor):
        return archive_task(session, actor, task_id)


@router.post("/{task_id}/restore")
def restore(caller: Asking, task_id: UUID) -> TaskView:
    """Take an archived task out again."""
    with caller.transaction() as (session, actor):
        return restore_task(session, actor, task_id)
