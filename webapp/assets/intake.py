"""Assets on their way in: judged by their first bytes, put aside, and given to the cluster to be made ready."""

import re
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from cluster.ports import ObjectStore
from cluster.storage import asset_key, quarantine_key
from webapp.accounts.service import Actor
from webapp.assets.kinds import ACCEPTED, declared_type, mime_type_of, wrong_format
from webapp.assets.partial import PartialUpload, UploadIntent, refuse_larger
from webapp.assets.preparations import tell_queued
from webapp.assets.views import AssetView
from webapp.bell import Bell
from webapp.billing.usage import lock_workspace, project, require_allowance
from webapp.db import after_commit, unit_of_work
from webapp.errors import ConflictError, InvalidError, UnsupportedMediaError
from webapp.models import AssetStatus, AssetType, PreparationJob, Role, VideoAsset, utc_now
from webapp.workspaces.service import workspace_for

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


class Stores(Protocol):
    """Where assets go, and who is told."""

    @property
    def engine(self) -> Engine:
        """Their rows."""

    @property
    def objects(self) -> ObjectStore:
        """Their bytes."""

    @property
    def bell(self) -> Bell:
        """Rung once there is something to prepare."""


def begin_upload(session: Session, actor: Actor, intent: UploadIntent, *, folder: Path) -> PartialUpload:
    """Check what can be known beforehand and open a partial file in ``folder``.

    Raises:
        UnsupportedMediaError: The declared type is none that the asset's type takes.
        TooLargeError: The announced size is over the limit.
        QuotaExceededError: The workspace's storage is full.
    """
    workspace = workspace_for(session, actor, intent.workspace_id, Role.EDITOR)
    declared = declared_type(intent.mime_type)
    if declared is not None and declared not in ACCEPTED[intent.asset_type].mime_types:
        raise UnsupportedMediaError(wrong_format(intent.asset_type, f"was sent as {declared}"), "file")
    refuse_larger(intent.asset_type, intent.size_bytes or 0)
    require_allowance(session, workspace, storage_bytes=max(1, intent.size_bytes or 0))
    return PartialUpload(intent, workspace.id, folder)


def finish_upload(stores: Stores, actor: Actor, upload: PartialUpload) -> AssetView:
    """Put the file aside and order that it be made ready; the same bytes sent twice by one user are one asset.

    The asset is ``processing`` until then; what was rejected before is prepared anew. Opens its own transactions: none
    is open while bytes are copied.

    Raises:
        InvalidError: The file is empty.
        UnsupportedMediaError: Its first bytes are not those of the media that this type of asset takes.
        QuotaExceededError: The workspace's storage is full.
    """
    sha256 = upload.seal()
    if not upload.size_bytes:
        raise InvalidError("The file is empty: choose one with something in it.", "file")
    job_id = uuid4()
    row = _new_row(actor, upload, sha256, key_name=job_id.hex, mime_type=_checked_format(upload))
    with unit_of_work(stores.engine) as session:
        known = _known(session, row)
    if known is not None and known.status is not AssetStatus.REJECTED:
        return AssetView.of(known)
    source = quarantine_key(job_id.hex)
    stores.objects.put_file(source, upload.path)
    try:
        return _order(stores, row, job_id, source)
    except IntegrityError:
        stores.objects.delete(source)
        return _winner(stores.engine, row)
    except BaseException:
        stores.objects.delete(source)
        raise


def _checked_format(upload: PartialUpload) -> str:
    found = mime_type_of(upload.path)
    if found not in ACCEPTED[upload.intent.asset_type].mime_types:
        what = f"contains {found}" if found else "is not a media file that we know"
        raise UnsupportedMediaError(wrong_format(upload.intent.asset_type, what), "file")
    return found


def _new_row(actor: Actor, upload: PartialUpload, sha256: str, *, key_name: str, mime_type: str) -> VideoAsset:
    """The row of a sealed upload, not yet in the database."""
    asset_type = upload.intent.asset_type
    return VideoAsset(
        user_id=actor.user_id,
        workspace_id=upload.workspace_id,
        asset_type=asset_type,
        asset_name=_shown_name(upload.intent.file_name, asset_type),
        file_path=asset_key(asset_type, key_name),
        file_size=upload.size_bytes,
        mime_type=mime_type,
        sha256=sha256,
    )


def _shown_name(file_name: str, asset_type: AssetType) -> str:
    name = _UNPRINTABLE.sub("", file_name.replace("\\", "/").rpartition("/")[2]).strip()
    return name[:200] or str(asset_type)


def same_bytes(session: Session, user_id: UUID, asset_type: AssetType, sha256: str) -> VideoAsset | None:
    """The user's asset of these bytes; its row is held until the transaction ends."""
    rows = select(VideoAsset).where(
        VideoAsset.user_id == user_id, VideoAsset.asset_type == asset_type, VideoAsset.sha256 == sha256
    )
    return session.exec(rows.with_for_update()).one_or_none()


def _known(session: Session, row: VideoAsset) -> VideoAsset | None:
    return same_bytes(session, row.user_id, row.asset_type, row.sha256)


def _order(stores: Stores, row: VideoAsset, job_id: UUID, source: str) -> AssetView:
    """Write the asset and its job down. An IntegrityError tells that the same bytes were there sooner."""
    with unit_of_work(stores.engine) as session:
        workspace = lock_workspace(session, row.workspace_id)
        require_allowance(session, workspace, storage_bytes=row.file_size)
        asset = _revived(session, row) or row
        session.add(asset)
        session.flush()
        job = PreparationJob(
            id=job_id,
            workspace_id=asset.workspace_id,
            asset_id=asset.id,
            asset_type=asset.asset_type,
            source_path=source,
            target_path=asset.file_path,
            size_bytes=asset.file_size,
        )
        session.add(job)
        session.flush()
        project(session, asset.user_id, utc_now())
        after_commit(session, partial(tell_queued, stores.bell, job))
    return AssetView.of(asset)


def _revived(session: Session, row: VideoAsset) -> VideoAsset | None:
    """The same bytes' asset that was rejected before, as if it had just come."""
    known = _known(session, row)
    if known is None or known.status is not AssetStatus.REJECTED:
        return None
    for name in ("workspace_id", "asset_name", "file_path", "file_size", "mime_type"):
        setattr(known, name, getattr(row, name))
    known.status, known.progress, known.reject_reason = AssetStatus.PROCESSING, 0, None
    known.updated_at = utc_now()
    return known


def _winner(engine: Engine, row: VideoAsset) -> AssetView:
    """What a simultaneous upload of the same bytes has stored."""
    with unit_of_work(engine) as session:
        winner = _known(session, row)
    if winner is None:
        raise ConflictError("The same file was being sent and removed at the same time: send it again.", "file")
    return AssetView.of(winner)
