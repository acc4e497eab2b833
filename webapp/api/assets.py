"""Assets over REST."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from anyio import CancelScope
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from webapp.api.edge import Asking
from webapp.api.files import PREPARED_FILE, serve_file
from webapp.api.multipart import read_parts
from webapp.api.receiver import UploadReceiver
from webapp.assets.direct import begin_direct, finish_direct
from webapp.assets.library import list_assets
from webapp.assets.partial import UploadIntent
from webapp.assets.service import delete_asset, get_asset, link_asset, open_asset, open_poster, rename_asset
from webapp.assets.views import LONGEST_SEARCH, AssetChange, AssetFilter, AssetLink, AssetPage, AssetView, DirectUpload
from webapp.metrics import counting_refusals
from webapp.models import AssetStatus, AssetType
from webapp.pages import LARGEST_PAGE, CursorText

router = APIRouter(prefix="/api/assets", tags=["assets"])
_LONGEST_LINK_S = 7 * 86_400
_PICTURES: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}, "image/webp": {}}}}
_HEARD_OUT_BYTES, _HEARD_OUT_S = 4_000_000, 5.0
_UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["asset_type", "file"],
                    "properties": {
                        "asset_type": {"type": "string", "enum": list(AssetType)},
                        "workspace_id": {"type": "string", "format": "uuid"},
                        "file": {"type": "string", "format": "binary", "description": "Send it last."},
                    },
                }
            }
        },
    }
}


@router.post("/upload", status_code=201, openapi_extra=_UPLOAD_BODY)
async def upload(
    request: Request, caller: Asking, asset_type: Annotated[AssetType | None, Query(alias="type")] = None
) -> AssetView:
    """Upload one file. The type may stand in the address too, as `?type=`. The same bytes again give the same asset.

    The asset's `status` is `processing` until it has been prepared for videos: ask for it by its `id` until it is
    `ready`, or `rejected` with a reason.
    """
    await run_in_threadpool(caller.actor)
    length = request.headers.get("content-length", "")
    receiver = UploadReceiver(caller, asset_type, int(length) if length.isdecimal() else None)
    with counting_refusals():
        return await _receive(request, receiver)


async def _receive(request: Request, receiver: UploadReceiver) -> AssetView:
    body = request.stream()
    receiver.refuse_announced()
    try:
        async for event in read_parts(request.headers.get("content-type", ""), body):
            await receiver.take(event)
        return await receiver.finish()
    except Exception:
        await _hear_out(body)
        raise
    finally:
        with CancelScope(shield=True):  # what the upload holds is given back even when the client is gone
            await run_in_threadpool(receiver.close)


async def _hear_out(body: AsyncIterator[bytes]) -> None:
    """Let a client that is refused finish, within bounds: while it sends, many look at no answer."""
    left = _HEARD_OUT_BYTES
    with suppress(TimeoutError, ClientDisconnect, HTTPException):  # the last is the body's own bound
        async with asyncio.timeout(_HEARD_OUT_S):
            async for chunk in body:
                left -= len(chunk)
                if left < 0:
                    return


def _wanted(
    asset_type: Annotated[AssetType | None, Query(alias="type")] = None,
    workspace_id: UUID | None = None,
    status: AssetStatus | None = None,
    search: Annotated[str, Query(max_length=LONGEST_SEARCH, description="Words of the name")] = "",
    demo: Annotated[bool | None, Query(description="Only the demo assets, or none of them")] = None,
) -> AssetFilter:
    return AssetFilter(workspace_id=workspace_id, asset_type=asset_type, status=status, search=search, is_default=demo)


class DirectUploadWish(BaseModel):
    """A file that is to be sent to the object store itself."""

    model_config = ConfigDict(extra="forbid")

    asset_type: AssetType
    file_name: Annotated[str, Field(max_length=1000)]
    size_bytes: Annotated[int, Field(ge=1, description="Exactly")]
    mime_type: Annotated[str, Field(max_length=200)] = ""
    workspace_id: UUID | None = None


@router.post("/direct", status_code=201)
def announce_direct(caller: Asking, wish: DirectUploadWish) -> DirectUpload:
    """Ask where to send a file so that it reaches the object store without this server in between.

    Only where the store has a public address; else 409. POST `fields` and then the file, in a field named `file`, to
    `url`, and then to `/api/assets/{id}/uploaded`. What is not sent within an hour is forgotten.
    """
    intent = UploadIntent(**wish.model_dump())
    with caller.transaction() as (session, actor):
        return begin_direct(session, caller.container, actor, intent)


@router.post("/{asset_id}/uploaded")
def uploaded(caller: Asking, asset_id: UUID) -> AssetView:
    """Say that all of a file is in the object store: it is looked at, and then prepared as every upload."""
    return finish_direct(caller.container, caller.actor(), asset_id)


@router.get("/user-assets")
def user_assets(
    caller: Asking,
    wanted: Annotated[AssetFilter, Depends(_wanted)],
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
    cursor: Annotated[CursorText | None, Query()] = None,
) -> AssetPage:
    """What the caller can render with, the newest first: their own uploads or a workspace's, and the demo assets."""
    with caller.transaction() as (session, actor):
        return list_assets(session, actor, wanted, limit=limit, cursor=cursor)


@router.get("/{asset_id}")
def asset(caller: Asking, asset_id: UUID) -> AssetView:
    """One asset: whether it is ready, how far its preparation is, or why it was rejected."""
    with caller.transaction() as (session, actor):
        return get_asset(session, actor, asset_id)


@router.head("/{asset_id}/content", include_in_schema=False)
@router.get("/{asset_id}/content", response_class=Response, responses=PREPARED_FILE)
def content(request: Request, caller: Asking, asset_id: UUID) -> Response:
    """The bytes of an asset, whole or in ranges."""
    with caller.transaction() as (session, actor):
        file = open_asset(session, actor, asset_id)
    return serve_file(request, caller.container.objects, file, is_inline=True)


@router.head("/{asset_id}/poster", include_in_schema=False)
@router.get("/{asset_id}/poster", response_class=Response, responses=_PICTURES)
def poster(request: Request, caller: Asking, asset_id: UUID) -> Response:
    """The picture that stands for an asset: a frame, a thumbnail, or a sound's waveform."""
    with caller.transaction() as (session, actor):
        file = open_poster(session, actor, asset_id)
    return serve_file(request, caller.container.objects, file, is_inline=True)


@router.get("/{asset_id}/link")
def link(
    caller: Asking,
    asset_id: UUID,
    lifetime_s: Annotated[int, Query(ge=60, le=_LONGEST_LINK_S, description="Of links that expire: to music")] = 86_400,
) -> AssetLink:
    """An address under which anybody can read the asset, without a session or key.

    Links to avatars, covers and backgrounds last as long as the asset; links to music expire.
    """
    with caller.transaction() as (session, actor):
        return link_asset(session, caller.container.links, actor, asset_id, lifetime=timedelta(seconds=lifetime_s))


@router.patch("/{asset_id}")
def change(caller: Asking, asset_id: UUID, wish: AssetChange) -> AssetView:
    """Rename an asset."""
    with caller.transaction() as (session, actor):
        return rename_asset(session, actor, asset_id, wish.asset_name)


@router.delete("/{asset_id}", status_code=204)
def delete(caller: Asking, asset_id: UUID) -> None:
    """Delete an asset; refused while a video is being rendered with it."""
    with caller.transaction() as (session, actor):
        delete_asset(session, caller.container.objects, actor, asset_id)
