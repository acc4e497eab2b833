"""Renders and videos over REST."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field

from webapp.accounts.service import Actor
from webapp.api.edge import Asking
from webapp.api.files import RENDERED_FILE, serve_file
from webapp.container import Container
from webapp.models import Scope
from webapp.pages import LARGEST_PAGE, CursorText
from webapp.renders.drafts import draft_of
from webapp.renders.files import describe_sprites, open_download, open_poster, open_sprites
from webapp.renders.idempotency import LONGEST_KEY
from webapp.renders.news import parse_event_id
from webapp.renders.service import (
    cancel_render,
    change_video,
    delete_video,
    get_video,
    list_videos,
    request_render,
    retry_render,
)
from webapp.renders.updates import AssetUpdate, Update, VideoUpdate
from webapp.renders.views import (
    RenderDraft,
    RenderOrder,
    VideoChange,
    VideoFilter,
    VideoPage,
    VideoView,
)
from webapp.workspaces.policy import Action, authorize, require_scope

router = APIRouter(prefix="/api", tags=["renders"])
_AT_ONCE = {"sqlite": 1, "postgresql": 3}
"""Orders are accepted in the sequence of their coming. They need the interpreter more than they wait for the database:
sixteen threads that do so at once take turns so often that everything takes twice the time."""
_line: RunVar[CapacityLimiter] = RunVar("_line")
_JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}}}


@router.post("/video/user-render", status_code=202, response_model=VideoView)
async def user_render(
    caller: Asking,
    order: RenderOrder,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=LONGEST_KEY)] = None,
) -> Response:
    """Ask for a render; the answer comes at once. Repeated with its `Idempotency-Key` within 24 h it is the same."""

    def accept() -> VideoView:
        with caller.transaction() as (session, actor):
            return request_render(session, actor, order, bell=caller.container.bell, idempotency_key=idempotency_key)

    video = await to_thread.run_sync(accept, limiter=_line_of(caller.container))
    location = {"Location": f"/api/video/render-status?video_id={video.id}"}
    return Response(video.model_dump_json(by_alias=True), 202, location, "application/json")


def _line_of(container: Container) -> CapacityLimiter:
    """Of this event loop."""
    line = _line.get(None)
    if line is None:
        line = CapacityLimiter(_AT_ONCE[container.engine.dialect.name])
        _line.set(line)
    return line


@router.get("/video/render-status")
def render_status(caller: Asking, video_id: UUID) -> VideoView:
    """How far a render is."""
    with caller.transaction() as (session, actor):
        return get_video(session, actor, video_id)


@router.post("/video/{video_id}/cancel")
def cancel(caller: Asking, video_id: UUID) -> VideoView:
    """Stop a render; its reservation is given back."""
    with caller.transaction() as (session, actor):
        return cancel_render(session, actor, video_id, bell=caller.container.bell)


@router.post("/video/{video_id}/retry", status_code=202)
def retry(caller: Asking, video_id: UUID) -> VideoView:
    """Render a failed or cancelled video anew. It counts as a video of the month again."""
    with caller.transaction() as (session, actor):
        return retry_render(session, actor, video_id, bell=caller.container.bell)


@router.get("/video/{video_id}/draft")
def draft(caller: Asking, video_id: UUID) -> RenderDraft:
    """What a video was made from: `order` can be changed and asked for again. Assets that are gone are named."""
    with caller.transaction() as (session, actor):
        return draft_of(session, actor, video_id)


@router.patch("/video/{video_id}")
def change(caller: Asking, video_id: UUID, change: VideoChange) -> VideoView:
    """Give a video another title or description."""
    with caller.transaction() as (session, actor):
        return change_video(session, actor, video_id, change)


@router.delete("/video/{video_id}", status_code=204)
def delete(caller: Asking, video_id: UUID) -> None:
    """Remove a video that has ended, with its files and links. It stays counted."""
    with caller.transaction() as (session, actor):
        delete_video(session, caller.container.objects, actor, video_id)


class VideoQuery(VideoFilter):
    """Which page of which videos."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 20
    cursor: CursorText | None = None


