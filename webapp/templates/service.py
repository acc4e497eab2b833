"""Templates as people choose them, and their saved settings."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import update
from sqlmodel import Session, col

from render_core.templates import checked_config, template_names, template_schema
from webapp.accounts.service import Actor
from webapp.models import Role, VideoTemplate
from webapp.plain import require_plain
from webapp.workspaces.service import workspace_for

TEMPLATE_VERSION = "1.0"


class TemplateView(BaseModel):
    """A template to choose.

    Attributes:
        config_schema: JSON Schema of its settings, its inputs under ``x-assets``.
        example: Settings that are complete and valid.
    """

    model_config = ConfigDict(frozen=True)

    template_name: str
    template_version: str
    title: str
    config_schema: dict[str, Any]
    example: dict[str, Any]


class SaveConfig(BaseModel):
    """Settings to keep."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template_name: Annotated[str, Field(max_length=100)]
    config: dict[str, Any] = {}
    title: Annotated[str, Field(max_length=200)] = ""
    workspace_id: UUID | None = None
    is_default: bool = False


class SavedConfigView(BaseModel):
    """Settings that were kept."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID
    template_name: str
    template_version: str
    title: str
    config: dict[str, Any]
    is_default: bool
    created_at: datetime


def list_templates() -> tuple[TemplateView, ...]:
    """All templates; they are everybody's."""
    return tuple(_template_view(name) for name in template_names())


def _template_view(name: str) -> TemplateView:
    schema = template_schema(name)
    return TemplateView(
        template_name=name,
        template_version=TEMPLATE_VERSION,
        title=str(schema["title"]),
        config_schema=schema,
        example=checked_config(name, {}),
    )


def save_config(session: Session, actor: Actor, order: SaveConfig) -> SavedConfigView:
    """Keep settings, complete and checked. A default one takes the place of the actor's default before.

    Raises:
        InvalidInputError: Unknown or out of range; the field says where.
    """
    require_plain(order.title, "title")
    require_plain(order.config, "config")
    workspace = workspace_for(session, actor, order.workspace_id, Role.EDITOR)
    saved = VideoTemplate(
        template_name=order.template_name,
        template_version=TEMPLATE_VERSION,
        title=" ".join(order.title.split()),
        user_id=actor.user_id,
        workspace_id=workspace.id,
        is_default=order.is_default,
        config=checked_config(order.template_name, order.config),
    )
    if order.is_default:
        _clear_default(session, actor, order.template_name)
    session.add(saved)
    session.flush()
    return SavedConfigView.model_validate(saved)


def _clear_default(session: Session, actor: Actor, template_name: str) -> None:
    own = col(VideoTemplate.user_id) == actor.user_id
    session.execute(
        update(VideoTemplate).where(own, col(VideoTemplate.template_name) == template_name).values(is_default=False)
    )
