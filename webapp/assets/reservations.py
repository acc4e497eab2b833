"""Storage that is held for uploads while their bytes come: each is the row of an asset that is ``uploading``."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine, delete
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from webapp.billing.limits import lock_workspace, require_allowance
from webapp.billing.months import project
from webapp.db import unit_of_work
from webapp.errors import ConflictError, QuotaExceededError
from webapp.models import AssetStatus, VideoAsset, utc_now

UPLOAD_LIFETIME = timedelta(hours=1)
"""Longest silence of an upload; after it nobody waits for the rest."""
_STEP_BYTES = 1_000_000


def reserve(session: Session, row: VideoAsset) -> None:
    """Write the row of an upload that begins, holding its ``file_size``.

    Raises:
        QuotaExceededError: The workspace's storage is full.
    """
    workspace = lock_workspace(session, row.workspace_id)
    require_allowance(session, workspace, storage_bytes=row.file_size)
    row.status, row.upload_expires_at = AssetStatus.UPLOADING, utc_now() + UPLOAD_LIFETIME
    session.add(row)
    session.flush()
    project(session, row.user_id, utc_now())


def resize(session: Session, asset_id: UUID, size_bytes: int) -> VideoAsset:
    """Hold so many bytes for an upload that is under way; its row and workspace are held until the transaction ends.

    Raises:
        QuotaExceededError: There is no room for what it has grown by.
        ConflictError: The upload was given up meanwhile.
    """
    workspace_id = session.exec(select(VideoAsset.workspace_id).where(VideoAsset.id == asset_id)).one_or_none()
    workspace = None if workspace_id is None else lock_workspace(session, workspace_id)
    row = session.get(VideoAsset, asset_id, with_for_update=True, populate_existing=True)
    if workspace is None or row is None or row.status is not AssetStatus.UPLOADING:
        raise ConflictError("The upload was given up, or has ended already: begin anew.", "file")
    require_allowance(session, workspace, storage_bytes=max(0, size_bytes - row.file_size))
    row.file_size, row.upload_expires_at = size_bytes, utc_now() + UPLOAD_LIFETIME
    session.flush()
    return row


def give_up(session: Session, asset_id: UUID) -> None:
    """Release what is held for an upload; nothing happens when it has ended."""
    given_up = session.execute(
        delete(VideoAsset)
        .where(col(VideoAsset.id) == asset_id, col(VideoAsset.status) == AssetStatus.UPLOADING)
        .returning(col(VideoAsset.user_id))
    ).scalar_one_or_none()
    if given_up is not None:
        project(session, given_up, utc_now())


class Reservation:
    """What one upload holds, from the thread that receives it. Grows with the upload where its size was not told."""

    def __init__(self, engine: Engine, row: VideoAsset) -> None:
        self._engine = engine
        self._held_bytes = row.file_size
        self.asset_id = row.id
        self.workspace_id = row.workspace_id

    def cover(self, size_bytes: int) -> None:
        """Hold at least so many bytes: some more than asked for, where there is room, so that it is seldom asked.

        Raises:
            QuotaExceededError: There is no room for them.
            ConflictError: The upload was given up meanwhile.
        """
        if size_bytes <= self._held_bytes:
            return
        try:
            self._hold(size_bytes + _STEP_BYTES)
        except QuotaExceededError:
            self._hold(size_bytes)

    def _hold(self, size_bytes: int) -> None:
        with unit_of_work(self._engine) as session:
            resize(session, self.asset_id, size_bytes)
        self._held_bytes = size_bytes

    def release(self) -> None:
        """Give back what an upload holds that has broken off; nothing happens when it has ended well."""
        with suppress(SQLAlchemyError), unit_of_work(self._engine) as session:  # else it runs out by itself
            give_up(session, self.asset_id)
