"""An upload whose bytes have all come: the same ones that its user has sent before, or something to be prepared."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cluster.keys import asset_key, quarantine_key
from cluster.ports import ObjectStore
from webapp.assets.names import give_name
from webapp.assets.preparations import tell_queued
from webapp.assets.reservations import give_up, resize
from webapp.assets.views import AssetView
from webapp.bell import Bell
from webapp.billing.months import project
from webapp.db import after_commit, unit_of_work
from webapp.errors import AppError
from webapp.models import AssetStatus, AssetType, PreparationJob, VideoAsset, utc_now

_FACTS_OF_FILE = (
    *("file_path", "file_size", "mime_type", "sha256", "content_sha256"),
    *("duration", "width", "height", "poster_path", "poster_size", "media_info"),
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What is known of an upload that is complete.

    Attributes:
        asset_id: Of its row, which is ``uploading``.
        job_id: Its preparation's, which also names its objects.
        mime_type: By its first bytes.
    """

    asset_id: UUID
    job_id: UUID
    sha256: str
    size_bytes: int
    mime_type: str

    @property
    def source(self) -> str:
        """Where it lies in quarantine."""
        return quarantine_key(self.job_id.hex)

    def target(self, asset_type: AssetType) -> str:
        """Where what is made of it will be."""
        return asset_key(asset_type, self.job_id.hex)


def take_in(stores: Stores, arrived: Arrived, put_aside: Callable[[str], object]) -> AssetView:
    """Order that an upload be made ready; bytes that its user has sent before are taken from there.

    What was rejected before is prepared anew. Opens its own transactions: none is open while bytes are copied.

    Args:
        stores: Where to.
        arrived: The upload.
        put_aside: Puts its bytes under the key it is given.

    Raises:
        QuotaExceededError: The workspace's storage is full.
        ConflictError: The upload was given up meanwhile.
    """
    with unit_of_work(stores.engine) as session:
        asset = _sent_before(session, arrived)
    if asset is None:
        put_aside(arrived.source)
        asset = _write_down(stores, arrived)
    if asset.file_path != arrived.target(asset.asset_type):  # it is not this upload that is prepared
        stores.objects.delete(arrived.source)
    return AssetView.of(asset)


def _write_down(stores: Stores, arrived: Arrived) -> VideoAsset:
    try:
        with unit_of_work(stores.engine) as session:
            return _sent_before(session, arrived) or _order(session, stores.bell, arrived)
    except AppError:  # after any other error it may be written down all the same: strays go by their age
        stores.objects.delete(arrived.source)
        raise


def same_bytes(session: Session, user_id: UUID, asset_type: AssetType, sha256: str) -> list[VideoAsset]:
    """The user's assets of these bytes, one a workspace; their rows are held until the transaction ends."""
    rows = select(VideoAsset).where(
        VideoAsset.user_id == user_id, VideoAsset.asset_type == asset_type, VideoAsset.sha256 == sha256
    )
    return list(session.exec(rows.order_by(col(VideoAsset.id)).with_for_update()))


def _sent_before(session: Session, arrived: Arrived) -> VideoAsset | None:
    """The same bytes' asset in this workspace, or one made of the user's in another; None when they must be prepared.

    Whoever writes a hash holds the workspace: what is not found here will not be there a moment later.
    """
    row = resize(session, arrived.asset_id, arrived.size_bytes)
    known = same_bytes(session, row.user_id, row.asset_type, arrived.sha256)
    here = _in(row.workspace_id, known)
    if here is not None:
        return None if here.status is AssetStatus.REJECTED else _instead(session, row, here)
    ready = [other for other in known if other.status is AssetStatus.READY]
    return _copied(session, row, ready[0]) if ready else None


def _instead(session: Session, row: VideoAsset, known: VideoAsset) -> VideoAsset:
    give_up(session, row.id)
    return known


def _copied(session: Session, row: VideoAsset, ready: VideoAsset) -> VideoAsset:
    """The upload's asset, with the files of another workspace's: they stay as long as one of both names them."""
    resize(session, row.id, ready.file_size + (ready.poster_size or 0))
    for name in _FACTS_OF_FILE:
        setattr(row, name, getattr(ready, name))
    _move_on(session, row, AssetStatus.READY)
    return row


def _in(workspace_id: UUID, assets: list[VideoAsset]) -> VideoAsset | None:
    return next((asset for asset in assets if asset.workspace_id == workspace_id), None)


def _order(session: Session, bell: Bell, arrived: Arrived) -> VideoAsset:
    """Write the asset and its job down."""
    asset = _arrived_row(session, arrived)
    job = PreparationJob(
        id=arrived.job_id,
        workspace_id=asset.workspace_id,
        asset_id=asset.id,
        asset_type=asset.asset_type,
        source_path=arrived.source,
        target_path=asset.file_path,
        size_bytes=asset.file_size,
    )
    session.add(job)
    _move_on(session, asset, AssetStatus.PROCESSING)
    after_commit(session, partial(tell_queued, bell, job))
    return asset


def _arrived_row(session: Session, arrived: Arrived) -> VideoAsset:
    """The upload's row with what is known now; or that of the same bytes, rejected before, as if it had just come."""
    row = resize(session, arrived.asset_id, arrived.size_bytes)
    rejected = _in(row.workspace_id, same_bytes(session, row.user_id, row.asset_type, arrived.sha256))
    asset = row if rejected is None else rejected
    give_name(asset, row.asset_name)
    asset.file_size = row.file_size
    asset.mime_type, asset.sha256 = arrived.mime_type, arrived.sha256
    asset.file_path = arrived.target(row.asset_type)
    if rejected is not None:
        give_up(session, row.id)
    return asset


def _move_on(session: Session, asset: VideoAsset, status: AssetStatus) -> None:
    asset.status, asset.progress = status, 100 if status is AssetStatus.READY else 0
    asset.reject_reason, asset.upload_expires_at, asset.updated_at = None, None, utc_now()
    session.flush()
    project(session, asset.user_id, utc_now())
