"""What the edges and other rooms see of assets: frozen values, never rows."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from webapp.models import AssetStatus, AssetType, VideoAsset


class AssetView(BaseModel):
    """An asset as somebody who may read it sees it.

    Attributes:
        status: ``processing`` until it is prepared, then ``ready``, or ``rejected`` with the reason.
        progress: Percent of the preparation; 100 when it is ready.
        file_size: Of the upload until it is prepared, then of what is stored.
        duration: Seconds; None for images, and until the upload is prepared.
        url: Its bytes, for a session or key that may read it, once it is ready.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
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

    @classmethod
    def of(cls, row: VideoAsset) -> Self:
        """The view of a row."""
        known = {name: getattr(row, name) for name in cls.model_fields if name != "url"}
        return cls(**known, url=f"/api/assets/{row.id}/content")


class StoredFile(BaseModel):
    """A file in the object store that the actor may read."""

    model_config = ConfigDict(frozen=True)

    key: str
    size_bytes: int
    mime_type: str
    file_name: str
    etag: str
