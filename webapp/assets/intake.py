"""Uploads through this process: judged by what is announced and by their first bytes, then put aside to be prepared."""

from functools import partial
from pathlib import Path
from uuid import uuid4

from sqlmodel import Session

from webapp.accounts.service import Actor
from webapp.assets.arrival import Arrived, Stores, take_in
from webapp.assets.kinds import ACCEPTED, declared_type, mime_type_of, wrong_format
from webapp.assets.names import give_name, name_of_file
from webapp.assets.partial import PartialUpload, UploadIntent, refuse_larger
from webapp.assets.reservations import Reservation, reserve
from webapp.assets.views import AssetView
from webapp.errors import InvalidError, UnsupportedMediaError
from webapp.models import AssetType, VideoAsset
from webapp.workspaces.policy import Action
from webapp.workspaces.service import workspace_for


def begin_upload(
    session: Session, stores: Stores, actor: Actor, intent: UploadIntent, *, folder: Path
) -> PartialUpload:
    """Check what can be known beforehand, hold storage for it, and open a partial file in ``folder``.

    Raises:
        UnsupportedMediaError: The declared type is none that the asset's type takes.
        TooLargeError: The announced size is over the limit.
        QuotaExceededError: The workspace's storage is full.
    """
    row = announce(session, actor, intent)
    return PartialUpload(intent, Reservation(stores.engine, row), folder)


def announce(session: Session, actor: Actor, intent: UploadIntent) -> VideoAsset:
    """The row of an upload that may come; its storage is held.

    Raises:
        AppError: As ``begin_upload`` does.
    """
    workspace = workspace_for(session, actor, intent.workspace_id, Action.WRITE_ASSETS)
    declared = declared_type(intent.mime_type)
    if declared is not None and declared not in ACCEPTED[intent.asset_type].mime_types:
        raise UnsupportedMediaError(wrong_format(intent.asset_type, f"was sent as {declared}"), "file")
    refuse_larger(intent.asset_type, intent.size_bytes or 0)
    row = VideoAsset(
        user_id=actor.user_id,
        workspace_id=workspace.id,
        asset_type=intent.asset_type,
        asset_name="",
        file_path="",
        file_size=max(1, intent.size_bytes or 0),
        mime_type=declared or "",
    )
    give_name(row, name_of_file(intent.file_name, intent.asset_type))
    reserve(session, row)
    return row


def finish_upload(stores: Stores, upload: PartialUpload) -> AssetView:
    """Put the file aside and order that it be made ready; the same bytes sent twice by one user are stored once.

    The asset is ``processing`` until then.

    Raises:
        InvalidError: The file is empty.
        UnsupportedMediaError: Its first bytes are not those of the media that this type of asset takes.
        QuotaExceededError: The workspace's storage is full.
        ConflictError: The upload was given up meanwhile.
    """
    sha256 = upload.seal()
    if not upload.size_bytes:
        raise InvalidError("The file is empty: choose one with something in it.", "file")
    arrived = Arrived(
        asset_id=upload.reservation.asset_id,
        job_id=uuid4(),
        sha256=sha256,
        size_bytes=upload.size_bytes,
        mime_type=accepted_format(upload.intent.asset_type, mime_type_of(upload.path)),
    )
    return take_in(stores, arrived, partial(stores.objects.put_file, path=upload.path))


def accepted_format(asset_type: AssetType, found: str | None) -> str:
    """The MIME type that a file's bytes have shown.

    Raises:
        UnsupportedMediaError: It is none that this type of asset takes.
    """
    if found not in ACCEPTED[asset_type].mime_types:
        what = f"contains {found}" if found else "is not a media file that we know"
        raise UnsupportedMediaError(wrong_format(asset_type, what), "file")
    return found
