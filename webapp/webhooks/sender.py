"""The sender of a web process: waits for the bell, takes what is due, sends it, writes down what came of it."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

import structlog
from sqlalchemy import Engine

from webapp.bell import MESSAGES_CHANNEL
from webapp.db import unit_of_work
from webapp.ear import heard
from webapp.models import utc_now
from webapp.webhooks import claims
from webapp.webhooks.claims import Claim
from webapp.webhooks.post import Letter, Post
from webapp.webhooks.retries import Answer
from webapp.webhooks.signatures import SecretBox, SecretLostError, sign

MOST_UNDER_WAY = 100
"""More than one workspace can have, however slow its receivers are."""
_TAKEN_AT_ONCE = 20
_POLL_S = 15.0
_POLL_WITHOUT_BELL_S = 1.0
_RECOVER_S = 1.0
_log = structlog.get_logger()


class Sender:
    """Sends messages for as long as its process lives. Any number of processes may have one.

    Nothing of it is kept here: what a process had taken when it died is taken by another one when its lease is over.

    Args:
        post: What sends.
        box: Opens the secrets that messages are signed with.
        redis_url: Where the bell rings.
        poll_s: How long to wait for it before looking by oneself; a second where there is none.
        clock: The time that attempts are due by.
    """

    def __init__(
        self,
        engine: Engine,
        post: Post,
        box: SecretBox,
        *,
        redis_url: str = "",
        poll_s: float = _POLL_S,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine = engine
        self._post = post
        self._box = box
        self._redis_url = redis_url
        self._poll_s = poll_s if redis_url else min(poll_s, _POLL_WITHOUT_BELL_S)
        self._clock = clock
        self._busy: Counter[UUID] = Counter()
        self._rung = asyncio.Event()

    async def run(self) -> NoReturn:
        """Send until cancelled."""
        while True:
            try:
                await self._work()
            except Exception:  # noqa: BLE001 - whatever it was, what waits in the database must not wait for ever
                _log.exception("webhooks.sender_failed")
                await asyncio.sleep(_RECOVER_S)

    async def _work(self) -> NoReturn:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            while True:
                await self._wait(await self._look(group))

    async def _listen(self) -> None:
        async for _ring in heard(self._redis_url, MESSAGES_CHANNEL):
            self._rung.set()

    async def _wait(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()

    async def _look(self, group: asyncio.TaskGroup) -> float:
        """Begin to send what is due. Returns after how many seconds to look again at the latest."""
        free = min(MOST_UNDER_WAY - self._busy.total(), _TAKEN_AT_ONCE)
        try:
            taken, pause_s = await asyncio.to_thread(self._take, Counter(self._busy), free)
        except Exception as error:  # noqa: BLE001 - whatever ails the database, messages wait there until it is well
            _log.warning("webhooks.look_failed", error=str(error))
            return _RECOVER_S
        for each in taken:
            self._busy[each.endpoint_id] += 1
            group.create_task(self._deliver(each))
        return pause_s

    def _take(self, busy: Counter[UUID], free: int) -> tuple[list[Claim], float]:
        now = self._clock()
        with unit_of_work(self._engine, is_read_only=True) as session:
            due = claims.find_due(session, now, busy, free) if free > 0 else []
            upcoming = claims.next_due(session, now)
        pause_s = self._poll_s if upcoming is None else min(self._poll_s, (upcoming - now) / timedelta(seconds=1))
        if not due:  # on SQLite a transaction that may write waits for all others that do
            return [], pause_s
        with unit_of_work(self._engine) as session:
            return claims.claim(session, due, now), 0.0 if len(due) == free else pause_s

    async def _deliver(self, taken: Claim) -> None:
        try:
            answer = await self._send(taken)
            await asyncio.to_thread(self._settle, taken, answer)
        except Exception as error:  # noqa: BLE001 - one message must not end all others: this one is sent again
            _log.warning("webhooks.settle_failed", delivery_id=str(taken.delivery_id), error=str(error))
        finally:
            self._busy -= Counter({taken.endpoint_id: 1})
            self._rung.set()

    async def _send(self, taken: Claim) -> Answer:
        try:
            keys = [self._box.open(sealed) for sealed in taken.sealed_secrets]
        except SecretLostError as error:
            return Answer(error=str(error))
        headers = sign(keys, taken.message_id, self._clock(), taken.body)
        return await self._post.send(Letter(url=taken.url, headers=headers, body=taken.body))

    def _settle(self, taken: Claim, answer: Answer) -> None:
        jitter = random.random()  # noqa: S311 - spreads attempts, keeps no secret
        with unit_of_work(self._engine) as session:
            claims.settle(session, taken, answer, self._clock(), jitter=jitter)
        _log.info(
            "webhooks.attempted",
            delivery_id=str(taken.delivery_id),
            attempt=taken.number,
            status=answer.status_code,
            error=answer.error,
            milliseconds=answer.duration_ms,
        )
