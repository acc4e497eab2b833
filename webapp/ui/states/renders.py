"""Renders: asked for, followed live, listed. The database is the truth: every page load starts from it."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import reflex as rx

from webapp.errors import NotFoundError
from webapp.models import RenderStatus, utc_now
from webapp.renders.service import cancel_render, get_video, list_videos, request_render
from webapp.renders.views import AssetUpdate, RenderUpdate, VideoView
from webapp.ui.edge import Then, actor_of, as_user, container, show_error
from webapp.ui.states.draft import draft_order
from webapp.ui.words import duration, megabytes, remaining

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
        return cls(
            id=str(video.id),
            title=video.video_title,
            status=video.status.value,
            words=_WORDS[video.status],
            percent=video.progress,
            facts=" · ".join(facts + ([megabytes(video.output_size)] if video.output_size else [])),
            error=video.error or "",
            created_at=video.created_at.isoformat(),
            source=f"{video.download_url}?inline=1" if video.download_url else "",
            download=video.download_url or "",
            poster=video.poster_url or "",
            is_picture=video.output == "gif",
            is_running=not video.status.is_terminal,
        )

    def moved_on(self, update: RenderUpdate) -> "VideoCard":
        """The same video a little later. Percentages never go back."""
        return replace(
            self,
            status=update.status.value,
            words=_WORDS[update.status],
            percent=max(self.percent, update.progress),
            eta=_eta(update),
        )


class RendersState(rx.State):
    """The video in the stage's second half, and the history below."""

    videos: list[VideoCard] = []
    current: VideoCard = VideoCard()
    is_showing_video: bool = False
    is_asking: bool = False
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
        self.videos = [VideoCard.of(video) for video in found.videos]
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

    @rx.event(background=True, supersedes=True)
    async def follow(self) -> None:
        """Take over what the stream says, for as long as the tab is there."""
        actor = await actor_of(self)
        heard_of: set[UUID] = set()
        async with aclosing(container().stream.updates(actor.user_id)) as updates:
            async for update in updates:
                if isinstance(update, AssetUpdate):
                    continue
                await actor_of(self)  # a tab may outlive its session
                ended = await self._read(update.video_id) if update.status.is_terminal else None
                async with self:
                    if update.video_id not in heard_of and self._is_newer(update):
                        await self._read_page()
                    heard_of.add(update.video_id)
                    self._move_on(update, ended)

    def _is_newer(self, update: RenderUpdate) -> bool:
        """Whether it speaks of a video that was ordered elsewhere, in another tab or over REST."""
        return self.page == 1 and all(card.id != str(update.video_id) for card in self.videos)

    async def _read(self, video_id: UUID) -> VideoView:
        return await as_user(self, lambda session, actor: get_video(session, actor, video_id))

    def _move_on(self, update: RenderUpdate, ended: VideoView | None) -> None:
        if ended is not None:
            was_current = self.current.id == str(ended.id) and self.current.is_running
            self._put(VideoCard.of(ended))
            self.is_showing_video = self.is_showing_video or (was_current and bool(self.current.source))
            return
        for card in [self.current, *self.videos]:
            if card.id == str(update.video_id):
                self._put(card.moved_on(update))
                return

    def _put(self, card: VideoCard) -> None:
        """Replace the card of a video wherever it is shown."""
        if self.current.id == card.id:
            self.current = card
        self.videos = [card if known.id == card.id else known for known in self.videos]


def _eta(update: RenderUpdate) -> str:
    if update.estimated_completion is None:
        return ""
    return remaining((update.estimated_completion - utc_now()).total_seconds())


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFoundError("There is no such video.", "video_id") from error
