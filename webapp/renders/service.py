"""Renders: asked for, looked at, cancelled, downloaded. Both edges call these functions inside their transaction."""

from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import insert, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from cluster.jobs import JobProgress, JobState
from cluster.ports import ObjectStore
from webapp.accounts.service import Actor
from webapp.assets.resolve import hold_assets
from webapp.bell import Bell
from webapp.billing.ledger import release, reserve
from webapp.billing.months import project
from webapp.db import after_commit
from webapp.errors import ConflictError, NotFoundError
from webapp.models import NoteKind, RenderJob, RenderStatus, UserVideo, utc_now
from webapp.pages import behind, cut
from webapp.plain import folded, require_plain
from webapp.renders.checking import CheckedOrder, check_order, checked_title, require_storable
from webapp.renders.events import record_end
from webapp.renders.filters import narrowed, visible
from webapp.renders.idempotency import find_repetition, remember
from webapp.renders.notes import write_note
from webapp.renders.views import RenderOrder, VideoChange, VideoFilter, VideoPage, VideoView, order_of
from webapp.trace import note
from webapp.workspaces.policy import Action, authorize

EVERYTHING = VideoFilter()
_NEW_VIDEO = insert(UserVideo.__table__)  # type: ignore[attr-defined]  # SQLModel makes it
_NEW_JOB = insert(RenderJob.__table__)  # type: ignore[attr-defined]  # SQLModel makes it


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
    require_storable(order)
    if idempotency_key is not None:
        known = find_repetition(session, actor, idempotency_key, order)
        if known is not None:
            return VideoView.of(*found_video(session, actor, known, Action.WRITE_VIDEOS))
    view = _write_down(session, actor, check_order(session, actor, order), bell)
    if idempotency_key is not None:
        remember(session, actor, idempotency_key, order, view.id)
    return view


def _write_down(session: Session, actor: Actor, checked: CheckedOrder, bell: Bell) -> VideoView:
    job_id, video_id, now = uuid4(), uuid4(), utc_now()
    hold_assets(session, checked.order.user_assets)
    # First of what is written: it locks the workspace's row, which the other rows refer to.
    reserve(session, checked.workspace_id, actor.user_id, job_id, checked.duration_s)
    video = {
        "id": video_id,
        "created_at": now,
        "updated_at": now,
        "user_id": actor.user_id,
        "workspace_id": checked.workspace_id,
        "room_id": checked.room_id,
        "task_id": checked.order.task_id,
        "template_id": checked.order.template_id,
        "video_title": checked.title,
        "search_text": folded(checked.title),
        "input_props": checked.order.model_dump(mode="json"),
        "duration": checked.duration_s,
    }
    session.execute(_NEW_VIDEO, video)
    note(video_id=video_id)
    _add_job(session, job_id, video_id, checked, bell)
    return VideoView.of_new(video)


def _add_job(session: Session, job_id: UUID, video_id: UUID, checked: CheckedOrder, bell: Bell) -> None:
    spec = checked.spec.model_dump(mode="json")
    job = {"id": job_id, "video_id": video_id, "workspace_id": checked.workspace_id, "spec": spec}
    session.execute(_NEW_JOB, job)
    after_commit(session, lambda: _tell(bell, job_id, video_id, JobState.QUEUED))


def retry_render(session: Session, actor: Actor, video_id: UUID, *, bell: Bell) -> VideoView:
    """Render a failed or cancelled video anew: a new job, reserved anew. Retrying twice is retrying once.

    Raises:
        ConflictError: It is finished, or its order can no longer be read.
        InvalidInputError, NotFoundError: What it is made from is no longer there, or does not fit any more.
        QuotaExceededError: The month's videos are used up.
    """
    video, job = found_video(session, actor, video_id, Action.WRITE_VIDEOS)
    if video.render_status is RenderStatus.COMPLETED:
        raise ConflictError("The video is finished: edit it again to make another one.", "video_id")
    if not video.render_status.is_terminal:
        return VideoView.of(video, job)
    # Where it lies and comes from is settled, and may be put away by now.
    settled = {"workspace_id": video.workspace_id, "room_id": None, "task_id": None, "template_id": None}
    checked = check_order(session, actor, order_of(video).model_copy(update=settled))
    hold_assets(session, checked.order.user_assets)
    if not _taken_up(session, video, checked.duration_s):
        session.expire_all()
        return VideoView.of(*found_video(session, actor, video_id, Action.WRITE_VIDEOS))
    job_id = uuid4()
    reserve(session, video.workspace_id, actor.user_id, job_id, checked.duration_s)
    _add_job(session, job_id, video_id, checked, bell)
    return VideoView.of(*found_video(session, actor, video_id, Action.WRITE_VIDEOS))


def _taken_up(session: Session, video: UserVideo, duration_s: float) -> bool:
    """Failed or cancelled → pending; False when somebody else was first."""
    ended = [RenderStatus.FAILED, RenderStatus.CANCELLED]
    taken = session.execute(
        update(UserVideo)
        .where(col(UserVideo.id) == video.id, col(UserVideo.render_status).in_(ended))
        .values(
            render_status=RenderStatus.PENDING,
            render_progress=0,
            estimated_completion=None,
            render_started_at=None,
            render_completed_at=None,
            duration=duration_s,
            updated_at=utc_now(),
        )
        .returning(col(UserVideo.id))
    ).one_or_none()
    session.refresh(video)
    return taken is not None


