"""What goes in and what comes out of the templates room: frozen values, never rows."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.accounts.service import Actor
from webapp.assets.resolve import ChosenAssets
from webapp.models import VideoTemplate, VideoTemplateVersion
from webapp.pages import Page

LONGEST_TITLE = 200
_EXAMPLE: dict[str, Any] = {
    "template_name": "LipSyncTemplate",
    "title": "Autumn sale",
    "config": {"mainText": "Hello {{name}}", "vignetteStrength": 0.5},
    "is_default": True,
}


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
    """Settings to keep: new ones, or a new version of those that were kept before.

    Attributes:
        id: Of the settings that get a new version; None for new ones.
        expected_version: The version that was changed. Needed with ``id``: if there is a newer one, nothing is saved.
        user_assets: Asset ids by the template's role, as in an order.
        workspace_id: Where new ones belong; None means the actor's own workspace.
        is_default: Whether one's own drafts begin with them from now on.
        is_public: Whether all members of the workspace see new ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    template_name: Annotated[str, Field(max_length=100)]
    config: dict[str, Any] = {}
    user_assets: dict[str, ChosenAssets] = {}
    title: Annotated[str, Field(max_length=LONGEST_TITLE)] = ""
    id: UUID | None = None
    expected_version: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    workspace_id: UUID | None = None
    is_default: bool = False
    is_public: bool = False


class ConfigChange(BaseModel):
    """What settings are used for; what is left out stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    is_default: bool | None = None
    is_public: bool | None = None


class RestoreVersion(BaseModel):
    """Which version to go back to, and which one is thought to be the newest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    expected_version: Annotated[int, Field(ge=1, le=1_000_000)]


class CopyConfig(BaseModel):
    """Where a copy goes and what it is called; None means one's own workspace, and “Copy of …”."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str | None, Field(max_length=LONGEST_TITLE)] = None
    workspace_id: UUID | None = None


class SavedConfigView(BaseModel):
    """Settings that were kept, in their newest version.

    Attributes:
        config: Complete, with every default.
        is_own: Whether the one who asks has made them.
        is_default: Whether their own drafts begin with them.
        is_public: Whether all members of the workspace see them.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    template_name: str
    template_version: str
    title: str
    version: int
    config: dict[str, Any]
    user_assets: dict[str, Any]
    workspace_id: UUID
    is_own: bool
    is_default: bool
    is_public: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: VideoTemplate, actor: Actor) -> Self:
        """The view of a row for one who may see it. A default is its maker's alone."""
        is_own = row.user_id == actor.user_id
        known = {name: getattr(row, name) for name in cls.model_fields if name not in {"is_own", "is_default"}}
        return cls(**known, is_own=is_own, is_default=is_own and row.is_default)


class SavedConfigPage(Page):
    """A page of saved settings, the newest first."""

    configs: tuple[SavedConfigView, ...]


class VersionView(BaseModel):
    """Settings as they once were."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    version: int
    template_version: str
    title: str
    config: dict[str, Any]
    user_assets: dict[str, Any]
    created_at: datetime

    @classmethod
    def of(cls, row: VideoTemplateVersion) -> Self:
        """The view of a row."""
        return cls.model_validate(row)


class VersionPage(Page):
    """A page of versions, the newest first."""

    versions: tuple[VersionView, ...]
