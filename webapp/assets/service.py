"""Assets: listed, read and removed. How they come in is ``webapp.assets.intake``'s."""

from functools import partial
from uuid import UUID

from sqlalchemy import String, or_
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, col, select

from cluster.jobs import JobState
from cluster.ports import ObjectStore
from webapp.accounts.service import Actor
from webapp.assets import preparations
from webapp.assets.views import AssetView, StoredFile
from webapp.billing.usage import project
from webapp.db import after_commit
from webapp.errors import ConflictError, NotFoundError
from webapp.models import AssetStatus, AssetType, RenderJob, Role, VideoAsset, WorkspaceMember, utc_now
from webapp.workspaces.service import require_role


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
    """Where the bytes of an asset are, for one who may read it.

    Raises:
        NotFoundError: There is none that the actor may read.
        ConflictError: It is not ready.
    """
    row = readable_asset(session, actor, asset_id)
    if row.status is not AssetStatus.READY:
        raise ConflictError(why_not_ready(row), "asset_id")
    return StoredFile(
        key=row.file_path,
        size_bytes=row.file_size,
        mime_type=row.mime_type,
        file_name=row.asset_name,
        etag=row.content_sha256 or row.sha256,
    )


def why_not_ready(row: VideoAsset) -> str:
    """What to tell someone who wants to use an asset that is not ready."""
    if row.status is AssetStatus.REJECTED:
        return f"“{row.asset_name}” cannot be used: {row.reject_reason}"
    return f"“{row.asset_name}” is still being prepared: try again in a moment."


def delete_asset(session: Session, objects: ObjectStore, actor: Actor, asset_id: UUID) -> None:
    """Remove an asset; its preparation ends, and its bytes go once the transaction is committed.

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
    keys = {row.file_path, *preparations.cancel(session, row.id)}
    session.delete(row)
    session.flush()
    project(session, row.user_id, utc_now())
    for key in keys:
        after_commit(session, partial(objects.delete, key))


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
