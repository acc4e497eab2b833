"""Renders: asked for, looked at, cancelled, downloaded. Both edges call these functions inside their transaction."""

from functools import partial
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cluster.jobs import JobProgress, JobState
from cluster.ports import ObjectStore
from render_core.spec import RenderSpec
from render_core.templates import build, make_spec
from webapp.accounts.service import Actor
from webapp.assets.resolve import resolve_assets
from webapp.bell import Bell
from webapp.billing.usage import project, release, reserve
from webapp.db import after_commit
from webapp.errors import ConflictError, InvalidError, NotFoundError
from webapp.models import RenderJob, RenderStatus, Role, UserVideo, WorkspaceMember, utc_now
from webapp.pages import behind, cut
from webapp.plain import require_plain
from webapp.renders.events import record_end
from webapp.renders.idempotency import find_repetition, remember
from webapp.renders.views import LONGEST_TITLE, RenderOrder, VideoPage, VideoView
from webapp.workspaces.service import require_place, require_role, workspace_for


def request_render(
    session: Session, actor: Actor, order: RenderOrder, *, bell: Bell, idempotency_key: str | None = None
) -> VideoView:
    """Accept an order: checked, reserved, written down. The bell rings once it is committed.

    Raises:
        InvalidInputError: The order does not fit its template; the field says where.
        NotFoundError: An asset or a place that the actor may not use.
        QuotaExceededError: The month's videos are used up; PlanLimitError: it is too long for the plan.
        ConflictError: The idempotency key belongs to another order.
    """
    if idempotency_key is not None:
        known = find_repetition(session, actor, idempotency_key, order)
        if known is not None:
            return get_video(session, actor, known)
    video, job = _accept(session, actor, order)
    if idempotency_key is not None:
        remember(session, actor, idempotency_key, order, video.id)
    after_commit(session, lambda: _tell(bell, job, JobState.QUEUED))
    return VideoView.of(video, job)


def _accept(session: Session, actor: Actor, order: RenderOrder) -> tuple[UserVideo, RenderJob]:
    require_plain(order.config, "config")
    require_plain(order.variables, "variables")
    workspace = workspace_for(session, actor, order.workspace_id, Role.EDITOR)
    room_id = require_place(session, workspace.id, order.room_id, order.task_id)
    assets = resolve_assets(session, actor, order.user_assets)
    spec = make_spec(
        order.template_name,
        assets,
        order.config,
        output=order.output,
        quality=order.quality,
        variables=order.variables,
    )
    title = _title(order, spec)
    duration_s = _duration_s(spec)
    video = UserVideo(
        user_id=actor.user_id,
        workspace_id=workspace.id,
        room_id=room_id,
        task_id=order.task_id,
        video_title=title,
        input_props=order.model_dump(mode="json"),
        duration=duration_s,
    )
    session.add(video)
    session.flush()
    job = RenderJob(video_id=video.id, workspace_id=workspace.id, spec=spec.model_dump(mode="json"))
    session.add(job)
    reserve(session, workspace.id, actor.user_id, job.id, duration_s)
    return video, job


def preview_spec(session: Session, actor: Actor, order: RenderOrder, *, height: int) -> RenderSpec:
    """What a draft would render, at most ``height`` pixels high: for stills, with nothing reserved or stored."""
    require_plain(order.config, "config")
    require_plain(order.variables, "variables")
    assets = resolve_assets(session, actor, order.user_assets)
    full = make_spec(order.template_name, assets, order.config, quality="draft", variables=order.variables)
    return full.model_copy(update={"scale": min(1.0, height / build(full).format.height)})


def _duration_s(spec: RenderSpec) -> float:
    composition = build(spec)
    return float(composition.frame_count / composition.format.fps)


def _title(order: RenderOrder, spec: RenderSpec) -> str:
    if order.video_title is not None:
        return checked_title(order.video_title)
    headline = spec.config.get("mainText")
    words = headline.split() if isinstance(headline, str) else []
    return " ".join(words)[:LONGEST_TITLE] or order.template_name


def checked_title(title: str) -> str:
    """A title that can be shown and stored.

    Raises:
        InvalidError: Empty, too long, or with characters that cannot be stored.
    """
    require_plain(title, "video_title")
    plain = " ".join(title.split())
    if not 1 <= len(plain) <= LONGEST_TITLE:
        raise InvalidError(f"A title has 1 to {LONGEST_TITLE} characters.", "video_title")
    return plain


def _tell(bell: Bell, job: RenderJob, state: JobState) -> None:
    bell.publish(
        JobProgress(
            job_id=str(job.id),
            video_id=str(job.video_id),
            attempt=job.attempt,
            state=state,
            percent=0,
            cells_done=0,
            cells_total=0,
            cells_cached=0,
        )
    )
    bell.ring()


def get_video(session: Session, actor: Actor, video_id: UUID) -> VideoView:
    """A video of the actor, or of a workspace where the actor is a member."""
    return VideoView.of(*visible_video(session, actor, video_id))


