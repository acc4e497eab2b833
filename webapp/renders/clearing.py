"""Files of renders that nobody will ask for: those that no row names."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import col, select

from cluster.jobs import JobState
from cluster.ports import ObjectStore
from webapp.db import unit_of_work
from webapp.models import RenderJob, UserVideo, utc_now

_FOLDER = "rendered-videos/"
_AT_A_TIME = 500
_AGE = timedelta(hours=1)


def clear_orphans(engine: Engine, objects: ObjectStore, *, grace: timedelta = _AGE) -> int:
    """Remove files of renders that were cancelled while they were put together, or deleted while the store was away.

    Args:
        engine: The rows.
        objects: The bytes.
        grace: After they were written. The row that names them is written within moments.

    Returns:
        How many were removed.
    """
    before = utc_now() - grace
    old = [entry.key for entry in objects.entries(_FOLDER) if entry.used_at <= before]
    orphans = [key for some in _portions(old) for key in _unnamed(engine, some)]
    for key in orphans:
        objects.delete(key)
    return len(orphans)


def _portions(keys: list[str]) -> Iterable[list[str]]:
    return (keys[start : start + _AT_A_TIME] for start in range(0, len(keys), _AT_A_TIME))


def _unnamed(engine: Engine, keys: list[str]) -> list[str]:
    """Those that neither a video names nor a render may still write."""
    videos = {key: video_id for key in keys if (video_id := _video_of(key)) is not None}
    ids = set(videos.values())
    rendering = _rendering(engine, ids)  # first: what ends meanwhile is named a moment later
    named = _named(engine, ids)
    return [key for key, video_id in videos.items() if key not in named and video_id not in rendering]


def _video_of(key: str) -> UUID | None:
    try:
        return UUID(key.split("/")[1])
    except ValueError:
        return None


def _named(engine: Engine, video_ids: set[UUID]) -> set[str | None]:
    with unit_of_work(engine, is_read_only=True) as session:
        videos = session.exec(select(UserVideo).where(col(UserVideo.id).in_(video_ids))).all()
    return {key for video in videos for key in (video.output_path, video.poster_path, video.sprites_path)}


def _rendering(engine: Engine, video_ids: set[UUID]) -> set[UUID]:
    is_open = col(RenderJob.job_status).in_([JobState.QUEUED, JobState.PROCESSING])
    with unit_of_work(engine, is_read_only=True) as session:
        return set(session.exec(select(RenderJob.video_id).where(col(RenderJob.video_id).in_(video_ids), is_open)))
