"""Lists of assets: what a workspace has, what somebody can render with."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, or_
from sqlmodel import Session, col, select

from webapp.accounts.service import Actor
from webapp.assets.views import AssetFilter, AssetPage, AssetView
from webapp.models import AssetStatus, AssetType, Scope, VideoAsset
from webapp.pages import behind, cut
from webapp.plain import folded, require_plain
from webapp.workspaces.policy import Action, authorize, is_open_to, require_scope

MOST_USABLE = 1000
Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])


def list_assets(
    session: Session, actor: Actor, wanted: AssetFilter | None = None, *, limit: int = 50, cursor: str | None = None
) -> AssetPage:
    """A workspace's assets or the actor's own, and the default ones, the newest first.

    Raises:
        NotFoundError: The workspace is none of theirs.
        InvalidError: The limit, the cursor or the search is not possible.
    """
    wanted = wanted or AssetFilter()
    rows = _narrowed(_visible(session, actor, wanted), wanted)
    newest = behind(rows, col(VideoAsset.created_at), col(VideoAsset.id), limit=limit, cursor=cursor)
    views = [AssetView.of(row) for row in session.exec(newest)]
    page, next_cursor = cut(views, limit, lambda view: (view.created_at, view.id))
    return AssetPage(assets=page, next_cursor=next_cursor)


def usable_assets(
    session: Session, actor: Actor, asset_type: AssetType | None = None, *, workspace_id: UUID | None = None
) -> tuple[AssetView, ...]:
    """What the actor can choose from in the editor: a workspace's newest first, at most 1,000, then the default ones.

    Without a workspace it is what the actor has uploaded anywhere.
    """
    wanted = AssetFilter(asset_type=asset_type, workspace_id=workspace_id)
    rows = _narrowed(_visible(session, actor, wanted), wanted)
    rows = rows.order_by(col(VideoAsset.is_default).desc(), col(VideoAsset.created_at).desc(), VideoAsset.asset_name)
    found = session.exec(rows.limit(MOST_USABLE)).all()
    return tuple(AssetView.of(row) for row in sorted(found, key=lambda row: row.is_default))


def _visible(session: Session, actor: Actor, wanted: AssetFilter) -> Any:  # noqa: ANN401 - SQLModel's own SELECT
    if wanted.workspace_id is None:
        require_scope(actor, Scope.ASSETS_READ)
        is_own = and_(col(VideoAsset.user_id) == actor.user_id, is_open_to(VideoAsset.workspace_id, actor.user_id))
        return select(VideoAsset).where(or_(is_own, col(VideoAsset.is_default)))
    workspace = authorize(session, actor, Action.READ_ASSETS, wanted.workspace_id)
    return select(VideoAsset).where(or_(col(VideoAsset.workspace_id) == workspace.id, col(VideoAsset.is_default)))


def _narrowed(rows: Rows, wanted: AssetFilter) -> Rows:
    if wanted.asset_type is not None:
        rows = rows.where(col(VideoAsset.asset_type) == wanted.asset_type)
    if wanted.status is not None:
        rows = rows.where(col(VideoAsset.status) == wanted.status)
    else:
        rows = rows.where(col(VideoAsset.status) != AssetStatus.UPLOADING)
    if wanted.is_default is not None:
        rows = rows.where(col(VideoAsset.is_default) == wanted.is_default)
    require_plain(wanted.search, "search")
    for word in folded(wanted.search).split():
        rows = rows.where(col(VideoAsset.search_text).contains(word, autoescape=True))
    return rows
