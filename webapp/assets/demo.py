"""The demo assets: everybody's to use, stored at start when they are missing or have changed."""

import hashlib
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel import col

from cluster.keys import asset_key, poster_key
from cluster.ports import ObjectStore
from render_core.ingest.poster import poster_of
from render_core.ingest.probe import probe_untrusted
from render_core.spec import MediaInfo
from webapp.accounts.service import Actor, ensure_user
from webapp.assets.arrival import Stores, same_bytes
from webapp.assets.kinds import mime_type_of
from webapp.assets.preparations import describe
from webapp.db import unit_of_work
from webapp.models import AssetStatus, AssetType, VideoAsset
from webapp.plain import folded
from webapp.workspaces.service import personal_workspace

DEMO_FOLDER = Path(__file__).resolve().parents[2] / "demo"
_DEMOS = {
    "avatar": (AssetType.AVATAR, "Demo speaker"),
    "broll1": (AssetType.BACKGROUND, "Demo clip 1"),
    "broll2": (AssetType.BACKGROUND, "Demo clip 2"),
    "broll3": (AssetType.BACKGROUND, "Demo clip 3"),
    "cover": (AssetType.COVER, "Demo cover"),
    "music": (AssetType.MUSIC, "Demo music"),
}
_FORMATS = frozenset({".mp4", ".webm", ".jpg", ".png", ".webp", ".mp3"})


def seed_demo_assets(stores: Stores, folder: Path = DEMO_FOLDER) -> None:
    """Make the folder's files default assets: the same ones again change nothing, replaced ones stop being defaults."""
    with unit_of_work(stores.engine) as session:
        owner = ensure_user(session, "reelgrove", "demo")
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    demos = [path for path in files if path.stem in _DEMOS and path.suffix in _FORMATS]
    kept = [_seed(stores, owner, path) for path in demos]
    with unit_of_work(stores.engine) as session:
        own = col(VideoAsset.user_id) == owner.user_id
        session.execute(update(VideoAsset).where(own).values(is_default=col(VideoAsset.id).in_(kept)))


def _seed(stores: Stores, owner: Actor, path: Path) -> UUID:
    """Our own files are ready as they are: they need no preparation."""
    asset_type = _DEMOS[path.stem][0]
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with unit_of_work(stores.engine) as session:
        known = same_bytes(session, owner.user_id, asset_type, sha256)
        workspace_id = personal_workspace(session, owner).id
    row = known[0] if known else _new_row(owner, workspace_id, path, sha256)
    if "speech" not in row.media_info:  # it is new, or from the time when probes did not listen yet
        describe(row, probe_untrusted(path))
    if stores.objects.size(row.file_path) is None:  # it is new, or the database outlived the object store
        stores.objects.put_file(row.file_path, path)
        row.poster_path = None
    if row.poster_path is None:
        _draw(stores.objects, row, path)
    with unit_of_work(stores.engine) as session:
        session.merge(row)
    return row.id


def _draw(objects: ObjectStore, row: VideoAsset, path: Path) -> None:
    picture = poster_of(path, MediaInfo.model_validate(row.media_info))
    row.poster_path, row.poster_size = poster_key(row.asset_type, row.id.hex), len(picture)
    objects.put_bytes(row.poster_path, picture)


def _new_row(owner: Actor, workspace_id: UUID, path: Path, sha256: str) -> VideoAsset:
    asset_id = uuid4()
    asset_type, name = _DEMOS[path.stem]
    return VideoAsset(
        id=asset_id,
        user_id=owner.user_id,
        workspace_id=workspace_id,
        asset_type=asset_type,
        asset_name=name,
        search_text=folded(name),
        file_path=asset_key(asset_type, asset_id.hex),
        file_size=path.stat().st_size,
        mime_type=mime_type_of(path) or "",
        status=AssetStatus.READY,
        progress=100,
        sha256=sha256,
        content_sha256=sha256,
    )
