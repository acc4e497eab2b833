"""Assets: read, linked to, renamed and removed. How they come in is ``webapp.assets.intake``'s."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import String, and_, bindparam, or_
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, col, select

from cluster.jobs import JobState
from cluster.keys import incoming_key
from cluster.ports import ObjectStore
from webapp.accounts.service import Actor
from webapp.assets import preparations
from webapp.assets.kinds import ACCEPTED
from webapp.assets.names import checked_name, give_name
from webapp.assets.views import AssetLink, AssetView, StoredFile
from webapp.billing.months import project
from webapp.db import after_commit
from webapp.errors import ConflictError, NotFoundError
from webapp.links import LinkSigner
from webapp.models import AssetStatus, RenderJob, UserVideo, VideoAsset, Workspace, utc_now
from webapp.workspaces.policy import RULES, Action, authorize, is_open_to, require_scope

LINK_LIFETIME = timedelta(hours=24)
_POSTER_TYPES = {"jpg": "image/jpeg", "webp": "image/webp"}


def get_asset(session: Session, actor: Actor, asset_id: UUID) -> AssetView:
    """One asset that the actor may read."""
    return AssetView.of(readable_asset(session, actor, asset_id))


def readable_asset(session: Session, actor: Actor, asset_id: UUID) -> VideoAsset:
    """The row of an asset of a workspace where the actor may read, or of a default one.

    Raises:
        NotFoundError: There is none.
        ForbiddenError: The actor is a key that was not made for this.
    """
    return readable_assets(session, actor, {asset_id: "asset_id"})[asset_id]


_READABLE = select(VideoAsset).where(
    col(VideoAsset.id).in_(bindparam("ids", expanding=True)),
    or_(col(VideoAsset.is_default), is_open_to(VideoAsset.workspace_id, bindparam("user_id"))),
)


def readable_assets(session: Session, actor: Actor, fields: Mapping[UUID, str]) -> dict[UUID, VideoAsset]:
    """The rows of several assets, each with the input that asked for it.

    Raises:
        NotFoundError: There is none that the actor may read; its field says which.
        ForbiddenError: The actor is a key that was not made for this.
    """
    if fields:
        require_scope(actor, RULES[Action.READ_ASSETS].scope)
    found = session.exec(_READABLE, params={"ids": list(fields), "user_id": actor.user_id})
    rows = {row.id: row for row in found}
    for asset_id, field in fields.items():
        if asset_id not in rows:
            raise _unknown(asset_id, field)
    return rows


def _unknown(asset_id: UUID, field: str) -> NotFoundError:
    return NotFoundError(f"There is no asset {asset_id} that you may use: upload it, or choose one of yours.", field)


def open_asset(session: Session, actor: Actor, asset_id: UUID) -> StoredFile:
    """Where the bytes of an asset are, for one who may read it.

    Raises:
        NotFoundError: There is none that the actor may read.
        ConflictError: It is not ready.
    """
    row = readable_asset(session, actor, asset_id)
    if row.status is not AssetStatus.READY:
        raise ConflictError(why_not_ready(row), "asset_id")
    return _stored(row)


def open_linked_asset(session: Session, asset_id: UUID) -> StoredFile:
    """Where the bytes of an asset are, for whoever has a link to it: its signature has been checked.

    Raises:
        NotFoundError: It is no longer there, or its workspace is archived.
    """
    row = session.get(VideoAsset, asset_id)
    is_there = row is not None and session.get_one(Workspace, row.workspace_id).archived_at is None
    if row is None or not is_there or row.status is not AssetStatus.READY:
        raise NotFoundError("What this link led to is no longer there.")
    return _stored(row)


def _stored(row: VideoAsset) -> StoredFile:
    return StoredFile(
        key=row.file_path,
        size_bytes=row.file_size,
        mime_type=row.mime_type,
        file_name=row.asset_name,
        etag=row.content_sha256 or row.sha256,
    )


def open_poster(session: Session, actor: Actor, asset_id: UUID) -> StoredFile:
    """Where the picture is that stands for an asset.

    Raises:
        NotFoundError: There is no such asset, or no picture of it (yet).
    """
    row = readable_asset(session, actor, asset_id)
    if row.poster_path is None or row.poster_size is None:
        raise NotFoundError(f"There is no picture of “{row.asset_name}”: it is {row.status}.", "asset_id")
    ending = row.poster_path.rpartition(".")[2]
    return StoredFile(
        key=row.poster_path,
        size_bytes=row.poster_size,
        mime_type=_POSTER_TYPES[ending],
        file_name=f"{row.asset_name} poster.{ending}",
        etag=f"{row.content_sha256}-poster",
    )


def link_asset(
    session: Session, links: LinkSigner, actor: Actor, asset_id: UUID, *, lifetime: timedelta = LINK_LIFETIME
) -> AssetLink:
    """An address under which anybody may read an asset: private ones (music) for a time, others while they are there.

    Raises:
        NotFoundError: There is none that the actor may read.
        ConflictError: It is not ready.
    """
    row = readable_asset(session, actor, asset_id)
    if row.status is not AssetStatus.READY:
        raise ConflictError(why_not_ready(row), "asset_id")
    expires_at = links.expires_in(lifetime) if ACCEPTED[row.asset_type].is_private else None
    return AssetLink(url=links.sign(f"/api/files/assets/{row.id}", expires_at), expires_at=expires_at)


def why_not_ready(row: VideoAsset) -> str:
    """What to tell someone who wants to use an asset that is not ready."""
    if row.status is AssetStatus.REJECTED:
        return f"“{row.asset_name}” cannot be used: {row.reject_reason}"
    if row.status is AssetStatus.UPLOADING:
        return f"“{row.asset_name}” has not been uploaded completely: finish that, or send it again."
    return f"“{row.asset_name}” is still being prepared: try again in a moment."


def rename_asset(session: Session, actor: Actor, asset_id: UUID, name: str) -> AssetView:
    """Give an asset another name.

    Raises:
        NotFoundError: There is none in a workspace of the actor's.
        ConflictError: A default asset.
    """
    row = editable_asset(session, actor, asset_id)
    give_name(row, checked_name(name))
    return AssetView.of(row)


def editable_asset(session: Session, actor: Actor, asset_id: UUID) -> VideoAsset:
    """The row of an asset of a workspace where the actor may change it.

    Raises:
        NotFoundError: There is none.
        ForbiddenError: The actor is a viewer there, or a key that was not made for this.
        ConflictError: A default asset.
    """
    require_scope(actor, RULES[Action.WRITE_ASSETS].scope)
    row, unknown = session.get(VideoAsset, asset_id), _unknown(asset_id, "asset_id")
    if row is None:
        raise unknown
    if row.is_default:
        raise ConflictError("Demo assets belong to everyone and stay as they are.", "asset_id")
    authorize(session, actor, Action.WRITE_ASSETS, row.workspace_id, unknown=unknown)
    return row


def delete_asset(session: Session, objects: ObjectStore, actor: Actor, asset_id: UUID) -> None:
    """Remove an asset; its upload or preparation ends, and its bytes go once the transaction is committed.

    Raises:
        NotFoundError: There is none in a workspace of the actor's.
        ConflictError: A default asset, or one that a running render needs.
    """
    row = editable_asset(session, actor, asset_id)
    keys = {incoming_key(row.id.hex)} if row.status is AssetStatus.UPLOADING else set()
    keys |= {*preparations.cancel(session, row.id)}
    if not _is_shared(session, row):
        _refuse_while_needed(session, row)
        keys |= {key for key in (row.file_path, row.poster_path) if key}
    session.delete(row)
    session.flush()
    project(session, row.user_id, utc_now())
    for key in keys:
        after_commit(session, partial(objects.delete, key))


def _is_shared(session: Session, row: VideoAsset) -> bool:
    """Whether another workspace's asset has the same files. All that have are held, so that the last one is known."""
    same_files = and_(col(VideoAsset.file_path) == row.file_path, col(VideoAsset.file_path) != "")
    rows = select(VideoAsset.id).where(or_(same_files, col(VideoAsset.id) == row.id))
    held = session.exec(rows.order_by(col(VideoAsset.id)).with_for_update()).all()
    if row.id not in held:  # somebody else was sooner
        raise _unknown(row.id, "asset_id")
    return len(held) > 1


