"""Renders: asked for, listed, shown. The database is the truth: every page load starts from it."""

# ruff: noqa: SLF001 - the functions below the state are this module's own

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import reflex as rx

from webapp.errors import NotFoundError
from webapp.models import RenderStatus, utc_now
from webapp.renders.service import cancel_render, get_video, list_videos, request_render
from webapp.renders.views import RenderUpdate, VideoView
from webapp.ui.edge import Then, actor_of, as_user, container, show_error
from webapp.ui.states.draft import draft_order
from webapp.ui.waiting import seconds_left, steadied
from webapp.ui.words import duration, megabytes, remaining, until_ready

_PAGE = 6
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_DOUBLE_CLICK = timedelta(seconds=1.5)
_LOOK_AT_STATUS = "document.getElementById('status').scrollIntoView({behavior: 'smooth', block: 'nearest'})"
# Once the player is there; the click that led here allows it to play with sound.
PLAY = """
document.querySelector('.stage').scrollIntoView({behavior: 'smooth', block: 'start'});
setTimeout(() => document.querySelector('#finished')?.play().catch(() => {}), 200);
"""
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
    """

    id: str = ""
    title: str = ""
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

    @classmethod
    def of(cls, video: VideoView) -> "VideoCard":
        """The card of a video."""
        facts = [duration(video.duration)] if video.duration else []
        card = cls(
            id=str(video.id),
            title=video.video_title,
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


class RendersState(rx.State):
    """The video in the stage's second half, and the history below."""

    videos: list[VideoCard] = []
    current: VideoCard = VideoCard()
    is_showing_video: bool = False
    is_asking: bool = False
    notice: str = ""
    page: int = 1
    has_more: bool = False
    _cursors: list[str | None] = [None]
    _ordered_at: datetime = _LONG_AGO

    @rx.event
    async def load(self) -> None:
        """Read the history's first page; what is running, or was made last, is the current video."""
        self.page, self._cursors = 1, [None]
        await self._read_page()
        if not any(card.id == self.current.id for card in self.videos) or self.current.is_running:
            known = next((card for card in self.videos if card.id == self.current.id), None)
            self.current = known or next((card for card in self.videos if card.is_running), VideoCard())
        self.is_showing_video = self.is_showing_video and bool(self.current.source)
        self.is_asking = False

    async def _read_page(self) -> None:
        cursor = self._cursors[self.page - 1]
        found = await as_user(self, lambda session, actor: list_videos(session, actor, limit=_PAGE, cursor=cursor))
        known = {card.id: card for card in [*self.videos, self.current]}
        self.videos = [VideoCard.of(video).after(known.get(str(video.id))) for video in found.videos]
        self.has_more = found.next_cursor is not None
        self._cursors = [*self._cursors[: self.page], found.next_cursor]

    @rx.event
    async def older(self) -> None:
        """Turn the history's page."""
        await actor_of(self)
        if self.has_more:
            self.page += 1
            await self._read_page()

    @rx.event
    async def newer(self) -> None:
        """Turn the history's page back."""
        await actor_of(self)
        if self.page > 1:
            self.page -= 1
            await self._read_page()

    @rx.event
    async def render(self) -> AsyncIterator[Then]:
        """Order the draft as it is now; the second click of a double one comes after the first has been answered."""
        await actor_of(self)
        if self.is_asking or utc_now() - self._ordered_at < _DOUBLE_CLICK:
            return
        self.is_asking = True
        yield
        try:
            order = await draft_order(self)
            video = await as_user(
                self, lambda session, actor: request_render(session, actor, order, bell=container().bell)
            )
        except Exception as error:  # noqa: BLE001 - the button must come back whatever it was
            self.is_asking = False
            yield show_error(error)
            return
        self.is_asking, self._ordered_at = False, utc_now()
        self.current, self.is_showing_video = VideoCard.of(video), False
        self.page = 1
        await self._read_page()
        yield rx.call_script(_LOOK_AT_STATUS)

    @rx.event
    async def cancel(self, video_id: str) -> None:
        """Stop a render."""
        await actor_of(self)
        wanted = _uuid(video_id)
        video = await as_user(self, lambda session, actor: cancel_render(session, actor, wanted, bell=container().bell))
        self._put(VideoCard.of(video))

    @rx.event
    async def show(self, video_id: str) -> Then:
        """Put a video of the history onto the stage."""
        await actor_of(self)
        wanted = _uuid(video_id)
        self.current = VideoCard.of(await as_user(self, lambda session, actor: get_video(session, actor, wanted)))
        self.is_showing_video = bool(self.current.source)
        return rx.call_script(PLAY)

    @rx.event
    async def look_at(self, what: str) -> None:
        """Switch the stage between the preview and the finished video."""
        await actor_of(self)
        self.is_showing_video = what == "video" and bool(self.current.source)

    def _put(self, card: VideoCard) -> None:
        """Replace the card of a video wherever it is shown."""
        if self.current.id == card.id and self.current != card:
            self.current = card
        if any(known.id == card.id and known != card for known in self.videos):
            self.videos = [card if known.id == card.id else known for known in self.videos]


# Public methods of a state are handlers that any client can call: what other states need are functions.


def is_new(renders: RendersState, updates: Iterable[RenderUpdate]) -> bool:
    """Whether a video is spoken of that was ordered elsewhere, in another tab or over REST."""
    shown = {card.id for card in renders.videos}
    return renders.page == 1 and any(str(update.video_id) not in shown for update in updates)


async def read_page(renders: RendersState) -> None:
    """Read the history's page anew."""
    await renders._read_page()


def move_on(renders: RendersState, updates: Iterable[RenderUpdate], ended: Iterable[VideoView]) -> None:
    """Show how far the renders are, and those that have ended; the one on the stage is played if it was awaited."""
    for video in ended:
        was_awaited = renders.current.id == str(video.id) and renders.current.is_running
        renders._put(VideoCard.of(video))
        renders.is_showing_video = renders.is_showing_video or (was_awaited and bool(renders.current.source))
    now, by_id = utc_now(), {str(update.video_id): update for update in updates if not update.is_over}
    for card in {card.id: card for card in [*renders.videos, renders.current]}.values():
        renders._put(card.moved_on(by_id[card.id], now) if card.id in by_id else card.reworded(now))


def is_running(renders: RendersState) -> bool:
    """Whether something that is shown has not ended."""
    return any(card.is_running for card in [*renders.videos, renders.current])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFoundError("There is no such video.", "video_id") from error
