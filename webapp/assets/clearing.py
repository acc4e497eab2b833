"""Objects of preparations that have ended: removed by what the rows say, so that a crash at any moment leaves none."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, and_, or_, update
from sqlmodel import col, select

from cluster.jobs import JobState
from cluster.keys import INCOMING, QUARANTINE, incoming_key
from cluster.ports import ObjectStore
from webapp.assets.preparations import made_of
from webapp.assets.reservations import UPLOAD_LIFETIME, give_up
from webapp.db import unit_of_work
from webapp.models import AssetStatus, PreparationJob, VideoAsset, utc_now

_AT_A_TIME = 100
_GRACE = timedelta(seconds=60)
_STRAY_AGE = timedelta(hours=1)


def clear_preparations(engine: Engine, objects: ObjectStore, *, grace: timedelta = _GRACE) -> int:
    """Remove the uploads as they came, and what was made of them in vain. May be repeated, and run twice at once.

    Args:
        engine: The rows.
        objects: The bytes.
        grace: After the end of a job that gave nothing. A worker that is told to stop may write once more.

    Returns:
        How many preparations were cleared.

    Raises:
        StorageError: The store cannot be reached; what is left is cleared another time.
    """
    count = 0
    while ended := _ended(engine, grace):
        for job in ended:
            objects.delete(job.source_path)
            if job.job_status is not JobState.COMPLETED:
                for key in made_of(job.asset_type, job.target_path):
                    objects.delete(key)
        with unit_of_work(engine) as session:
            cleared = update(PreparationJob).where(col(PreparationJob.id).in_([job.id for job in ended]))
            session.execute(cleared.values(cleared_at=utc_now()))
        count += len(ended)
    return count


def clear_abandoned(engine: Engine, objects: ObjectStore) -> int:
    """Give up uploads that were announced or begun and did not come in their time; what they held is free again.

    Returns:
        How many were given up.
    """
    is_late = and_(col(VideoAsset.status) == AssetStatus.UPLOADING, col(VideoAsset.upload_expires_at) < utc_now())
    with unit_of_work(engine, is_read_only=True) as session:
        late = list(session.exec(select(VideoAsset.id).where(is_late).limit(_AT_A_TIME)))
    for asset_id in late:
        objects.delete(incoming_key(asset_id.hex))
        with unit_of_work(engine) as session:
            give_up(session, asset_id)
    return len(late)


def clear_strays(engine: Engine, objects: ObjectStore, *, grace: timedelta = _STRAY_AGE) -> int:
    """Remove uploads that never got a job: their process died between the two, or nobody said that they had come.

    Args:
        engine: The rows.
        objects: The bytes.
        grace: After the upload. Its job is written within moments; what was sent directly is asked for within an hour.

    Returns:
        How many were removed.
    """
    old = _older(objects, QUARANTINE, utc_now() - grace)
    with unit_of_work(engine, is_read_only=True) as session:
        rows = select(PreparationJob.source_path).where(col(PreparationJob.cleared_at).is_(None))
        expected = set(session.exec(rows))
    strays = [key for key in old if key not in expected]
    strays += _older(objects, INCOMING, utc_now() - grace - UPLOAD_LIFETIME)
    for key in strays:
        objects.delete(key)
    return len(strays)


def _older(objects: ObjectStore, prefix: str, before: datetime) -> list[str]:
    return [entry.key for entry in objects.entries(prefix) if entry.used_at < before]


def _ended(engine: Engine, grace: timedelta) -> list[PreparationJob]:
    state, in_vain = col(PreparationJob.job_status), [JobState.FAILED, JobState.CANCELLED]
    is_over = and_(state.in_(in_vain), col(PreparationJob.completed_at) <= utc_now() - grace)
    with unit_of_work(engine, is_read_only=True) as session:
        rows = select(PreparationJob).where(
            col(PreparationJob.cleared_at).is_(None), or_(state == JobState.COMPLETED, is_over)
        )
        return list(session.exec(rows.limit(_AT_A_TIME)))