def visible_video(session: Session, actor: Actor, video_id: UUID) -> tuple[UserVideo, RenderJob]:
    """The rows of a video that the actor may see, and of its newest job.

    Raises:
        NotFoundError: There is none.
    """
    found = _find(session, video_id)
    if found is None or not _may_see(session, actor, found[0]):
        raise NotFoundError(f"There is no video {video_id} that you may see.", "video_id")
    return found


def _find(session: Session, video_id: UUID) -> tuple[UserVideo, RenderJob] | None:
    found = session.exec(
        select(UserVideo, RenderJob)
        .join(RenderJob, col(RenderJob.id) == _newest_job().scalar_subquery())
        .where(UserVideo.id == video_id)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def _newest_job() -> SelectOfScalar[UUID]:
    return (
        select(RenderJob.id)
        .where(RenderJob.video_id == UserVideo.id)
        .order_by(col(RenderJob.created_at).desc())
        .limit(1)
        .correlate(UserVideo)
    )


def _may_see(session: Session, actor: Actor, video: UserVideo) -> bool:
    return video.user_id == actor.user_id or (
        session.get(WorkspaceMember, (video.workspace_id, actor.user_id)) is not None
    )


def _editable(session: Session, actor: Actor, video_id: UUID) -> tuple[UserVideo, RenderJob]:
    video, job = visible_video(session, actor, video_id)
    if video.user_id != actor.user_id:
        require_role(session, actor, video.workspace_id, Role.EDITOR)
    return video, job


def list_videos(
    session: Session, actor: Actor, *, workspace_id: UUID | None = None, limit: int = 20, cursor: str | None = None
) -> VideoPage:
    """The actor's videos, or a workspace's, newest first."""
    rows = select(UserVideo, RenderJob).join(RenderJob, col(RenderJob.id) == _newest_job().scalar_subquery())
    if workspace_id is None:
        rows = rows.where(UserVideo.user_id == actor.user_id)
    else:
        rows = rows.where(UserVideo.workspace_id == require_role(session, actor, workspace_id, Role.VIEWER).id)
    rows = behind(rows, col(UserVideo.created_at), col(UserVideo.id), limit=limit, cursor=cursor)
    page, next_cursor = cut(session.exec(rows).all(), limit, lambda row: (row[0].created_at, row[0].id))
    return VideoPage(videos=tuple(VideoView.of(video, job) for video, job in page), next_cursor=next_cursor)


def cancel_render(session: Session, actor: Actor, video_id: UUID, *, bell: Bell) -> VideoView:
    """Stop a render and give its reservation back. Cancelling twice is cancelling once.

    Raises:
        ConflictError: It has already ended otherwise.
    """
    return _cancel(session, *_editable(session, actor, video_id), bell)


def cancel_any_render(session: Session, video_id: UUID, *, bell: Bell) -> VideoView:
    """Stop anyone's render, as ``cancel_render`` does: for who runs the product, at its terminal. No edge calls it.

    Raises:
        NotFoundError: There is no such video.
        ConflictError: It has already ended otherwise.
    """
    found = _find(session, video_id)
    if found is None:
        raise NotFoundError(f"There is no video {video_id}.", "video_id")
    return _cancel(session, *found, bell)


def _cancel(session: Session, video: UserVideo, job: RenderJob, bell: Bell) -> VideoView:
    now = utc_now()
    cancelled = session.execute(
        update(RenderJob)
        .where(col(RenderJob.id) == job.id, col(RenderJob.job_status).in_([JobState.QUEUED, JobState.PROCESSING]))
        .values(job_status=JobState.CANCELLED, completed_at=now)
        .returning(col(RenderJob.id))
    ).one_or_none()
    session.refresh(job)
    session.refresh(video)
    if cancelled is not None:
        video.render_status, video.updated_at, video.estimated_completion = RenderStatus.CANCELLED, now, None
        release(session, job.id)
        record_end(session, video, job)
        after_commit(session, lambda: _tell(bell, job, JobState.CANCELLED))
    elif video.render_status is not RenderStatus.CANCELLED:
        raise ConflictError(f"The render has already ended: it is {video.render_status}.", "video_id")
    return VideoView.of(video, job)


def rename_video(session: Session, actor: Actor, video_id: UUID, title: str) -> VideoView:
    """Give a video another title."""
    video, job = _editable(session, actor, video_id)
    video.video_title = checked_title(title)
    video.updated_at = utc_now()
    return VideoView.of(video, job)


def delete_video(session: Session, objects: ObjectStore, actor: Actor, video_id: UUID) -> None:
    """Remove a video that has ended; its files go once the transaction is committed. Usage stays counted."""
    video, _job = _editable(session, actor, video_id)
    if not video.render_status.is_terminal:
        raise ConflictError("The video is still being rendered: cancel it first.", "video_id")
    keys = [key for key in (video.output_path, video.poster_path, video.sprites_path) if key is not None]
    session.delete(video)
    session.flush()
    project(session, video.user_id, utc_now())
    for key in keys:
        after_commit(session, partial(objects.delete, key))
