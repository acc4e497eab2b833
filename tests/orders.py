"""Customers of a whole product, their orders, and what the database says of them."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from sqlmodel import SQLModel, col, select

from cluster.jobs import JobState
from cluster.keys import asset_key
from tests.factories import asset
from tests.processes import until
from webapp.accounts.service import Actor, ensure_user
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.models import AssetStatus, AssetType, PlanName, RenderJob, UserVideo, VideoAsset, Workspace
from webapp.renders.service import cancel_render, request_render
from webapp.renders.views import RenderOrder
from webapp.workspaces.service import personal_workspace

Row = TypeVar("Row", bound=SQLModel)
_SMALL = {"width": 270, "height": 480}


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A user with a workspace on a plan and an avatar to render."""

    actor: Actor
    workspace_id: UUID
    plan: PlanName
    avatar: UUID


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """What an order became."""

    video_id: UUID
    job_id: UUID


class Orders:
    """Verbs on a product; everything goes through its services, as if the web process had been asked."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def customer(self, name: str, plan: PlanName, clip: Path) -> Customer:
        """A new user whose avatar is ``clip``, taken in and ready."""
        with unit_of_work(self._container.engine) as session:
            actor = ensure_user(session, "stage", name, plan)
            workspace = personal_workspace(session, actor)
            row = _avatar(actor, workspace.id, clip)
            session.add(row)
        self._container.objects.put_file(row.file_path, clip)
        return Customer(actor=actor, workspace_id=workspace.id, plan=plan, avatar=row.id)

    def submit(self, customer: Customer, **config: object) -> Ordered:
        """Order a small lip sync video with these settings. The month's allowance is not what is looked at here."""
        order = RenderOrder(
            template_name="LipSyncTemplate",
            user_assets={"lipSyncVideo": customer.avatar},
            config={**_SMALL, **config},
        )
        with unit_of_work(self._container.engine) as session:
            workspace = session.get_one(Workspace, customer.workspace_id)
            workspace.plan = PlanName.ENTERPRISE
            session.flush()
            video = request_render(session, customer.actor, order, bell=self._container.bell)
            workspace.plan = customer.plan
            (job_id,) = session.exec(select(RenderJob.id).where(RenderJob.video_id == video.id)).all()
        return Ordered(video_id=video.id, job_id=job_id)

    def cancel(self, customer: Customer, ordered: Ordered) -> None:
        with unit_of_work(self._container.engine) as session:
            cancel_render(session, customer.actor, ordered.video_id, bell=self._container.bell)

    def rows(self, table: type[Row]) -> list[Row]:
        with unit_of_work(self._container.engine, is_read_only=True) as session:
            return list(session.exec(select(table)))

    def job(self, ordered: Ordered) -> RenderJob:
        with unit_of_work(self._container.engine, is_read_only=True) as session:
            return session.get_one(RenderJob, ordered.job_id)

    def video(self, ordered: Ordered) -> UserVideo:
        with unit_of_work(self._container.engine, is_read_only=True) as session:
            return session.get_one(UserVideo, ordered.video_id)

    def unfinished(self) -> list[UUID]:
        """Jobs that have not ended."""
        with unit_of_work(self._container.engine, is_read_only=True) as session:
            going = col(RenderJob.job_status).in_([JobState.QUEUED, JobState.PROCESSING])
            return list(session.exec(select(RenderJob.id).where(going)))

    def await_all(self, timeout_s: float = 600) -> None:
        """Return when every job has ended, however it did."""
        until(lambda: not self.unfinished(), timeout_s, every_s=0.1)


def _avatar(actor: Actor, workspace_id: UUID, clip: Path) -> VideoAsset:
    info, asset_id = asset(clip).info, uuid4()
    return VideoAsset(
        id=asset_id,
        user_id=actor.user_id,
        workspace_id=workspace_id,
        asset_type=AssetType.AVATAR,
        status=AssetStatus.READY,
        asset_name=clip.name,
        file_path=asset_key("avatar", asset_id.hex),
        file_size=clip.stat().st_size,
        mime_type="video/mp4",
        sha256=sha256(clip.read_bytes()).hexdigest(),
        duration=float(info.duration_s),
        width=info.width,
        height=info.height,
        media_info=info.model_dump(mode="json"),
    )
