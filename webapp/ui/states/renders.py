"""Renders: asked for, listed, shown. The database is the truth: every page load starts from it."""

# ruff: noqa: SLF001 - the functions below the state are this module's own

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from render_core.templates import template_names
from webapp.accounts.service import Actor
from webapp.errors import NotFoundError
from webapp.models import NoteKind, RenderStatus, utc_now
from webapp.pages import LARGEST_PAGE
from webapp.renders.service import cancel_render, get_video, list_videos, request_render
from webapp.renders.updates import RenderUpdate, VideoUpdate
from webapp.renders.views import LONGEST_SEARCH, RenderOrder, VideoFilter, VideoPage, VideoView
from webapp.templates.service import list_configs, titles_of
from webapp.ui.cards import VideoCard
from webapp.ui.edge import Then, actor_of, as_user, container, show_error
from webapp.ui.ids import uuid_of
from webapp.ui.states.draft import draft_order
from webapp.ui.states.workspace import ids_of

_PAGE = 12
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_DOUBLE_CLICK = timedelta(seconds=1.5)
_LOOK_AT_STATUS = "document.getElementById('status').scrollIntoView({behavior: 'smooth', block: 'nearest'})"
# Once the player is there; the click that led here allows it to play with sound.
PLAY = """
document.querySelector('.stage').scrollIntoView({behavior: 'smooth', block: 'start'});
setTimeout(() => document.querySelector('#finished')?.play().catch(() => {}), 200);
"""
STATUSES = {
    "": frozenset[RenderStatus](),
    "running": frozenset({RenderStatus.PENDING, RenderStatus.RENDERING}),
    "completed": frozenset({RenderStatus.COMPLETED}),
    "ended": frozenset({RenderStatus.FAILED, RenderStatus.CANCELLED}),
}
"""What the history can be narrowed to."""


@dataclass
class OriginChoice:
    """Saved settings that the history can be narrowed to."""

    id: str
    title: str


class RendersState(rx.State):
    """The video in the stage's second half, and the history below."""

    videos: list[VideoCard] = []
    current: VideoCard = VideoCard()
    is_showing_video: bool = False
    is_asking: bool = False
    notice: str = ""
    search: str = ""
    status: str = ""
    template: str = ""
    origins: list[OriginChoice] = []
    has_more: bool = False
    _cursor: str | None = None
    _met: set[str] = set()
    _ordered_at: datetime = _LONG_AGO

    @rx.var
    def is_narrowed(self) -> bool:
        """Whether some videos are left out on purpose."""
        return bool(self.search.strip() or self.status or self.template)

    @rx.event
    async def load(self) -> None:
        """Read the history's beginning; what is running, or was made last, is the current video."""
        self.videos = []
        await self._read()
        if not any(card.id == self.current.id for card in self.videos) or self.current.is_running:
            known = next((card for card in self.videos if card.id == self.current.id), None)
            self.current = known or next((card for card in self.videos if card.is_running), VideoCard())
        self.is_showing_video = self.is_showing_video and bool(self.current.source)
        self.is_asking = False

    async def _read(self) -> None:
        """Read as many as are shown, from the newest on."""
        found = await self._ask(limit=min(max(len(self.videos), _PAGE), LARGEST_PAGE))
        known = {card.id: card for card in [*self.videos, self.current]}
        self.videos = [card.after(known.get(card.id)) for card in found]

    async def _ask(self, *, limit: int, cursor: str | None = None) -> list[VideoCard]:
        workspace_id, room_id, task_id = await ids_of(self)
        wanted = VideoFilter(
            workspace_id=workspace_id,
            room_id=room_id,
            task_id=task_id,
            status=STATUSES[self.status],
            search=self.search,
            template_name=self.template if self.template in template_names() else None,
            template_id=None if self.template in {"", *template_names()} else UUID(self.template),
        )
        found = await as_user(self, lambda session, actor: _found(session, actor, wanted, limit, cursor))
        self.origins = found.origins
        self._cursor, self.has_more = found.page.next_cursor, found.page.next_cursor is not None
        return [VideoCard.of(video, found.titles.get(video.template_id, "")) for video in found.page.videos]

    @rx.event
    async def more(self) -> None:
        """Show the next older ones as well."""
        await actor_of(self)
        if self._cursor is not None:
            found = await self._ask(limit=_PAGE, cursor=self._cursor)
            shown = {card.id for card in self.videos}
            self.videos += [card for card in found if card.id not in shown]

    @rx.event
    async def look_for(self, text: str) -> None:
        """Show those that have all these words in title or description."""
        await actor_of(self)
        self.search, self.videos = str(text)[:LONGEST_SEARCH].replace("\x00", ""), []
        await self._read()

    @rx.event
    async def show_status(self, wish: str) -> None:
        """Show those that are so far, or with nothing all."""
        await actor_of(self)
        if wish not in STATUSES:
            raise NotFoundError("There is no such filter: choose one of those shown.", "status")
        self.status, self.videos = wish, []
        await self._read()

    @rx.event
    async def show_template(self, name: str) -> None:
        """Show those of one template, or of saved settings by their id, or with nothing all."""
        await actor_of(self)
        if name not in {"", *template_names(), *(origin.id for origin in self.origins)}:
            raise NotFoundError("There is no such template: choose one of those shown.", "template")
        self.template, self.videos = name, []
        await self._read()

    @rx.event
    async def render(self) -> AsyncIterator[Then]:
        """Order the draft as it is now; the second click of a double one comes after the first has been answered."""
        clicked_at = utc_now()
        await actor_of(self)
        if self.is_asking or clicked_at - self._ordered_at < _DOUBLE_CLICK:
            return
        self.is_asking = True
        yield
        try:
            order = await draft_order(self)
            video = await as_user(
                self,
                lambda session, actor: request_render(
                    session, actor, _known(session, actor, order), bell=container().bell
                ),
            )
        except Exception as error:  # noqa: BLE001 - the button must come back whatever it was
            self.is_asking = False
            yield show_error(error)
            return
        self.is_asking = False
        self.current, self.is_showing_video = VideoCard.of(video), False
        await self._read()
        self._ordered_at = utc_now()  # the second click has waited for all this
        yield rx.call_script(_LOOK_AT_STATUS)

    @rx.event
    async def cancel(self, video_id: str) -> None:
        """Stop a render."""
        await actor_of(self)
        wanted = uuid_of(video_id, "video")
        video = await as_user(self, lambda session, actor: cancel_render(session, actor, wanted, bell=container().bell))
        self._put(VideoCard.of(video))

    @rx.event
    async def show(self, video_id: str) -> Then:
        """Put a video of the history onto the stage."""
        await actor_of(self)
        wanted = uuid_of(video_id, "video")
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
        before = next((known for known in [*self.videos, self.current] if known.id == card.id), card)
        card = replace(card, origin=card.origin or before.origin)
        if self.current.id == card.id and self.current != card:
            self.current = card
        if any(known.id == card.id and known != card for known in self.videos):
            self.videos = [card if known.id == card.id else known for known in self.videos]


