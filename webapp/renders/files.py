"""The files of a finished video, for those who may see it: itself, its poster, its thumbnails."""

from uuid import UUID

from sqlmodel import Session

from cluster.ports import ObjectStore
from render_core.spec import Output, SpriteSheet
from render_core.storyboard import webvtt
from webapp.accounts.service import Actor
from webapp.assets.views import StoredFile
from webapp.errors import ConflictError, NotFoundError
from webapp.models import RenderJob, UserVideo
from webapp.renders.service import found_video
from webapp.renders.views import output_of
from webapp.workspaces.policy import Action

MIME_TYPES: dict[Output, str] = {"mp4": "video/mp4", "webm": "video/webm", "gif": "image/gif"}


def open_download(session: Session, actor: Actor, video_id: UUID) -> StoredFile:
    """Where a finished video's bytes are.

    Raises:
        ConflictError: There is no file (yet); the text says why.
    """
    return download_of(*found_video(session, actor, video_id, Action.READ_VIDEOS))


def download_of(video: UserVideo, job: RenderJob) -> StoredFile:
    """Where a video's bytes are, for whoever has been let through to it.

    Raises:
        ConflictError: There is no file (yet); the text says why.
    """
    if video.output_path is None or video.output_size is None:
        raise ConflictError(f"The video is {video.render_status}: there is nothing to download.", "video_id")
    output = output_of(video)
    return StoredFile(
        key=video.output_path,
        size_bytes=video.output_size,
        mime_type=MIME_TYPES[output],
        file_name=f"{video.video_title}.{output}",
        etag=_version(job),
    )


def open_poster(session: Session, objects: ObjectStore, actor: Actor, video_id: UUID) -> StoredFile:
    """Where the picture is that stands for a finished video.

    Raises:
        NotFoundError: There is none, or not yet.
    """
    return poster_of(objects, *found_video(session, actor, video_id, Action.READ_VIDEOS))


def poster_of(objects: ObjectStore, video: UserVideo, job: RenderJob) -> StoredFile:
    """Where a video's picture is, for whoever has been let through to it.

    Raises:
        NotFoundError: There is none, or not yet.
    """
    return _picture(objects, video.poster_path, "poster", video, job)


def open_sprites(session: Session, objects: ObjectStore, actor: Actor, video_id: UUID) -> StoredFile:
    """Where the sheet of a finished video's thumbnails is.

    Raises:
        NotFoundError: There is none, or not yet.
    """
    video, job = found_video(session, actor, video_id, Action.READ_VIDEOS)
    return _picture(objects, video.sprites_path, "sprites", video, job)


def describe_sprites(session: Session, actor: Actor, video_id: UUID) -> str:
    """The sheet's thumbnails as WebVTT, to be read beside ``sprites``.

    Raises:
        NotFoundError: There is none, or not yet.
    """
    video, _job = found_video(session, actor, video_id, Action.READ_VIDEOS)
    if video.sprite_sheet is None:
        raise _nothing(video, "sprites")
    return webvtt(SpriteSheet.model_validate(video.sprite_sheet), "sprites")


def _picture(objects: ObjectStore, key: str | None, name: str, video: UserVideo, job: RenderJob) -> StoredFile:
    size = None if key is None else objects.size(key)
    if key is None or size is None:
        raise _nothing(video, name)
    return StoredFile(
        key=key,
        size_bytes=size,
        mime_type="image/jpeg",
        file_name=f"{video.video_title} {name}.jpg",
        etag=f"{_version(job)}-{name}",
    )


def _nothing(video: UserVideo, name: str) -> NotFoundError:
    return NotFoundError(f"The video is {video.render_status}: it has no {name}.", "video_id")


def _version(job: RenderJob) -> str:
    return job.output_sha256 or str(job.id)
