"""What the stream says, taken over into the parts of the page for as long as the tab is there."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

import reflex as rx
import structlog

from webapp.assets.library import usable_assets
from webapp.assets.views import AssetView
from webapp.errors import NotFoundError, UnauthenticatedError
from webapp.models import utc_now
from webapp.renders.news import event_id_of
from webapp.renders.service import get_video
from webapp.renders.updates import AssetUpdate, RenderUpdate, Update, VideoUpdate
from webapp.renders.views import VideoView
from webapp.ui.edge import Then, actor_of, as_user, container, session_check
from webapp.ui.states import renders as renders_state
from webapp.ui.states import studio as studio_state
from webapp.ui.states.preview import PreviewState
from webapp.ui.states.renders import RendersState
from webapp.ui.states.studio import StudioState
from webapp.ui.states.workspace import ids_of
from webapp.ui.troubles import notice_about

_TICK_S = 4.0
"""What is left is worded anew so often, and the cluster is asked for alarms."""
_REST_S = 0.15
"""Between two changes of the page: with many renders at once each change takes several of their steps."""
_RETRY_S = 1.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What had to be asked of the database before the page can be changed.

    Attributes:
        ended: Videos that have ended.
        assets: The library, when it has changed.
    """

    ended: list[VideoView]
    assets: tuple[AssetView, ...] | None


class _Thread:
    """What is kept from one try to follow to the next.

    Attributes:
        is_alive: Asks whether the session still lives.
        since: Until then everything has been taken over.
        is_awaited: Whether a video that is shown has not ended.
    """

    def __init__(self, is_alive: Callable[[], bool]) -> None:
        self.is_alive = is_alive
        self.since = event_id_of(utc_now())
        self.is_awaited = False
        self._notice = ""
        self._asked_at = float("-inf")

    async def notice(self) -> str:
        """What stands between people and the videos that they wait for, asked now and then."""
        if not self.is_awaited:
            return ""
        if time.monotonic() >= self._asked_at + _TICK_S:
            self._notice = await asyncio.to_thread(notice_about, container())
            self._asked_at = time.monotonic()
        return self._notice


class LiveState(rx.State):
    """Holds nothing: what is heard belongs to the other parts."""

    @rx.event(background=True, supersedes=True)
    async def follow(self) -> AsyncIterator[Then]:
        """Take over what the stream says. Whatever is away for a while, it goes on when that is back."""
        thread = _Thread(session_check(self))
        while True:
            try:
                async for then in self._follow(thread):
                    yield then
                await actor_of(self)  # the session has ended
            except UnauthenticatedError:
                if not await asyncio.to_thread(thread.is_alive):
                    raise
                yield rx.call_script("location.reload()")  # the tab's state was lost, and who it belongs to with it
                return
            except Exception as error:  # noqa: BLE001 - the tab's state or the database is away: they come back
                _log.warning("ui.follow_failed", error=str(error))
            await asyncio.sleep(_RETRY_S)

    async def _follow(self, thread: _Thread) -> AsyncIterator[Then]:
        actor = await actor_of(self)
        async with self:
            workspace_id, *_ = await ids_of(self)
        batches = container().stream.batches(
            actor.user_id, workspace_id=workspace_id, since=thread.since, is_welcome=thread.is_alive, tick_s=_TICK_S
        )
        async with aclosing(batches):
            async for batch in batches:
                heard_at = utc_now()
                if batch or thread.is_awaited:
                    read, notice = await self._read(batch), await thread.notice()
                    async with self:
                        must_paint = await self._take(batch, read, notice)
                        thread.is_awaited = renders_state.is_running(await self.get_state(RendersState))
                    if must_paint:
                        yield PreviewState.paint()
                thread.since = event_id_of(heard_at)
                await asyncio.sleep(_REST_S)

    async def _read(self, batch: list[Update]) -> _Read:
        videos = [update.video_id for update in batch if isinstance(update, RenderUpdate) and update.is_over]
        uploads = [update for update in batch if isinstance(update, AssetUpdate)]
        is_changed = any(update.is_over or not update.progress for update in uploads)  # an end, or a new one
        return _Read(
            ended=[video for video_id in videos if (video := await self._read_video(video_id)) is not None],
            assets=await self._read_assets() if is_changed else None,
        )

    async def _read_assets(self) -> tuple[AssetView, ...]:
        async with self:
            workspace_id, *_ = await ids_of(self)
        return await as_user(self, lambda session, actor: usable_assets(session, actor, workspace_id=workspace_id))

    async def _read_video(self, video_id: UUID) -> VideoView | None:
        try:
            return await as_user(self, lambda session, actor: get_video(session, actor, video_id))
        except NotFoundError:  # deleted meanwhile
            return None

    async def _take(self, batch: list[Update], read: _Read, notice: str) -> bool:
        """Change the page; whether the picture is another one now."""
        renders, studio = await self.get_state(RendersState), await self.get_state(StudioState)
        updates = [update for update in batch if isinstance(update, RenderUpdate)]
        if renders_state.is_new(renders, updates):
            await renders_state.read_anew(renders)
        renders_state.move_on(renders, updates, read.ended)
        await renders_state.take_notes(renders, [update for update in batch if isinstance(update, VideoUpdate)])
        if renders.notice != (notice := notice if renders_state.is_running(renders) else ""):
            renders.notice = notice
        must_paint = read.assets is not None and studio_state.shelve(studio, read.assets)
        studio_state.move_on(studio, [update for update in batch if isinstance(update, AssetUpdate)])
        return must_paint
