"""Uploads that clients put into the object store themselves: announced, sent there, and then looked at here."""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from cluster.keys import incoming_key, quarantine_key
from cluster.ports import ObjectStore
from cluster.storage import ObjectNotFoundError
from render_core.ingest.sniff import HEAD_BYTES
from webapp.accounts.service import Actor
from webapp.assets.arrival import Arrived, Stores, take_in
from webapp.assets.intake import accepted_format, announce
from webapp.assets.kinds import mime_type_of_head
from webapp.assets.partial import UploadIntent
from webapp.assets.reservations import give_up
from webapp.assets.service import editable_asset
from webapp.assets.views import AssetView, DirectUpload
from webapp.db import unit_of_work
from webapp.errors import AppError, ConflictError, InvalidError
from webapp.models import AssetStatus, VideoAsset

FORM_LIFETIME = timedelta(minutes=15)
_CHUNK_BYTES = 1 << 20


def begin_direct(session: Session, stores: Stores, actor: Actor, intent: UploadIntent) -> DirectUpload:
    """Hold storage for a file, and say where to send it: so many bytes, to one key, within a quarter of an hour.

    Raises:
        ConflictError: Clients cannot reach this product's store.
        AppError: As ``webapp.assets.intake.announce``.
    """
    if not intent.size_bytes:
        raise InvalidError("Say how many bytes the file has: it cannot be empty.", "size_bytes")
    row = announce(session, actor, intent)
    form = stores.objects.upload_form(incoming_key(row.id.hex), intent.size_bytes, FORM_LIFETIME)
    if form is None:
        raise ConflictError("Files are sent through this server here: POST them to /api/assets/upload.")
    return DirectUpload(asset=AssetView.of(row), url=form.url, fields=form.fields, expires_at=form.expires_at)


def finish_direct(stores: Stores, actor: Actor, asset_id: UUID) -> AssetView:
    """Take in what was sent for an announced upload; asked again, it says how far the asset is.

    The bytes are first copied to where clients cannot change them any more. Opens its own transactions.

    Raises:
        NotFoundError: There is no such upload in a workspace of the actor's.
        ConflictError: Nothing has come yet.
        UnsupportedMediaError: Its first bytes are not those of the media that this type of asset takes: it is given up.
    """
    with unit_of_work(stores.engine) as session:
        row = editable_asset(session, actor, asset_id)
    if row.status is not AssetStatus.UPLOADING:
        return AssetView.of(row)
    job_id = uuid4()
    incoming, source = incoming_key(row.id.hex), quarantine_key(job_id.hex)
    _copy(stores.objects, incoming, source)
    try:
        view = take_in(stores, _examined(stores.objects, row, job_id), lambda _: None)
    except AppError:
        _discard(stores, row.id, incoming, source)
        raise
    stores.objects.delete(incoming)
    return view


def _discard(stores: Stores, asset_id: UUID, *keys: str) -> None:
    with unit_of_work(stores.engine) as session:
        give_up(session, asset_id)
    for key in keys:
        stores.objects.delete(key)


def _copy(objects: ObjectStore, incoming: str, source: str) -> None:
    try:
        objects.copy(incoming, source)
    except ObjectNotFoundError as error:
        raise ConflictError("The file has not come yet: send it to the address first, then ask again.") from error


def _examined(objects: ObjectStore, row: VideoAsset, job_id: UUID) -> Arrived:
    source = quarantine_key(job_id.hex)
    size_bytes = objects.size(source)
    if size_bytes != row.file_size:
        raise InvalidError(f"The file has {size_bytes} bytes, and {row.file_size} were announced.", "size_bytes")
    digest, head = hashlib.sha256(), b""
    with objects.open_range(source, 0, row.file_size - 1) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            head = head or chunk[:HEAD_BYTES]
            digest.update(chunk)
    return Arrived(
        asset_id=row.id,
        job_id=job_id,
        sha256=digest.hexdigest(),
        size_bytes=row.file_size,
        mime_type=accepted_format(row.asset_type, mime_type_of_head(head)),
    )
