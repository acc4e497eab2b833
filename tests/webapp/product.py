"""The product with verbs, for tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, SQLModel, select

from cluster.jobs import JobProgress
from tests.seaweed import seaweed_settings
from tests.webapp.preparing import prepare_uploads
from webapp.accounts.service import Actor, ensure_user
from webapp.assets.intake import begin_upload, finish_upload
from webapp.assets.partial import PartialUpload, UploadIntent
from webapp.assets.service import get_asset
from webapp.assets.views import AssetView
from webapp.bell import Bell
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.models import AssetType, PlanName, Workspace
from webapp.renders.service import request_render
from webapp.renders.signals import SilentBell
from webapp.renders.views import RenderOrder, VideoView
from webapp.settings import AppSettings, DatabaseSettings, RedisSettings, Settings
from webapp.storage_settings import StorageSettings
from webapp.workspaces.service import personal_workspace

T = TypeVar("T")
Row = TypeVar("Row", bound=SQLModel)


def settings_for(data_dir: Path, database_url: str = "", redis_url: str = "", s3_port: int | None = None) -> Settings:
    return Settings(
        app=AppSettings(data_dir=data_dir),
        storage=seaweed_settings(s3_port) if s3_port else StorageSettings(),
        database=DatabaseSettings(database_url=database_url),
        redis=RedisSettings(redis_url=redis_url),
    )


@dataclass
class RecordingBell:
    """A bell that remembers."""

    rings: int = 0
    sender_rings: int = 0
    published: list[JobProgress] = field(default_factory=list)

    def publish(self, progress: JobProgress) -> None:
        self.rings += 1
        self.published.append(progress)

    def ring_sender(self) -> None:
        self.sender_rings += 1


@dataclass(frozen=True)
class Media:
    """Small real files of every kind."""

    avatar: Path
    silent: Path
    cover: Path
    music: Path


class Product:
    """A container with verbs."""

    def __init__(self, container: Container, media: Media) -> None:
        self.container = container
        self.media = media
        self.uploads = container.settings.app.uploads_dir

    def user(self, name: str) -> Actor:
        with unit_of_work(self.container.engine) as session:
            return ensure_user(session, "test", name)

    def workspace(self, actor: Actor) -> Workspace:
        with unit_of_work(self.container.engine) as session:
            return personal_workspace(session, actor)

    def set_plan(self, actor: Actor, plan: PlanName) -> None:
        with unit_of_work(self.container.engine) as session:
            personal_workspace(session, actor).plan = plan

    def begin(self, actor: Actor, **intent: Any) -> PartialUpload:  # noqa: ANN401 - as UploadIntent takes them
        """Announce an upload, of an avatar unless something else is said."""
        told = UploadIntent(**{"asset_type": AssetType.AVATAR, "file_name": "a.mp4", **intent})
        with unit_of_work(self.container.engine) as session:
            return begin_upload(session, self.container, actor, told, folder=self.uploads)

    def send(
        self, actor: Actor, path: Path, asset_type: AssetType = AssetType.AVATAR, *, name: str | None = None
    ) -> AssetView:
        """Upload a file, which then waits for its preparation."""
        with self.begin(actor, asset_type=asset_type, file_name=name or path.name) as upload:
            upload.append(path.read_bytes())
            return finish_upload(self.container, upload)

    def upload(
        self, actor: Actor, path: Path, asset_type: AssetType = AssetType.AVATAR, *, name: str | None = None
    ) -> AssetView:
        """Upload a file and have it prepared."""
        sent = self.send(actor, path, asset_type, name=name)
        prepare_uploads(self.container)
        return self.do(lambda session: get_asset(session, actor, sent.id))

    def order(self, asset_id: UUID, **config: object) -> RenderOrder:
        small = {"width": 90, "height": 160, **config}
        return RenderOrder(template_name="LipSyncTemplate", user_assets={"lipSyncVideo": asset_id}, config=small)

    def render(
        self, actor: Actor, order: RenderOrder, *, bell: Bell | None = None, key: str | None = None
    ) -> VideoView:
        with unit_of_work(self.container.engine) as session:
            return request_render(session, actor, order, bell=bell or SilentBell(), idempotency_key=key)

    def rows(self, table: type[Row]) -> list[Row]:
        with unit_of_work(self.container.engine) as session:
            return list(session.exec(select(table)))

    def stored_keys(self) -> set[str]:
        return set(self.container.objects.keys(""))

    def partial_files(self) -> list[Path]:
        return list(self.uploads.iterdir()) if self.uploads.is_dir() else []

    def do(self, work: Callable[[Session], T]) -> T:
        with unit_of_work(self.container.engine) as session:
            return work(session)
