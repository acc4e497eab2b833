"""Assets: taken in, listed, read and removed. Nothing is stored of a file that is refused."""

import re
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Engine, String, or_
from sqlalchemy import cast as sql_cast
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from cluster.jobs import JobState
from cluster.ports import ObjectStore
from cluster.storage import asset_key
from render_core.ingest.probe import probe_untrusted
from render_core.spec import MediaInfo
from webapp.accounts.service import Actor
from webapp.assets.kinds import ACCEPTED, AcceptedMedia, declared_type, mime_type_of
from webapp.assets.partial import PartialUpload, UploadIntent, refuse_larger
from webapp.assets.views import AssetView, StoredFile
from webapp.billing.usage import lock_workspace, project, require_allowance
from webapp.db import after_commit, unit_of_work
from webapp.errors import ConflictError, InvalidError, NotFoundError, UnsupportedMediaError
from webapp.models import AssetType, RenderJob, Role, VideoAsset, WorkspaceMember, utc_now
from webapp.workspaces.service import require_role, workspace_for

_LONGEST_S = 1800
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


def begin_upload(session: Session, actor: Actor, intent: UploadIntent, *, folder: Path) -> PartialUpload:
    """Check what can be known beforehand and open a partial file in ``folder``.

    Raises:
        UnsupportedMediaError: The declared type is none that the asset's type takes.
        TooLargeError: The announced size is over the limit.
        QuotaExceededError: The workspace's storage is full.
    """
    workspace = workspace_for(session, actor, intent.workspace_id, Role.EDITOR)
    accepted = ACCEPTED[intent.asset_type]
    declared = declared_type(intent.mime_type)
    if declared is not None and declared not in accepted.mime_types:
        raise UnsupportedMediaError(_wrong_format(intent.asset_type, accepted, f"was sent as {declared}"), "file")
    refuse_larger(intent.asset_type, intent.size_bytes or 0)
    require_allowance(session, workspace, storage_bytes=max(1, intent.size_bytes or 0))
    return PartialUpload(intent, workspace.id, folder)


def finish_upload(engine: Engine, objects: ObjectStore, actor: Actor, upload: PartialUpload) -> AssetView:
    """Check the whole file and store it; the same bytes sent twice by one user are one asset.

    Blocks for as long as the probe takes: 0.5 s, and 10 s for half an hour of sound. Opens its own transactions: none
    is open while bytes are probed or copied.

    Raises:
        InvalidError: The file is empty.
        UnsupportedMediaError: The bytes are not the media that this type of asset takes.
        QuotaExceededError: The workspace's storage is full.
    """
    sha256 = upload.seal()
    if not upload.size_bytes:
        raise InvalidError("The file is empty: choose one with something in it.", "file")
    mime_type = _checked_format(upload)
    with unit_of_work(engine) as session:
        known = _same_bytes(session, actor.user_id, upload.intent.asset_type, sha256)
        if known is not None and "speech" in known.media_info:
            return AssetView.of(known)
    info = _checked_media(upload)
    if known is not None:
        return _probed_anew(engine, known.id, info)
    return _store(engine, objects, _row(actor, upload, sha256, mime_type, info), upload.path)


def _probed_anew(engine: Engine, asset_id: UUID, info: MediaInfo) -> AssetView:
    """An asset from the time when probes did not listen yet."""
    with unit_of_work(engine) as session:
        row = session.get_one(VideoAsset, asset_id)
        row.media_info = info.model_dump(mode="json")
        return AssetView.of(row)


def _checked_format(upload: PartialUpload) -> str:
    accepted = ACCEPTED[upload.intent.asset_type]
    found = mime_type_of(upload.path)
    if found not in accepted.mime_types:
        what = f"contains {found}" if found else "is not a media file that we know"
        raise UnsupportedMediaError(_wrong_format(upload.intent.asset_type, accepted, what), "file")
    return found


def _wrong_format(asset_type: AssetType, accepted: AcceptedMedia, what: str) -> str:
    return f"The file {what}: {asset_type} must be {accepted.words} of at most {accepted.limit_words}."


def _checked_media(upload: PartialUpload) -> MediaInfo:
    asset_type = upload.intent.asset_type
    accepted = ACCEPTED[asset_type]
    info = probe_untrusted(upload.path)
    if info.kind != accepted.kind:
        raise UnsupportedMediaError(_wrong_format(asset_type, accepted, f"contains {info.kind} only"), "file")
    if accepted.kind == "video" and not info.frame_count:
        raise UnsupportedMediaError(_wrong_format(asset_type, accepted, "has no pictures in it"), "file")
    if accepted.kind != "image" and not 0 < info.duration_s <= _LONGEST_S:
        raise UnsupportedMediaError(
            f"The file lasts {float(info.duration_s):.1f} s: send one of more than 0 and at most {_LONGEST_S} s.",
            "file",
        )
    return info