@router.get("/videos")
def videos(caller: Asking, query: Annotated[VideoQuery, Query()]) -> VideoPage:
    """The caller's videos, or those of a workspace, room or task, newest first."""
    with caller.transaction() as (session, actor):
        return list_videos(session, actor, query, limit=query.limit, cursor=query.cursor)


@router.head("/video/{video_id}/download", include_in_schema=False)
@router.get("/video/{video_id}/download", response_class=Response, responses=RENDERED_FILE)
def download(request: Request, caller: Asking, video_id: UUID, *, inline: bool = False) -> Response:
    """The finished file, whole or in ranges; `?inline=1` to play it rather than save it."""
    with caller.transaction() as (session, actor):
        file = open_download(session, actor, video_id)
    return serve_file(request, caller.container.objects, file, is_inline=inline)


@router.head("/video/{video_id}/poster", include_in_schema=False)
@router.get("/video/{video_id}/poster", response_class=Response, responses=_JPEG)
def poster(request: Request, caller: Asking, video_id: UUID) -> Response:
    """The picture that stands for a finished video, a JPEG."""
    with caller.transaction() as (session, actor):
        file = open_poster(session, caller.container.objects, actor, video_id)
    return serve_file(request, caller.container.objects, file, is_inline=True)


@router.head("/video/{video_id}/sprites", include_in_schema=False)
@router.get("/video/{video_id}/sprites", response_class=Response, responses=_JPEG)
def sprites(request: Request, caller: Asking, video_id: UUID) -> Response:
    """A sheet of a finished video's thumbnails, a JPEG; `sprites.vtt` says which is where."""
    with caller.transaction() as (session, actor):
        file = open_sprites(session, caller.container.objects, actor, video_id)
    return serve_file(request, caller.container.objects, file, is_inline=True)


@router.get("/video/{video_id}/sprites.vtt", response_class=Response, responses={200: {"content": {"text/vtt": {}}}})
def sprites_index(caller: Asking, video_id: UUID) -> Response:
    """The thumbnails as WebVTT, with parts of `sprites` as `#xywh=`: what players take for their bar."""
    with caller.transaction() as (session, actor):
        text = describe_sprites(session, actor, video_id)
    return Response(text, media_type="text/vtt", headers={"Cache-Control": "private, max-age=3600"})


def _watcher(
    caller: Asking, last_event_id: Annotated[str | None, Header()] = None, workspace_id: UUID | None = None
) -> Actor:
    """Everything that can be refused is refused before the stream begins."""
    if last_event_id is not None:
        parse_event_id(last_event_id)
    with caller.transaction() as (session, actor):
        require_scope(actor, Scope.VIDEOS_READ)
        if workspace_id is not None:
            authorize(session, actor, Action.READ_VIDEOS, workspace_id)
    caller.container.stream.require_room(actor.user_id)
    return actor


@router.get("/render/live-status", response_class=EventSourceResponse)
async def live_status(
    caller: Asking,
    actor: Annotated[Actor, Depends(_watcher)],
    last_event_id: Annotated[str | None, Header()] = None,
    workspace_id: UUID | None = None,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: a snapshot of each render under way, then every change. Resumable with `Last-Event-ID`.

    They tell of the caller's own videos, or with `workspace_id` of all in a workspace. Events named `video.renamed` and
    `video.deleted` say so of one `video_id`. Uploads that are being prepared are told of in events named `asset`, to
    keys with the scope `assets:read`. The stream ends with the session or key that opened it.
    """
    has_assets = actor.scopes is None or Scope.ASSETS_READ in actor.scopes
    updates = caller.container.stream.updates(
        actor.user_id, workspace_id=workspace_id, since=last_event_id, is_welcome=caller.is_known
    )
    async with aclosing(updates):
        async for update in updates:
            if has_assets or not isinstance(update, AssetUpdate):
                yield _event(update)


def _event(update: Update) -> ServerSentEvent:
    name = "asset" if isinstance(update, AssetUpdate) else None
    if isinstance(update, VideoUpdate):
        name = f"video.{update.kind}"
    data = update.model_dump(mode="json", exclude={"event_id", "note_id", "kind"})
    return ServerSentEvent(event=name, data=data, id=update.event_id)
