"""Assets over REST."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from webapp.api.edge import Asking
from webapp.api.files import serve_file
from webapp.api.multipart import read_parts
from webapp.api.receiver import UploadReceiver
from webapp.assets.service import delete_asset, get_asset, list_assets, open_asset
from webapp.assets.views import AssetView
from webapp.models import AssetType

router = APIRouter(prefix="/api/assets", tags=["assets"])
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


class AssetList(BaseModel):
    """Assets that the caller may use: their own, newest first, then the demo ones."""

    assets: tuple[AssetView, ...]


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
        receiver.close()


async def _hear_out(body: AsyncIterator[bytes]) -> None:
    """Let a client that is refused finish, within bounds: while it sends, many look at no answer."""
    left = _HEARD_OUT_BYTES
    with suppress(TimeoutError, ClientDisconnect, HTTPException):  # the last is the body's own bound
        async with asyncio.timeout(_HEARD_OUT_S):
            async for chunk in body:
                left -= len(chunk)
                if left < 0:
                    return


@router.get("/user-assets")
def user_assets(caller: Asking, asset_type: Annotated[AssetType | None, Query(alias="type")] = None) -> AssetList:
    """What the caller can render with."""
    with caller.transaction() as (session, actor):
        return AssetList(assets=list_assets(session, actor, asset_type))


@router.get("/{asset_id}")
def asset(caller: Asking, asset_id: UUID) -> AssetView:
    """One asset: whether it is ready, how far its preparation is, or why it was rejected."""
    with caller.transaction() as (session, actor):
        return get_asset(session, actor, asset_id)


@router.head("/{asset_id}/content", include_in_schema=False)
@router.get("/{asset_id}/content", response_class=Response)
def content(request: Request, caller: Asking, asset_id: UUID) -> Response:
    """The bytes of an asset, whole or in ranges."""
    with caller.transaction() as (session, actor):
        file = open_asset(session, actor, asset_id)
    return serve_file(request, caller.container.objects, file, is_inline=True)


@router.delete("/{asset_id}", status_code=204)
def delete(caller: Asking, asset_id: UUID) -> None:
    """Delete one of the caller's assets."""
    with caller.transaction() as (session, actor):
        delete_asset(session, caller.container.objects, actor, asset_id)
