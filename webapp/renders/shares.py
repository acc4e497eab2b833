"""Links under which anybody may watch a finished video, until they expire or are ended."""

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import update
from sqlmodel import Session, col, select

from cluster.ports import ObjectStore
from render_core.spec import Output, SpriteSheet
from webapp.accounts.service import Actor
from webapp.assets.views import StoredFile
from webapp.errors import ConflictError, InvalidError, NotFoundError
from webapp.links import LinkSigner
from webapp.models import RenderJob, RenderStatus, UserVideo, VideoShare, Workspace, utc_now
from webapp.renders.files import download_of, poster_of
from webapp.renders.service import found_video
from webapp.renders.views import output_of
from webapp.workspaces.policy import Action

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=90)
MOST_OPEN = 20
_ID_LENGTH = 32


class ShareView(BaseModel):
    """A link that is open.

    Attributes:
        url: Behind the product's address it is what to pass on.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    video_id: UUID
    url: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, share: VideoShare, links: LinkSigner) -> Self:
        """The view of a link with its signature."""
        return cls(
            id=share.id,
            video_id=share.video_id,
            url=f"/share/{_token(share, links)}",
            created_at=share.created_at,
            expires_at=share.expires_at,
        )


class SharedVideo(BaseModel):
    """What whoever has the link sees.

    Attributes:
        duration: Seconds.
        aspect_ratio: Width to height; None where it is not known.
        poster_url: None where there is no picture.
    """

    model_config = ConfigDict(frozen=True)

    video_title: str
    video_description: str
    output: Output
    duration: float | None
    aspect_ratio: float | None
    output_size: int | None
    expires_at: datetime
    video_url: str
    download_url: str
    poster_url: str | None


def share_video(session: Session, links: LinkSigner, actor: Actor, video_id: UUID, lifetime: timedelta) -> ShareView:
    """Make a link to a finished video.

    Raises:
        InvalidError: Links last a minute to 90 days.
        ConflictError: The video is not finished, or has many links already.
    """
    if not SHORTEST <= lifetime <= LONGEST:
        raise InvalidError("A link lasts at least one minute and at most 90 days.", "lifetime_s")
    video, _job = found_video(session, actor, video_id, Action.WRITE_VIDEOS)
    if video.render_status is not RenderStatus.COMPLETED:
        raise ConflictError(f"The video is {video.render_status}: it can be shared once it is completed.", "video_id")
    session.exec(select(UserVideo.id).where(UserVideo.id == video_id).with_for_update(key_share=True)).one()
    if len(_open_shares(session, video_id)) >= MOST_OPEN:
        raise ConflictError(f"The video has {MOST_OPEN} links already: end one of them first.", "video_id")
    share = VideoShare(video_id=video_id, user_id=actor.user_id, expires_at=links.expires_in(lifetime))
    session.add(share)
    session.flush()
    return ShareView.of(share, links)


def list_shares(session: Session, links: LinkSigner, actor: Actor, video_id: UUID) -> tuple[ShareView, ...]:
    """A video's links that are open, the newest first: for those who may make some."""
    found_video(session, actor, video_id, Action.WRITE_VIDEOS)
    return tuple(ShareView.of(share, links) for share in _open_shares(session, video_id))


def _open_shares(session: Session, video_id: UUID) -> list[VideoShare]:
    is_open = col(VideoShare.revoked_at).is_(None) & (col(VideoShare.expires_at) > utc_now())
    rows = select(VideoShare).where(VideoShare.video_id == video_id, is_open)
    return list(session.exec(rows.order_by(col(VideoShare.created_at).desc(), col(VideoShare.id))))


def end_share(session: Session, actor: Actor, video_id: UUID, share_id: UUID) -> None:
    """End a link. Ending it twice is ending it once.

    Raises:
        NotFoundError: The video has no such link.
    """
    found_video(session, actor, video_id, Action.WRITE_VIDEOS)
    share = session.get(VideoShare, share_id)
    if share is None or share.video_id != video_id:
        raise NotFoundError("The video has no such link.", "share_id")
    is_open = col(VideoShare.revoked_at).is_(None)
    session.execute(update(VideoShare).where(col(VideoShare.id) == share_id, is_open).values(revoked_at=utc_now()))


def open_share(session: Session, links: LinkSigner, token: str) -> SharedVideo:
    """What a link leads to, for anybody who has it.

    Raises:
        NotFoundError: The link is wrong or over, or the video is gone. Which of them is nobody's business.
    """
    share, video, _job = _behind(session, links, token)
    address = f"/api/share/{token}"
    return SharedVideo(
        video_title=video.video_title,
        video_description=video.video_description,
        output=output_of(video),
        duration=video.duration,
        aspect_ratio=_aspect_ratio(video),
        output_size=video.output_size,
        expires_at=share.expires_at,
        video_url=f"{address}/video",
        download_url=f"{address}/video?download=1",
        poster_url=f"{address}/poster" if video.poster_path else None,
    )


def _aspect_ratio(video: UserVideo) -> float | None:
    sheet = SpriteSheet.model_validate(video.sprite_sheet) if video.sprite_sheet else None
    return sheet.width / sheet.height if sheet else None


def open_shared_video(session: Session, links: LinkSigner, token: str) -> StoredFile:
    """Where the bytes of a shared video are."""
    _share, video, job = _behind(session, links, token)
    return download_of(video, job)


def open_shared_poster(session: Session, links: LinkSigner, objects: ObjectStore, token: str) -> StoredFile:
    """Where the picture of a shared video is."""
    _share, video, job = _behind(session, links, token)
    return poster_of(objects, video, job)


def _behind(session: Session, links: LinkSigner, token: str) -> tuple[VideoShare, UserVideo, RenderJob]:
    closed = NotFoundError("This link is wrong or has expired: ask whoever gave it to you for a new one.")
    try:
        share = session.get(VideoShare, UUID(token[:_ID_LENGTH]))
    except ValueError:
        raise closed from None
    if share is None or share.revoked_at is not None:
        raise closed
    links.verify(_path(share.id), _moment(share.expires_at), token[_ID_LENGTH:])
    found = session.exec(
        select(UserVideo, RenderJob)
        .join(RenderJob, col(RenderJob.video_id) == col(UserVideo.id))
        .join(Workspace, col(Workspace.id) == col(UserVideo.workspace_id))
        .where(UserVideo.id == share.video_id, col(Workspace.archived_at).is_(None))
        .where(UserVideo.render_status == RenderStatus.COMPLETED)
        .order_by(col(RenderJob.created_at).desc())
    ).first()
    if found is None:
        raise closed
    return share, found[0], found[1]


def _token(share: VideoShare, links: LinkSigner) -> str:
    """The share's id and the signature over it and its end: short enough to be passed on."""
    signed = links.sign(_path(share.id), share.expires_at)
    return share.id.hex + signed.rpartition("signature=")[2]


def _path(share_id: UUID) -> str:
    return f"/share/{share_id.hex}"


def _moment(expires_at: datetime) -> str:
    return str(int(expires_at.timestamp()))
