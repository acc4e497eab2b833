"""Videos and saved settings as the page shows them. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from webapp.models import RenderStatus, utc_now
from webapp.renders.updates import RenderUpdate
from webapp.renders.views import VideoView
from webapp.templates.views import SavedConfigView
from webapp.ui.waiting import seconds_left, steadied
from webapp.ui.words import duration, megabytes, remaining, until_ready

_WORDS = {
    RenderStatus.PENDING: "Waiting to start",
    RenderStatus.RENDERING: "Rendering",
    RenderStatus.COMPLETED: "Ready",
    RenderStatus.FAILED: "Failed",
    RenderStatus.CANCELLED: "Cancelled",
}


@dataclass
class VideoCard:
    """A video as the page shows it.

    Attributes:
        words: Its state, for people.
        ends_at: When it is expected to be ready, as it is shown.
        eta: The same in words.
        facts: Length and size, where they are known.
        source: Where it can be played from; empty until it is completed.
        download: Where it can be saved from.
        poster: A picture of it; empty until there is one.
        is_picture: Whether browsers show it as a picture: a GIF.
        can_retry: Whether it has failed or was cancelled.
        origin: What the saved settings are called that it was made from; empty for none.
    """

    id: str = ""
    title: str = ""
    description: str = ""
    status: str = ""
    words: str = ""
    percent: int = 0
    ends_at: datetime | None = None
    eta: str = ""
    facts: str = ""
    error: str = ""
    created_at: str = ""
    source: str = ""
    download: str = ""
    poster: str = ""
    is_picture: bool = False
    is_running: bool = False
    can_retry: bool = False
    origin: str = ""

    @classmethod
    def of(cls, video: VideoView, origin: str = "") -> "VideoCard":
        """The card of a video, with what its saved settings are called."""
        facts = [duration(video.duration)] if video.duration else []
        card = cls(
            id=str(video.id),
            title=video.video_title,
            description=video.video_description,
            status=video.status.value,
            words=_WORDS[video.status],
            percent=video.progress,
            ends_at=video.estimated_completion,
            facts=" · ".join(facts + ([megabytes(video.output_size)] if video.output_size else [])),
            error=video.error or "",
            created_at=video.created_at.isoformat(),
            source=f"{video.download_url}?inline=1" if video.download_url else "",
            download=video.download_url or "",
            poster=video.poster_url or "",
            is_picture=video.output == "gif",
            is_running=not video.status.is_terminal,
            can_retry=video.status in {RenderStatus.FAILED, RenderStatus.CANCELLED},
            origin=origin,
        )
        return card.reworded(utc_now())

    def moved_on(self, update: RenderUpdate, now: datetime) -> "VideoCard":
        """The same video a little later. Percentages never go back, and what has ended has ended."""
        if not self.is_running:
            return self
        moved = replace(
            self,
            status=update.status.value,
            words=_WORDS[update.status],
            percent=max(self.percent, update.progress),
            ends_at=steadied(self.ends_at, update.estimated_completion, now),
        )
        return moved.reworded(now)

    def reworded(self, now: datetime) -> "VideoCard":
        """The same with what is left at this moment."""
        left_s = seconds_left(self.ends_at, now) if self.is_running else None
        is_waiting = self.status == RenderStatus.PENDING
        return replace(self, eta=until_ready(left_s) if is_waiting else remaining(left_s))

    def after(self, known: "VideoCard | None") -> "VideoCard":
        """The same read anew, when another card of it was shown before: rows lag behind what was heard."""
        if known is None or not (self.is_running and known.is_running):
            return self
        return replace(
            self, percent=max(self.percent, known.percent), ends_at=known.ends_at or self.ends_at, eta=known.eta
        )


@dataclass
class ConfigCard:
    """Saved settings as the page shows them."""

    id: str = ""
    template: str = ""
    title: str = ""
    version: int = 0
    is_own: bool = False
    is_default: bool = False
    is_public: bool = False
    updated_at: str = ""

    @classmethod
    def of(cls, view: SavedConfigView) -> "ConfigCard":
        """The card of a view."""
        return cls(
            id=str(view.id),
            template=view.template_name,
            title=view.title or "Untitled",
            version=view.version,
            is_own=view.is_own,
            is_default=view.is_default,
            is_public=view.is_public,
            updated_at=view.updated_at.isoformat(),
        )
