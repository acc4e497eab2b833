"""From asset ids in an order to the references that a renderer reads."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from sqlmodel import Session

from render_core.spec import AssetRef, MediaInfo
from webapp.accounts.service import Actor
from webapp.assets.service import readable_asset, why_not_ready
from webapp.errors import InvalidError, NotFoundError
from webapp.models import AssetStatus

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
    resolved = {
        role: tuple(_reference(session, actor, asset_id, field) for asset_id, field in _listed(role, ids))
        for role, ids in chosen.items()
    }
    return {role: references for role, references in resolved.items() if references}


def require_readable(session: Session, actor: Actor, chosen: AssetIds) -> None:
    """Refuse a choice with assets that the actor may not use, ready or not.

    Raises:
        NotFoundError: Its field says which.
    """
    for role, ids in chosen.items():
        for asset_id, field in _listed(role, ids):
            readable_asset(session, actor, asset_id, field=field)


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


def _reference(session: Session, actor: Actor, asset_id: UUID, field: str) -> AssetRef:
    row = readable_asset(session, actor, asset_id, field=field)
    if row.status is not AssetStatus.READY:
        raise InvalidError(why_not_ready(row), field)
    return AssetRef(
        sha256=row.content_sha256 or row.sha256, key=row.file_path, info=MediaInfo.model_validate(row.media_info)
    )
