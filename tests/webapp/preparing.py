"""Preparations carried out at once, without a cluster: by what a worker does, and each file once in a run."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import select

from cluster.jobs import AssetType, JobFailure, JobState, PreparedAsset, PrepareRequest
from cluster.keys import poster_key
from cluster.policies import UploadRejectedError
from cluster.ports import ObjectStore
from cluster.preparation import prepare_asset
from cluster.storage import LocalObjectStore
from cluster.tasks import Workplace
from cluster.work import PrepareTask
from webapp.assets import preparations
from webapp.assets.clearing import clear_preparations
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.models import PreparationJob, utc_now


def prepare_uploads(container: Container) -> None:
    """Make all uploads ready that wait for it, or reject them."""
    with unit_of_work(container.engine) as session:
        jobs = session.exec(select(PreparationJob).where(PreparationJob.job_status == JobState.QUEUED)).all()
    for job in jobs:
        _prepare(container, job)
    clear_preparations(container.engine, container.objects, grace=timedelta())


def _prepare(container: Container, job: PreparationJob) -> None:
    with unit_of_work(container.engine) as session:
        request = preparations.begin(session, session.get_one(PreparationJob, job.id))
    assert request is not None
    done = carried_out(request, container.objects)
    with unit_of_work(container.engine) as session:
        row = session.get_one(PreparationJob, job.id)
        row.completed_at = utc_now()
        if isinstance(done, PreparedAsset):
            row.job_status = JobState.COMPLETED
            preparations.complete(session, row, done)
        else:
            row.job_status = JobState.FAILED
            preparations.reject(session, row, done)


def carried_out(request: PrepareRequest, objects: ObjectStore) -> PreparedAsset | JobFailure:
    """What a worker makes of an upload; what was prepared earlier in this run is copied."""
    made, content, picture = _made_of(objects.read(request.source), request.asset_type)
    if isinstance(made, JobFailure):
        return made
    objects.put_bytes(request.target, content)
    poster = poster_key(request.asset_type, request.target.rpartition("/")[2])
    objects.put_bytes(poster, picture)
    return PreparedAsset(
        key=request.target,
        size_bytes=made.size_bytes,
        sha256=made.sha256,
        mime_type=made.mime_type,
        info=made.info,
        seconds=made.seconds,
        poster=poster,
        poster_bytes=made.poster_bytes,
    )


@cache
def _made_of(upload: bytes, asset_type: AssetType) -> tuple[PreparedAsset | JobFailure, bytes, bytes]:
    with TemporaryDirectory() as folder:
        objects = LocalObjectStore(Path(folder))
        objects.put_bytes("upload", upload)
        task = PrepareTask(keys=("prepare:a",), label="prepare", asset_type=asset_type, source="upload", target="made")
        place = Workplace(objects=objects, locate=lambda ref: objects.materialise(ref.key), report=lambda _: None)
        try:
            made = prepare_asset(task, place)
        except UploadRejectedError as error:
            return JobFailure(code="invalid_input", message=error.problem), b"", b""
        return made, objects.read("made"), objects.read(made.poster or "")
