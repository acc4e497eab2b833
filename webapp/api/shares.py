"""Shared videos over HTTP: links are made and ended with a session or key, and opened with nothing but the link."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from webapp.api.edge import Asking, Services
from webapp.api.files import serve_file
from webapp.api.share_page import closed_page, shared_page
from webapp.db import unit_of_work
from webapp.errors import NotFoundError
from webapp.renders.shares import (
    LONGEST,
    SHORTEST,
    SharedVideo,
    ShareView,
    end_share,
    list_shares,
    open_share,
    open_shared_poster,
    open_shared_video,
    share_video,
)

router = APIRouter(prefix="/api", tags=["shares"])
page_router = APIRouter(include_in_schema=False)
_MEDIA: dict[int | str, dict[str, Any]] = {200: {"content": {"video/mp4": {}, "video/webm": {}, "image/gif": {}}}}
_JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}}}
_UNLISTED = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
_ONLY_OURS = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


class NewShare(BaseModel):
    """For how long anybody may watch."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{"lifetime_s": 604800}]})

    lifetime_s: Annotated[int, Field(ge=int(SHORTEST.total_seconds()), le=int(LONGEST.total_seconds()))] = 604_800


class ShareList(BaseModel):
    """A video's links that are open."""

    shares: tuple[ShareView, ...]


@router.post("/video/{video_id}/shares", status_code=201)
def share(caller: Asking, video_id: UUID, order: NewShare) -> ShareView:
    """Make a link under which anybody may watch a finished video. Put `url` behind this server's address."""
    lifetime = timedelta(seconds=order.lifetime_s)
    with caller.transaction() as (session, actor):
        return share_video(session, caller.container.links, actor, video_id, lifetime)


@router.get("/video/{video_id}/shares")
def shares(caller: Asking, video_id: UUID) -> ShareList:
    """A video's links that are open, the newest first."""
    with caller.transaction() as (session, actor):
        return ShareList(shares=list_shares(session, caller.container.links, actor, video_id))


@router.delete("/video/{video_id}/shares/{share_id}", status_code=204)
def end(caller: Asking, video_id: UUID, share_id: UUID) -> None:
    """End a link before its time."""
    with caller.transaction() as (session, actor):
        end_share(session, actor, video_id, share_id)


@router.get("/share/{token}")
def shared(services: Services, token: str) -> SharedVideo:
    """What a link leads to. Needs nothing but the link."""
    with unit_of_work(services.engine, is_read_only=True) as session:
        return open_share(session, services.links, token)


@router.head("/share/{token}/video", include_in_schema=False)
@router.get("/share/{token}/video", response_class=Response, responses=_MEDIA)
def shared_video(request: Request, services: Services, token: str, *, download: bool = False) -> Response:
    """The bytes of a shared video, whole or in ranges; `?download=1` to save it rather than play it."""
    with unit_of_work(services.engine, is_read_only=True) as session:
        file = open_shared_video(session, services.links, token)
    return _unlisted(serve_file(request, services.objects, file, is_inline=not download))


@router.head("/share/{token}/poster", include_in_schema=False)
@router.get("/share/{token}/poster", response_class=Response, responses=_JPEG)
def shared_poster(request: Request, services: Services, token: str) -> Response:
    """The picture of a shared video, a JPEG."""
    with unit_of_work(services.engine, is_read_only=True) as session:
        file = open_shared_poster(session, services.links, services.objects, token)
    return _unlisted(serve_file(request, services.objects, file, is_inline=True))


@page_router.head("/share/{token}")
@page_router.get("/share/{token}")
def share_page(request: Request, services: Services, token: str) -> HTMLResponse:
    """The page that people open."""
    try:
        with unit_of_work(services.engine, is_read_only=True) as session:
            video = open_share(session, services.links, token)
    except NotFoundError:
        return HTMLResponse(closed_page(), 404, _page_headers(services))
    origin = services.settings.web.public_url or str(request.base_url)
    return HTMLResponse(shared_page(video, origin), headers=_page_headers(services))


def _page_headers(services: Services) -> dict[str, str]:
    """Media come from here, or from the object store where clients are sent there for them."""
    sources = f"'self' {services.settings.storage.s3_public_endpoint}".strip()
    policy = f"{_ONLY_OURS}; img-src {sources}; media-src {sources}"
    return {**_UNLISTED, "Cache-Control": "no-store", "Content-Security-Policy": policy}


def _unlisted(answer: Response) -> Response:
    answer.headers.update(_UNLISTED)
    return answer