def _row(actor: Actor, upload: PartialUpload, sha256: str, mime_type: str, info: MediaInfo) -> VideoAsset:
    asset_id = uuid4()
    asset_type = upload.intent.asset_type
    return VideoAsset(
        id=asset_id,
        user_id=actor.user_id,
        workspace_id=upload.workspace_id,
        asset_type=asset_type,
        asset_name=_shown_name(upload.intent.file_name, asset_type),
        file_path=asset_key(asset_type, asset_id.hex),
        file_size=upload.size_bytes,
        mime_type=mime_type,
        sha256=sha256,
        duration=float(info.duration_s) if info.kind != "image" else None,
        width=info.width or None,
        height=info.height or None,
        media_info=info.model_dump(mode="json"),
    )


def _shown_name(file_name: str, asset_type: AssetType) -> str:
    name = _UNPRINTABLE.sub("", file_name.replace("\\", "/").rpartition("/")[2]).strip()
    return name[:200] or str(asset_type)


def _store(engine: Engine, objects: ObjectStore, row: VideoAsset, path: Path) -> AssetView:
    objects.put_file(row.file_path, path)
    try:
        with unit_of_work(engine) as session:
            workspace = lock_workspace(session, row.workspace_id)
            require_allowance(session, workspace, storage_bytes=row.file_size)
            session.add(row)
            session.flush()
            project(session, row.user_id, row.created_at)
        return AssetView.of(row)
    except IntegrityError:
        objects.delete(row.file_path)
        return _winner(engine, row)
    except BaseException:
        objects.delete(row.file_path)
        raise


def _winner(engine: Engine, row: VideoAsset) -> AssetView:
    """What a simultaneous upload of the same bytes has stored."""
    with unit_of_work(engine) as session:
        winner = _same_bytes(session, row.user_id, row.asset_type, row.sha256)
    if winner is None:
        raise ConflictError("The same file was being sent and removed at the same time: send it again.", "file")
    return AssetView.of(winner)


def _same_bytes(session: Session, user_id: UUID, asset_type: AssetType, sha256: str) -> VideoAsset | None:
    return session.exec(
        select(VideoAsset).where(
            VideoAsset.user_id == user_id, VideoAsset.asset_type == asset_type, VideoAsset.sha256 == sha256
        )
    ).one_or_none()


def list_assets(session: Session, actor: Actor, asset_type: AssetType | None = None) -> tuple[AssetView, ...]:
    """The actor's own assets, newest first, then the default ones."""
    rows = select(VideoAsset).where(or_(col(VideoAsset.user_id) == actor.user_id, col(VideoAsset.is_default)))
    if asset_type is not None:
        rows = rows.where(VideoAsset.asset_type == asset_type)
    rows = rows.order_by(col(VideoAsset.is_default), col(VideoAsset.created_at).desc(), col(VideoAsset.asset_name))
    return tuple(AssetView.of(row) for row in session.exec(rows))


def get_asset(session: Session, actor: Actor, asset_id: UUID) -> AssetView:
    """One asset that the actor may read."""
    return AssetView.of(readable_asset(session, actor, asset_id))


def readable_asset(session: Session, actor: Actor, asset_id: UUID, *, field: str = "asset_id") -> VideoAsset:
    """The row of an asset that is the actor's own, a default one, or of a workspace where the actor is a member.

    Raises:
        NotFoundError: None of these; ``field`` names the input that asked for it.
    """
    row = session.get(VideoAsset, asset_id)
    if row is not None and (row.is_default or row.user_id == actor.user_id or _is_member(session, actor, row)):
        return row
    raise NotFoundError(f"There is no asset {asset_id} that you may use: upload it, or choose one of yours.", field)


def _is_member(session: Session, actor: Actor, row: VideoAsset) -> bool:
    return session.get(WorkspaceMember, (row.workspace_id, actor.user_id)) is not None


def open_asset(session: Session, actor: Actor, asset_id: UUID) -> StoredFile:
    """Where the bytes of an asset are, for one who may read it."""
    row = readable_asset(session, actor, asset_id)
    return StoredFile(
        key=row.file_path,
        size_bytes=row.file_size,
        mime_type=row.mime_type,
        file_name=row.asset_name,
        etag=row.sha256,
    )


def delete_asset(session: Session, objects: ObjectStore, actor: Actor, asset_id: UUID) -> None:
    """Remove an asset; its bytes go once the transaction is committed.

    Raises:
        NotFoundError: Not the actor's, nor in a workspace where the actor may edit.
        ConflictError: A default asset, or one that a running render needs.
    """
    row = readable_asset(session, actor, asset_id)
    if row.is_default:
        raise ConflictError("Demo assets belong to everyone and stay.", "asset_id")
    if row.user_id != actor.user_id:
        require_role(session, actor, row.workspace_id, Role.EDITOR)
    if _is_being_rendered(session, row):
        raise ConflictError("A render still needs this asset: wait for it, or cancel it first.", "asset_id")
    session.delete(row)
    session.flush()
    project(session, row.user_id, utc_now())
    after_commit(session, lambda: objects.delete(row.file_path))


def _is_being_rendered(session: Session, row: VideoAsset) -> bool:
    # The key is unique and made of plain characters, so looking for it in the spec's text is exact.
    return bool(
        session.exec(
            select(RenderJob.id)
            .where(col(RenderJob.job_status).in_([JobState.QUEUED, JobState.PROCESSING]))
            .where(sql_cast(col(RenderJob.spec), String).contains(row.file_path))
            .limit(1)
        ).first()
    )
