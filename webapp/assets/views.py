"""What the edges and other rooms see of assets: frozen values, never rows."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.models import AssetStatus, AssetType, VideoAsset
from webapp.pages import Page

LONGEST_SEARCH = 200


class AssetView(BaseModel):
    """An asset as somebody who may read it sees it.

    Attributes:
        status: ``uploading`` while its bytes come, ``processing`` until it is prepared, then ``ready``, or ``rejected``
            with the reason.
        progress: Percent of the preparation; 100 when it is ready.
        file_size: Of the upload until it is prepared, then of what is stored.
        duration: Seconds; None for images, and until the upload is prepared.
        url: Its bytes, for a session or key that may read it, once it is ready.
        poster_url: A frame, a thumbnail or a waveform of it, likewise; None where there is none (yet).
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    workspace_id: UUID
    asset_type: AssetType
    asset_name: str
    file_size: int
    mime_type: str
    is_default: bool
    status: AssetStatus
    progress: int
    reject_reason: str | None
    duration: float | None
    width: int | None
    height: int | None
    created_at: datetime
    url: str
    poster_url: str | None

    @classmethod
    def of(cls, row: VideoAsset) -> Self:
        """The view of a row."""
        known = {name: getattr(row, name) for name in cls.model_fields if name not in {"url", "poster_url"}}
        poster_url = f"/api/assets/{row.id}/poster" if row.poster_path else None
        return cls(**known, url=f"/api/assets/{row.id}/content", poster_url=poster_url)


class AssetFilter(BaseModel):
    """Which assets a list shows; what is left out narrows nothing.

    Attributes:
        workspace_id: Of this one; else the actor's own uploads wherever they are a member.
        status: Left out, all but those whose bytes are still coming.
        search: All of its words occur in the name.
        is_default: Only the demo assets, or none of them; left out, they are listed beside the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    workspace_id: UUID | None = None
    asset_type: AssetType | None = None
    status: AssetStatus | None = None
    search: Annotated[str, Field(max_length=LONGEST_SEARCH)] = ""
    is_default: bool | None = None


class AssetPage(Page):
    """A page of assets, the newest first."""

    assets: tuple[AssetView, ...]


class AssetChange(BaseModel):
    """What can be changed of an asset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asset_name: str


class AssetLink(BaseModel):
    """An address that is enough by itself.

    Attributes:
        expires_at: None when it lasts as long as the asset.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    expires_at: datetime | None


class DirectUpload(BaseModel):
    """How to put a file into the object store: a ``multipart/form-data`` POST, with the fields before the file.

    Attributes:
        asset: It is ``uploading`` until it is said that all of the file is there.
        fields: To be sent as they are, before the file, whose field is named ``file``.
    """

    model_config = ConfigDict(frozen=True)

    asset: AssetView
    url: str
    fields: dict[str, str]
    expires_at: datetime


class StoredFile(BaseModel):
    """A file in the object store that the actor may read."""

    model_config = ConfigDict(frozen=True)

    key: str
    size_bytes: int
    mime_type: str
    file_name: str
    etag: str
