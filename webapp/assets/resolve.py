"""From asset ids in an order to the references that a renderer reads."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from render_core.spec import AssetRef, MediaInfo
from webapp.accounts.service import Actor
from webapp.assets.service import readable_asset, readable_assets, why_not_ready
from webapp.errors import InvalidError, NotFoundError
from webapp.models import AssetStatus, VideoAsset

MOST_ASSETS = 250
"""Of one order: more than any template takes."""
AssetIds = Mapping[str, UUID | Sequence[UUID] | None]


def _as_ids(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    try:
        return handler(value)
    except ValidationError:
        # pydantic would report one error for each member of the union, with paths that nobody has written
        raise ValueError("This must be the id of an asset, or a list of ids") from None


ChosenAssets = Annotated[UUID | list[UUID] | None, WrapValidator(_as_ids)]
"""What a body says for one role."""


def resolve_assets(session: Session, actor: Actor, chosen: AssetIds) -> dict[str, tuple[AssetRef, ...]]:
    """The files behind the ids, by role; empty roles are left out.

    Raises:
        NotFoundError: An asset that does not exist or that the actor may not use; its field says which.
        InvalidError: An asset that is not ready.
    """
    asked = {role: _listed(role, ids) for role, ids in chosen.items()}
    rows = readable_assets(session, actor, _fields(chosen))
    return {role: tuple(_reference(rows[one], field) for one, field in pairs) for role, pairs in asked.items() if pairs}


_HELD = (
    select(VideoAsset.id)
    .where(col(VideoAsset.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(VideoAsset.id))
    .with_for_update(read=True, key_share=True)
)


def hold_assets(session: Session, chosen: AssetIds) -> None:
    """Let nobody delete what was chosen until the transaction ends.

    Raises:
        NotFoundError: One of them has gone since it was looked at; its field says which.
    """
    fields = _fields(chosen)
    held = set(session.exec(_HELD, params={"ids": list(fields)}))
    gone = next((asset_id for asset_id in fields if asset_id not in held), None)
    if gone is not None:
        raise NotFoundError(f"The asset {gone} has just been deleted: choose another one.", fields[gone])


def _fields(chosen: AssetIds) -> dict[UUID, str]:
    """All ids in order, each with the first input that asks for it.

    Raises:
        InvalidError: There are more than any template takes.
    """
    fields: dict[UUID, str] = {}
    for asset_id, field in (pair for role, ids in chosen.items() for pair in _listed(role, ids)):
        fields.setdefault(asset_id, field)
    if len(fields) > MOST_ASSETS:
        raise InvalidError(f"An order has at most {MOST_ASSETS} files, not {len(fields)}.", "user_assets")
    return fields


def require_readable(session: Session, actor: Actor, chosen: AssetIds) -> None:
    """Refuse a choice with assets that the actor may not use, ready or not.

    Raises:
        NotFoundError: Its field says which.
    """
    readable_assets(session, actor, _fields(chosen))


def sort_out(session: Session, actor: Actor, chosen: AssetIds) -> tuple[dict[str, ChosenAssets], tuple[str, ...]]:
    """What of a choice made earlier the actor can still use, and the fields of the rest: ``user_assets.coverImage``."""
    usable: dict[str, ChosenAssets] = {}
    missing = []
    for role, ids in chosen.items():
        kept = []
        for asset_id, field in _listed(role, ids):
            if _is_usable(session, actor, asset_id):
                kept.append(asset_id)
            else:
                missing.append(field)
        if kept:
            usable[role] = kept[0] if isinstance(ids, UUID) else kept
    return usable, tuple(missing)


def _is_usable(session: Session, actor: Actor, asset_id: UUID) -> bool:
    try:
        return readable_asset(session, actor, asset_id).status is not AssetStatus.REJECTED
    except NotFoundError:
        return False


def _listed(role: str, ids: UUID | Sequence[UUID] | None) -> list[tuple[UUID, str]]:
    if ids is None:
        return []
    if isinstance(ids, UUID):
        return [(ids, f"user_assets.{role}")]
    return [(asset_id, f"user_assets.{role}[{index}]") for index, asset_id in enumerate(ids)]


def _reference(row: VideoAsset, field: str) -> AssetRef:
    if row.status is not AssetStatus.READY:
        raise InvalidError(why_not_ready(row), field)
    return AssetRef(
        sha256=row.content_sha256 or row.sha256, key=row.file_path, info=MediaInfo.model_validate(row.media_info)
    )
