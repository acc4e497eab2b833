"""Versions of saved settings: each save adds one, and none is ever changed. The newest hundred are kept."""

from typing import Any, TypedDict
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from render_core.errors import InvalidInputError
from render_core.templates import asset_roles, checked_config
from webapp.accounts.service import Actor
from webapp.assets.resolve import ChosenAssets, require_readable
from webapp.errors import ConflictError, InvalidError, NotFoundError
from webapp.models import VideoTemplate, VideoTemplateVersion, utc_now
from webapp.pages import behind, cut
from webapp.plain import require_plain
from webapp.templates.views import SaveConfig, VersionPage, VersionView

TEMPLATE_VERSION = "1.0"
MOST_VERSIONS = 100
_CHOSEN = TypeAdapter(dict[str, ChosenAssets])


class Content(TypedDict):
    """What a version holds."""

    title: str
    template_version: str
    config: dict[str, Any]
    user_assets: dict[str, Any]


def checked_content(session: Session, actor: Actor, order: SaveConfig) -> Content:
    """Settings, complete, with assets that the actor may use.

    Raises:
        InvalidInputError: Unknown or out of range; the field says where.
        NotFoundError: An asset that the actor may not use.
    """
    require_plain(order.title, "title")
    require_plain(order.config, "config")
    config = checked_config(order.template_name, order.config)
    roles = {role.name for role in asset_roles(order.template_name)}
    for role in order.user_assets:
        if role not in roles:
            raise InvalidInputError(f"user_assets.{role}", f"{order.template_name} has no such input; remove it")
    require_readable(session, actor, order.user_assets)
    return Content(
        title=" ".join(order.title.split()),
        template_version=TEMPLATE_VERSION,
        config=config,
        user_assets=order.model_dump(mode="json")["user_assets"],
    )


def add_version(session: Session, actor: Actor, saved: VideoTemplate, expected: int | None, content: Content) -> None:
    """Save the content as the next version, if nobody else has saved one since ``expected``.

    Raises:
        InvalidError: Nothing was expected.
        ConflictError: There is a newer version.
    """
    if expected is None:
        raise InvalidError("Say which version you have changed.", "expected_version")
    is_newest = (col(VideoTemplate.id) == saved.id) & (col(VideoTemplate.version) == expected)
    taken = session.execute(
        update(VideoTemplate)
        .where(is_newest)
        .values(version=expected + 1, updated_at=utc_now(), **content)
        .returning(col(VideoTemplate.id))
    ).one_or_none()
    session.refresh(saved)
    if taken is None:
        raise ConflictError(
            f"Version {saved.version} was saved meanwhile: load it, or save yours under another title.",
            "expected_version",
        )
    session.add(VideoTemplateVersion(template_id=saved.id, version=saved.version, user_id=actor.user_id, **content))
    is_old = col(VideoTemplateVersion.version) <= saved.version - MOST_VERSIONS
    session.execute(delete(VideoTemplateVersion).where(col(VideoTemplateVersion.template_id) == saved.id, is_old))


def stored_ids(user_assets: dict[str, Any]) -> dict[str, ChosenAssets]:
    """The asset ids of a row, which keeps them as text."""
    return _CHOSEN.validate_python(user_assets)


def list_versions(session: Session, saved: VideoTemplate, *, limit: int = 20, cursor: str | None = None) -> VersionPage:
    """The versions of settings that the caller has been let through to, the newest first."""
    rows = select(VideoTemplateVersion).where(VideoTemplateVersion.template_id == saved.id)
    moment, row_id = col(VideoTemplateVersion.created_at), col(VideoTemplateVersion.id)
    found = session.exec(behind(rows, moment, row_id, limit=limit, cursor=cursor)).all()
    page, next_cursor = cut(found, limit, lambda row: (row.created_at, row.id))
    return VersionPage(versions=tuple(map(VersionView.of, page)), next_cursor=next_cursor)


def found_version(session: Session, config_id: UUID, version: int) -> VideoTemplateVersion:
    """One version.

    Raises:
        NotFoundError: There is no such version.
    """
    wanted = select(VideoTemplateVersion).where(
        VideoTemplateVersion.template_id == config_id, VideoTemplateVersion.version == version
    )
    row = session.exec(wanted).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no version {version} of these settings.", "version")
    return row
