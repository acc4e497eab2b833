"""Pictures for the editor: stills of drafts and thumbnails of media."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from fastapi.concurrency import run_in_threadpool

from render_core.media.still import StillFormat
from render_core.spec import AssetRef, RenderSpec
from webapp.api.edge import Asking, Caller
from webapp.assets.resolve import resolve_assets
from webapp.errors import NotFoundError, UnsupportedMediaError
from webapp.previews.showcase import showcase_picture, showcase_spec
from webapp.renders.checking import preview_spec
from webapp.renders.views import RenderOrder

router = APIRouter(tags=["previews"])
_JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}}}
_STILLS: dict[int | str, dict[str, Any]] = {200: {"content": {f"image/{form}": {} for form in ("jpeg", "png", "webp")}}}
LARGEST_STILL = 1920
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@router.api_route(
    "/api/previews/{digest}.jpg",
    methods=["GET", "HEAD"],
    response_class=Response,
    responses=_JPEG,
    include_in_schema=False,
)
def show_still(caller: Asking, digest: Digest) -> Response:
    """A still that was painted for the caller a moment ago."""
    jpeg = caller.container.stills.jpeg(str(caller.actor().user_id), digest)
    if jpeg is None:
        raise NotFoundError("This preview has expired: ask for it again.", "digest")
    return _picture(jpeg, kept_s=300)


@router.post("/api/video/still", response_class=Response, responses=_STILLS)
async def paint_draft(
    caller: Asking,
    order: RenderOrder,
    frame: Annotated[int, Query(ge=0, description="From 0; the last one when there are fewer")] = 0,
    height: Annotated[int, Query(ge=16, le=LARGEST_STILL, description="Pixels at most")] = 960,
    form: Annotated[StillFormat, Query(alias="format")] = "jpeg",
) -> Response:
    """One frame of what an order would render: nothing is reserved, rendered or kept."""
    spec = await run_in_threadpool(_drafted, caller, order, height)
    picture = await caller.container.stills.picture(spec, frame, form)
    return Response(picture, headers={"Cache-Control": "no-store"}, media_type=f"image/{form}")


def _drafted(caller: Caller, order: RenderOrder, height: int) -> RenderSpec:
    with caller.transaction() as (session, actor):
        return preview_spec(session, actor, order, height=height)


@router.api_route(
    "/api/assets/{asset_id}/thumbnail",
    methods=["GET", "HEAD"],
    response_class=Response,
    responses=_JPEG,
    include_in_schema=False,
)
async def show_thumbnail(caller: Asking, asset_id: UUID) -> Response:
    """A small picture of an image or a clip that the caller may read."""
    asset = await run_in_threadpool(_picturable, caller, asset_id)
    return _picture(await caller.container.stills.thumbnail(asset), kept_s=86_400)


@router.api_route(
    "/api/templates/{template}/picture.jpg",
    methods=["GET", "HEAD"],
    response_class=Response,
    responses=_JPEG,
    include_in_schema=False,
)
async def show_template(caller: Asking, template: str) -> Response:
    """A frame of a template's example, for all who are known."""
    spec, frame = await run_in_threadpool(_showcase, caller, template)
    container = caller.container
    return _picture(await showcase_picture(container.stills, container.objects, spec, frame), kept_s=3600)


def _showcase(caller: Caller, template: str) -> tuple[RenderSpec, int]:
    with caller.transaction() as (session, actor):
        return showcase_spec(session, actor, template)


def _picturable(caller: Caller, asset_id: UUID) -> AssetRef:
    with caller.transaction() as (session, actor):
        (asset,) = resolve_assets(session, actor, {"asset_id": asset_id})["asset_id"]
    if asset.info.kind == "audio":
        raise UnsupportedMediaError("A sound file has no picture.", "asset_id")
    return asset


def _picture(jpeg: bytes, *, kept_s: int) -> Response:
    headers = {"Cache-Control": f"private, max-age={kept_s}, immutable"}
    return Response(jpeg, headers=headers, media_type="image/jpeg")
