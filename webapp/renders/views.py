"""What goes in and what comes out of the renders room: frozen values, never rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from render_core.spec import Output, Quality
from webapp.assets.resolve import ChosenAssets
from webapp.errors import ConflictError
from webapp.models import RenderJob, RenderStatus, UserVideo
from webapp.pages import Page
from webapp.plain import Moment

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 2000
LONGEST_SEARCH = 200
_EXAMPLE: dict[str, Any] = {
    "template_name": "LipSyncTemplate",
    "user_assets": {
        "lipSyncVideo": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        "backgroundVideos": ["3f2504e0-4f89-41d3-9a0c-0305e82c3301"],
    },
    "config": {"mainText": "ПЕРСОНАЛЬНЫЙ ТЕКСТ", "musicVolume": 0.7, "vignetteStrength": 0.5},
}


class RenderOrder(BaseModel):
    """What to render: the REST body and the editor's order alike.

    Attributes:
        user_assets: Asset ids by the template's role; roles that take many take a list. None leaves a role empty.
        config: The template's settings by their public names.
        variables: Values of the ``{{name}}`` in the texts; each that occurs needs one, others are ignored.
        output: Format of the file: MP4 (H.264 and AAC), WebM (VP9 and Opus) or an animated GIF, small and silent.
        quality: ``draft`` to look at, ``standard`` for social networks, ``high`` to keep.
        template_id: Saved settings of the template that it comes from. Only noted: ``config`` says what is set.
        workspace_id: None means the actor's own workspace.
        video_title: None means a title made from the text or the template.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    template_name: Annotated[str, Field(max_length=100)]
    user_assets: dict[str, ChosenAssets] = {}
    config: dict[str, Any] = {}
    output: Output = "mp4"
    quality: Quality = "standard"
    variables: dict[str, str] = {}
    template_id: UUID | None = None
    workspace_id: UUID | None = None
    room_id: UUID | None = None
    task_id: UUID | None = None
    video_title: Annotated[str | None, Field(max_length=LONGEST_TITLE)] = None


class VideoFilter(BaseModel):
    """Which videos a list shows.

    Attributes:
        workspace_id: All of a workspace; without any place one's own of all workspaces.
        room_id: All of a room, with those of its tasks.
        task_id: All of a task.
        status: Any of these; none means all.
        template_id: Made from these saved settings.
        search: Words of title and description; their case and order do not matter.
        created_from: Not older, with a time zone.
        created_before: Older.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    workspace_id: UUID | None = None
    room_id: UUID | None = None
    task_id: UUID | None = None
    status: frozenset[RenderStatus] = frozenset()
    search: Annotated[str, Field(max_length=LONGEST_SEARCH)] = ""
    template_name: Annotated[str | None, Field(max_length=100)] = None
    template_id: UUID | None = None
    created_from: Moment | None = None
    created_before: Moment | None = None


class VideoChange(BaseModel):
    """What to call a video and to say about it; what is left out stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    video_title: Annotated[str | None, Field(max_length=LONGEST_TITLE)] = None
    video_description: Annotated[str | None, Field(max_length=LONGEST_DESCRIPTION)] = None


class RenderDraft(BaseModel):
    """What a video was made from, to be edited and rendered anew.

    Attributes:
        order: As it was asked for, without the assets that are missing.
        missing: Inputs whose asset is gone, or no longer the actor's to use: ``user_assets.coverImage``.
    """

    model_config = ConfigDict(frozen=True)

    order: RenderOrder
    missing: tuple[str, ...] = ()


class VideoView(BaseModel):
    """A video as somebody who may see it sees it.

    Attributes:
        progress: Per cent, 0–100.
        template_id: The saved settings that it was made from; None for none, or when they were deleted.
        duration: Seconds, as planned; the file has exactly it.
        error: Why it failed, for people.
        output: Format of the file.
        download_url: None until it is completed.
        poster_url: A picture of it; None until it is completed.
        sprites_url: Thumbnails for a player's bar, as WebVTT; None until it is completed.
    """

    model_config = ConfigDict(frozen=True)

    id: Annotated[UUID, Field(serialization_alias="video_id")]
    video_title: str
    video_description: str
    template_name: str
    template_id: UUID | None
    output: Output
    status: RenderStatus
    progress: int
    estimated_completion: datetime | None
    error_code: str | None
    error: str | None
    output_size: int | None
    duration: float | None
    workspace_id: UUID
    room_id: UUID | None
    task_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    download_url: str | None
    poster_url: str | None
    sprites_url: str | None

    @classmethod
    def of(cls, video: UserVideo, job: RenderJob) -> Self:
        """The view of a video and its newest job."""
        return cls(
            id=video.id,
            video_title=video.video_title,
            video_description=video.video_description,
            template_name=str(video.input_props.get("template_name", "")),
            template_id=video.template_id,
            output=output_of(video),
            status=video.render_status,
            progress=video.render_progress,
            estimated_completion=video.estimated_completion,
            error_code=job.error_code,
            error=job.error_message,
            output_size=video.output_size,
            duration=video.duration,
            workspace_id=video.workspace_id,
            room_id=video.room_id,
            task_id=video.task_id,
            created_at=video.created_at,
            started_at=video.render_started_at,
            completed_at=video.render_completed_at,
            download_url=video.output_url,
            poster_url=f"/api/video/{video.id}/poster" if video.poster_path else None,
            sprites_url=f"/api/video/{video.id}/sprites.vtt" if video.sprites_path else None,
        )

    @classmethod
    def of_new(cls, video: Mapping[str, Any]) -> Self:
        """The view of a video that has just been asked for, from what its row was written with."""
        order = video["input_props"]
        known = {name: video[name] for name in cls.model_fields.keys() & video.keys()}
        known |= {"template_name": order["template_name"], "output": order["output"], "video_description": ""}
        return cls(**dict.fromkeys(cls.model_fields) | known | {"status": RenderStatus.PENDING, "progress": 0})


def order_of(video: UserVideo) -> RenderOrder:
    """What was asked for.

    Raises:
        ConflictError: In a form that is no longer known.
    """
    try:
        return RenderOrder.model_validate(video.input_props)
    except ValidationError:
        raise ConflictError("This video was asked for in a form that is no longer known: make it anew.") from None


def output_of(video: UserVideo) -> Output:
    """The format that was asked for; orders from before there was a choice mean MP4."""
    output: Output = video.input_props.get("output", "mp4")
    return output


class VideoPage(Page):
    """A page of videos, newest first."""

    videos: tuple[VideoView, ...]