# Public methods of a state are handlers that any client can call: what other states need are functions.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a look into the database gives: a page, what its saved settings are called, and all that one may choose."""

    page: VideoPage
    titles: dict[UUID | None, str]
    origins: list[OriginChoice]


def _found(session: Session, actor: Actor, wanted: VideoFilter, limit: int, cursor: str | None) -> _Found:
    page = list_videos(session, actor, wanted, limit=limit, cursor=cursor)
    titles = titles_of(session, actor, {video.template_id for video in page.videos if video.template_id})
    configs = list_configs(session, actor, limit=LARGEST_PAGE).configs
    return _Found(
        page=page,
        titles={config_id: title or "Untitled" for config_id, title in titles.items()},
        origins=[OriginChoice(id=str(config.id), title=config.title or "Untitled") for config in configs],
    )


def _known(session: Session, actor: Actor, order: RenderOrder) -> RenderOrder:
    """The order without saved settings that were deleted, or put away, since they were loaded."""
    if order.template_id is None or order.template_id in titles_of(session, actor, [order.template_id]):
        return order
    return order.model_copy(update={"template_id": None})


def is_new(renders: RendersState, updates: Iterable[RenderUpdate]) -> bool:
    """Whether a video is spoken of that was ordered or begun anew elsewhere, in another tab or over REST."""
    running = {card.id for card in renders.videos if card.is_running}
    ended = {card.id for card in renders.videos if not card.is_running}
    told = [update for update in updates if str(update.video_id) not in running]
    strangers = {str(update.video_id) for update in told} - ended - renders._met
    begun_anew = {str(update.video_id) for update in told if not update.is_over} & ended
    renders._met |= strangers  # what the filters leave out is looked up once
    return bool(strangers or begun_anew)


async def read_anew(renders: RendersState) -> None:
    """Read what is shown of the history once more."""
    await renders._read()


def put(renders: RendersState, video: VideoView, *, on_stage: bool = False) -> None:
    """Show a video that has changed; on the stage as well if it was there, or should be."""
    if on_stage:
        renders.current, renders.is_showing_video = VideoCard.of(video), False
    renders._put(VideoCard.of(video))


def drop(renders: RendersState, video_id: UUID) -> None:
    """Show a video no longer."""
    renders.videos = [card for card in renders.videos if card.id != str(video_id)]
    if renders.current.id == str(video_id):
        renders.current, renders.is_showing_video = VideoCard(), False


async def take_notes(renders: RendersState, notes: Iterable[VideoUpdate]) -> None:
    """Show what was renamed or deleted elsewhere; what comes up from below takes the place of what is gone."""
    gone = False
    for note in notes:
        shown = {card.id: card for card in [*renders.videos, renders.current]}
        card = shown.get(str(note.video_id))
        if card is not None and note.kind is NoteKind.RENAMED:
            renders._put(replace(card, title=note.video_title, description=note.video_description))
        elif card is not None:
            drop(renders, note.video_id)
            gone = True
    if gone and renders.has_more:
        await renders._read()


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
