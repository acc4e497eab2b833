"""The picture of a template: a frame of its example, made of the demo media, painted once."""

import asyncio
import hashlib
from uuid import UUID

from sqlmodel import Session

from cluster.keys import picture_key
from cluster.ports import ObjectStore
from cluster.storage import ObjectNotFoundError
from render_core.cells import renderer_version
from render_core.spec import RenderSpec
from render_core.templates import asset_roles, make_video
from webapp.accounts.service import Actor
from webapp.assets.library import list_assets
from webapp.assets.resolve import resolve_assets
from webapp.assets.views import AssetFilter
from webapp.previews.service import StillService
from webapp.templates.showcase import showcase_of, takes_demo

_HEIGHT = 640


def showcase_spec(session: Session, actor: Actor, template: str) -> tuple[RenderSpec, int]:
    """What to paint for a template, and the number of the frame.

    Raises:
        InvalidInputError: There is no such template, or no demo media for it.
    """
    showcase = showcase_of(template)
    demos = sorted(list_assets(session, actor, AssetFilter(is_default=True)).assets, key=lambda one: one.asset_name)
    chosen: dict[str, list[UUID]] = {}
    for role in asset_roles(template):
        is_filled = takes_demo(template, role.name, is_required=role.is_required)
        fitting = [asset.id for asset in demos if is_filled and asset.asset_type == role.asset_type]
        chosen[role.name] = fitting if role.is_many else fitting[:1]
    full, video = make_video(template, resolve_assets(session, actor, chosen), showcase.config, quality="draft")
    spec = full.model_copy(update={"scale": min(1.0, _HEIGHT / video.format.height)})
    return spec, int(showcase.moment * video.format.fps)


async def showcase_picture(stills: StillService, objects: ObjectStore, spec: RenderSpec, frame: int) -> bytes:
    """The frame as a JPEG: kept beside the media until the renderer or the example changes."""
    what = f"{renderer_version()} {frame} {spec.model_dump_json()}"
    key = picture_key(hashlib.sha256(what.encode()).hexdigest())
    try:
        return await asyncio.to_thread(objects.read, key)
    except ObjectNotFoundError:
        jpeg = await stills.picture(spec, frame)
        await asyncio.to_thread(objects.put_bytes, key, jpeg)
        return jpeg
