"""The demo assets: everybody's to use, stored at start when they are missing or have changed."""

import tempfile
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sqlalchemy import Engine, update
from sqlmodel import col

from cluster.ports import ObjectStore
from webapp.accounts.service import Actor, ensure_user
from webapp.assets.partial import UploadIntent
from webapp.assets.service import begin_upload, finish_upload, open_asset
from webapp.db import unit_of_work
from webapp.models import AssetType, VideoAsset

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


class Stores(Protocol):
    """Where assets go."""

    @property
    def engine(self) -> Engine:
        """Their rows."""

    @property
    def objects(self) -> ObjectStore:
        """Their bytes."""


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
    asset_type, name = _DEMOS[path.stem]
    intent = UploadIntent(asset_type=asset_type, file_name=name, size_bytes=path.stat().st_size)
    with tempfile.TemporaryDirectory() as folder:
        with unit_of_work(stores.engine) as session:
            upload = begin_upload(session, owner, intent, folder=Path(folder))
        with upload:
            upload.append(path.read_bytes())
            asset_id = finish_upload(stores.engine, stores.objects, owner, upload).id
    with unit_of_work(stores.engine) as session:
        stored = open_asset(session, owner, asset_id)
    if stores.objects.size(stored.key) is None:  # the database outlived the object store
        stores.objects.put_file(stored.key, path)
    return asset_id
