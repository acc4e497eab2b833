"""Hearing through Redis what is said on a channel, whenever it is there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

_RETRY_S = 1.0
_ANSWER_S = 1.0
_log = structlog.get_logger()


async def heard(redis_url: str, channel: str) -> AsyncGenerator[bytes | None]:
    """All that is said on a channel, for ever; None each time that it begins to listen, or has tried to in vain.

    While Redis is away, or where there is none, nothing is heard; it goes on by itself when it is back.
    """
    while redis_url:
        try:
            async with aclosing(_listen(redis_url, channel)) as messages:
                async for message in messages:
                    yield message
        except (RedisError, OSError) as error:
            _log.warning("redis.listen_failed", error=str(error))
            yield None
        await asyncio.sleep(_RETRY_S)
    yield None


async def _listen(redis_url: str, channel: str) -> AsyncGenerator[bytes | None]:
    redis = Redis.from_url(redis_url, socket_timeout=_ANSWER_S, retry=Retry(NoBackoff(), 0))
    async with redis, redis.pubsub(ignore_subscribe_messages=True) as ear:
        await ear.subscribe(channel)
        yield None
        while True:
            message = await ear.get_message(timeout=_RETRY_S)
            if message is not None:
                yield message["data"]