def _refuse_while_needed(session: Session, row: VideoAsset) -> None:
    needed = _being_rendered(session, row)
    if needed:
        raise ConflictError(
            f"{_told(row, needed)} with “{row.asset_name}”: wait until that is done, or cancel it first.", "asset_id"
        )


def _being_rendered(session: Session, row: VideoAsset) -> Sequence[UserVideo]:
    if row.status is not AssetStatus.READY:
        return ()
    # The key is unique and made of plain characters, so looking for it in the spec's text is exact.
    return session.exec(
        select(UserVideo)
        .join(RenderJob, col(RenderJob.video_id) == col(UserVideo.id))
        .where(col(RenderJob.job_status).in_([JobState.QUEUED, JobState.PROCESSING]))
        .where(sql_cast(col(RenderJob.spec), String).contains(row.file_path))
        .order_by(col(UserVideo.created_at))
    ).all()


def _told(row: VideoAsset, videos: Sequence[UserVideo]) -> str:
    """Who needs the asset. Titles of other workspaces are none of the actor's business."""
    known = [video.video_title for video in videos if video.workspace_id == row.workspace_id]
    if not known:
        return "A video of another workspace is being rendered"
    others = len(videos) - 1
    if not others:
        return f"The video “{known[0]}” is being rendered"
    return f"The video “{known[0]}” and {others} more are being rendered"
