"""What webhooks hear of uploads."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from webapp.models import AssetStatus, AssetType, VideoAsset
from webapp.webhooks.messages import EventType, record

_ENDS = {AssetStatus.READY: EventType.ASSET_READY, AssetStatus.REJECTED: EventType.ASSET_REJECTED}


class PreparedEvent(BaseModel):
    """How the preparation of an upload has ended.

    Attributes:
        reject_reason: Why it cannot be used; None when it can.
        file_size: Bytes of what is stored.
        duration: Seconds; None for images.
    """

    model_config = ConfigDict(frozen=True)

    asset_id: UUID
    workspace_id: UUID
    asset_type: AssetType
    asset_name: str
    status: AssetStatus
    reject_reason: str | None
    file_size: int
    mime_type: str
    duration: float | None
    width: int | None
    height: int | None
    created_at: datetime

    @classmethod
    def of(cls, row: VideoAsset) -> Self:
        """The event as the row tells it."""
        known = {name: getattr(row, name) for name in cls.model_fields if name != "asset_id"}
        return cls(asset_id=row.id, **known)


def record_end(session: Session, asset: VideoAsset) -> None:
    """Note that an upload is ready, or was rejected."""
    record(session, asset.workspace_id, _ENDS[asset.status], PreparedEvent.of(asset).model_dump(mode="json"))