def _tell(bell: Bell, job_id: UUID, video_id: UUID, state: JobState, attempt: int = 0) -> None:
    bell.publish(
        JobProgress(
            job_id=str(job_id),
            video_id=str(video_id),
            attempt=attempt,
            state=state,
            percent=0,
            cells_done=0,
            cells_total=0,
            cells_cached=0,
        )
    )


def get_video(session: Session, actor: Actor, video_id: UUID) -> VideoView:
    """A video of a workspace where the actor is a member."""
    return VideoView.of(*found_video(session, actor, video_id, Action.READ_VIDEOS))


def found_video(session: Session, actor: Actor, video_id: UUID, action: Action) -> tuple[UserVideo, RenderJob]:
    """The rows of a video and of its newest job, if the actor may do this with it.

    Raises:
        NotFoundError: There is none for the actor.
        ForbiddenError: The actor may only look at it.
    """
    unknown = NotFoundError(f"There is no video {video_id} that you may see.", "video_id")
    found = _find(session, video_id)
    if found is None:
        raise unknown
    authorize(session, actor, action, found[0].workspace_id, unknown=unknown)
    note(video_id=video_id)
    return found


def _find(session: Session, video_id: UUID) -> tuple[UserVideo, RenderJob] | None:
    found = session.exec(_with_newest_job().where(UserVideo.id == video_id)).one_or_none()
    return None if found is None else (found[0], found[1])


def _with_newest_job() -> Select[UserVideo, RenderJob]:
    newest = (
        select(RenderJob.id)
        .where(RenderJob.video_id == UserVideo.id)
        .order_by(col(RenderJob.created_at).desc())
        .limit(1)
        .correlate(UserVideo)
    )
    return select(UserVideo, RenderJob).join(RenderJob, col(RenderJob.id) == newest.scalar_subquery())


def list_videos(
    session: Session,
    actor: Actor,
    wanted: VideoFilter = EVERYTHING,
    *,
    limit: int = 20,
    cursor: str | None = None,
) -> VideoPage:
    """The actor's videos, or those of a workspace, room or task, newest first.

    Raises:
        NotFoundError: The place is none of the actor's.
        InvalidError: A limit, a cursor or a search that is not possible.
    """
    rows = narrowed(visible(session, actor, wanted, _with_newest_job()), wanted)
    newest = behind(rows, col(UserVideo.created_at), col(UserVideo.id), limit=limit, cursor=cursor)
    views = [VideoView.of(video, job) for video, job in session.exec(newest)]
    page, next_cursor = cut(views, limit, lambda view: (view.created_at, view.id))
    return VideoPage(videos=page, next_cursor=next_cursor)


def cancel_render(session: Session, actor: Actor, video_id: UUID, *, bell: Bell) -> VideoView:
    """Stop a render and give its reservation back. Cancelling twice is cancelling once.

    Raises:
        ConflictError: It has already ended otherwise.
    """
    return _cancel(session, *found_video(session, actor, video_id, Action.WRITE_VIDEOS), bell)


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
        after_commit(session, lambda: _tell(bell, job.id, video.id, JobState.CANCELLED, job.attempt))
    elif video.render_status is not RenderStatus.CANCELLED:
        raise ConflictError(f"The render has already ended: it is {video.render_status}.", "video_id")
    return VideoView.of(video, job)


def change_video(session: Session, actor: Actor, video_id: UUID, change: VideoChange) -> VideoView:
    """Give a video another title or description; who watches is told.

    Raises:
        InvalidError: One of them cannot be shown or stored.
    """
    video, job = found_video(session, actor, video_id, Action.WRITE_VIDEOS)
    before = (video.video_title, video.video_description)
    if change.video_title is not None:
        video.video_title = checked_title(change.video_title)
    if change.video_description is not None:
        require_plain(change.video_description, "video_description")
        video.video_description = change.video_description.strip()
    if (video.video_title, video.video_description) != before:
        video.search_text = folded(f"{video.video_title} {video.video_description}")
        write_note(session, video, NoteKind.RENAMED)
    return VideoView.of(video, job)


def delete_video(session: Session, objects: ObjectStore, actor: Actor, video_id: UUID) -> None:
    """Remove a video that has ended; its files go once the transaction is committed. Usage stays counted.

    Raises:
        ConflictError: It is still being rendered.
    """
    video, _job = found_video(session, actor, video_id, Action.WRITE_VIDEOS)
    if not video.render_status.is_terminal:
        raise ConflictError("The video is still being rendered: cancel it first.", "video_id")
    keys = [key for key in (video.output_path, video.poster_path, video.sprites_path) if key is not None]
    write_note(session, video, NoteKind.DELETED)
    session.delete(video)
    session.flush()
    project(session, video.user_id, utc_now())
    for key in keys:
        after_commit(session, partial(objects.delete, key))
