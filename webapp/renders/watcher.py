"""One who watches: what they know, and what they are yet to be told."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from webapp.models import utc_now
from webapp.renders.news import News
from webapp.renders.updates import JobUpdate, Update, VideoUpdate

_SLACK_S, _SLACK_SHARE = 2.0, 0.15
"""An expected end that has moved by less than so many seconds, or such a part of what is left, is none to speak of."""


class Watcher:
    """A letter box of snapshots. Whoever is slow to empty it finds the newest of each video, not all of them.

    Args:
        cursor: What has ended before is nothing they need to hear of.
        workspace_id: Whose news they want to hear; None means their own, of all their workspaces.
    """

    def __init__(self, cursor: datetime, workspace_id: UUID | None = None) -> None:
        self.cursor = cursor
        self._workspace_id = workspace_id
        self._known: dict[UUID, Update] = {}
        self._pending: dict[UUID, Update] = {}
        self._is_pending = asyncio.Event()

    def see(self, found: Iterable[News], looked_at: datetime) -> None:
        """Take in what the rows say that this user may see, all of them."""
        subjects = set()
        for news in filter(self._wants, found):
            subjects.add(news.update.subject)
            if news.concerns(self.cursor):
                self._tell(news.update)
        self._known = {subject: update for subject, update in self._known.items() if subject in subjects}
        self.cursor = looked_at

    def _wants(self, news: News) -> bool:
        return news.maker_id == news.user_id if self._workspace_id is None else news.workspace_id == self._workspace_id

    def hear(self, update: Update) -> None:
        """Take in what was said of something that they know of and that has not ended."""
        known = self._known.get(update.subject)
        if known is not None and not known.is_over:
            self._tell(update)

    def has_seen_the_end_of(self, subject: UUID) -> bool:
        """Whether they know it as ended, so that what is said of it now may be a new beginning."""
        known = self._known.get(subject)
        return known is not None and known.is_over

    def _tell(self, update: Update) -> None:
        if is_news(update, self._known.get(update.subject), utc_now()):
            self._known[update.subject] = self._pending[update.subject] = update
            self._is_pending.set()

    async def take(self, timeout_s: float | None = None) -> list[Update]:
        """What there is to tell, as soon as there is something; nothing after ``timeout_s``."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._is_pending.wait()
        except TimeoutError:
            return []
        self._is_pending.clear()
        told, self._pending = list(self._pending.values()), {}
        return told


def is_news(update: Update, known: Update | None, now: datetime) -> bool:
    """Whether to tell it. Rows lag behind what was heard: that is no step back.

    An end is the end, unless a row has changed since: what was rejected may be sent and prepared again.
    """
    if known is None:
        return True
    if isinstance(update, VideoUpdate) or isinstance(known, VideoUpdate):
        return False
    if known.is_over:
        return int(update.event_id) > int(known.event_id) and update.status != known.status
    if update.status != known.status:
        return update.is_over or known.is_waiting
    return (
        update.progress > known.progress
        or update.error != known.error
        or (update.progress == known.progress and _has_moved(update, known, now))
    )


def _has_moved(update: JobUpdate, known: JobUpdate, now: datetime) -> bool:
    """Whether the expected end is notably another one."""
    ends, ended = update.estimated_completion, known.estimated_completion
    if ends is None or ended is None:
        return ended is None and ends is not None
    slack_s = max(_SLACK_S, _SLACK_SHARE * (ended - now).total_seconds())
    return abs(ends - ended) > timedelta(seconds=slack_s)
