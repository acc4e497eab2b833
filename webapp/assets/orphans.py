"""Files of assets that no row names: left when the store was away, or a process died, just as an asset was deleted."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import col, select

from cluster.keys import ASSET_FOLDERS, POSTERS, asset_key
from cluster.ports import ObjectStore
from webapp.db import unit_of_work
from webapp.models import PreparationJob, VideoAsset, utc_now

_AT_A_TIME = 100
_AGE = timedelta(hours=1)


def clear_asset_orphans(engine: Engine, objects: ObjectStore, *, grace: timedelta = _AGE) -> int:
    """Remove files and pictures that belong to no asset and to no preparation.

    Args:
        engine: The rows.
        objects: The bytes.
        grace: After they were written. The row that names them is written within moments.

    Returns:
        How many were removed.
    """
    before = utc_now() - grace
    prefixes = (*(f"{folder}/" for folder in ASSET_FOLDERS.values()), POSTERS)
    old = [entry.key for prefix in prefixes for entry in objects.entries(prefix) if entry.used_at <= before]
    orphans = [
        key for start in range(0, len(old), _AT_A_TIME) for key in _unnamed(engine, old[start : start + _AT_A_TIME])
    ]
    for key in orphans:
        objects.delete(key)
    return len(orphans)


def _unnamed(engine: Engine, keys: list[str]) -> list[str]:
    files = {key: _files_of(key) for key in keys}
    asked = {file for some in files.values() for file in some}
    target = col(PreparationJob.target_path)
    with unit_of_work(engine, is_read_only=True) as session:
        # Jobs first: what they make is named by its asset before they are cleared.
        made = select(target).where(target.in_(asked), col(PreparationJob.cleared_at).is_(None))
        wanted = set(session.exec(made))
        wanted |= set(session.exec(select(VideoAsset.file_path).where(col(VideoAsset.file_path).in_(asked))))
    return [key for key, some in files.items() if not wanted.intersection(some)]


def _files_of(key: str) -> set[str]:
    """The file itself, or those whose picture it can be: a picture has its file's name."""
    if not key.startswith(POSTERS):
        return {key}
    name = key.rpartition("/")[2].rpartition(".")[0]
    return {asset_key(kind, name) for kind in ASSET_FOLDERS}
