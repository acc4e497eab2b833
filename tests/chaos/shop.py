"""Where a chaos places its orders: videos to render, uploads to prepare."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel import select

from tests.chaos.script import Order
from tests.factories import make_clip, make_image, make_sound, tone
from tests.orders import Customer, Ordered
from tests.stage import Stage
from webapp.assets.intake import begin_upload, finish_upload
from webapp.assets.partial import UploadIntent
from webapp.db import unit_of_work
from webapp.errors import ConflictError
from webapp.models import AssetType, PlanName, PreparationJob

_VIDEO = {"width": 64, "height": 114, "duration": 5}
_PLANS = tuple(PlanName)
_SUFFIXES = {AssetType.COVER: "png", AssetType.BACKGROUND: "mp4", AssetType.MUSIC: "mp3"}
_TYPES = tuple(_SUFFIXES)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """What an order became: a video, or an asset."""

    job_id: UUID
    video_id: UUID | None = None
    asset_id: UUID | None = None


class OrderDesk:
    """Takes the orders of some customers, who are its own: the same upload of one customer would be one asset.

    Args:
        stage: The product that is asked, through its services and on connections that no proxy disturbs.
        name: Tells its customers from those of other desks.
        customers: How many.
    """

    def __init__(self, stage: Stage, name: str, customers: int) -> None:
        self._stage = stage
        self._customers = [
            stage.customer(f"{name} {number}", _PLANS[number % len(_PLANS)]) for number in range(customers)
        ]

    def place(self, order: Order) -> Placed:
        """Place an order."""
        customer = self._customers[order.customer]
        if order.is_upload:
            return self._upload(customer, order.number)
        ordered = self._stage.orders.submit(customer, **_VIDEO, **order.config)
        return Placed(job_id=ordered.job_id, video_id=ordered.video_id)

    def take_back(self, order: Order, placed: Placed) -> bool:
        """Cancel a render; False when it has ended already."""
        assert placed.video_id is not None
        ordered = Ordered(job_id=placed.job_id, video_id=placed.video_id)
        try:
            self._stage.orders.cancel(self._customers[order.customer], ordered)
        except ConflictError:
            return False
        return True

    def _upload(self, customer: Customer, number: int) -> Placed:
        asset_type = _TYPES[number % len(_TYPES)]
        file = _medium(self._stage.folder, asset_type, number)
        container = self._stage.container
        intent = UploadIntent(asset_type=asset_type, file_name=file.name)
        with unit_of_work(container.engine) as session:
            upload = begin_upload(session, container, customer.actor, intent, folder=container.settings.app.uploads_dir)
        with upload:
            upload.append(file.read_bytes())
            asset = finish_upload(container, upload)
        with unit_of_work(container.engine, is_read_only=True) as session:
            job_id = session.exec(select(PreparationJob.id).where(PreparationJob.asset_id == asset.id)).one()
        return Placed(job_id=job_id, asset_id=asset.id)


def _medium(folder: Path, asset_type: AssetType, number: int) -> Path:
    """A file that no other number has. It is made once: encoders need not give the same bytes again."""
    file = folder / f"upload-{number}.{_SUFFIXES[asset_type]}"
    if not file.exists():
        _make(file, asset_type, number)
    return file


def _make(file: Path, asset_type: AssetType, number: int) -> None:
    if asset_type is AssetType.COVER:
        make_image(file, width=64 + number)
    elif asset_type is AssetType.MUSIC:
        make_sound(file, tone(200 + number, 1.0), "libmp3lame")
    else:
        make_clip(file, frames=20, tone_hz=200 + number)
