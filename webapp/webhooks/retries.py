"""When to try again: facts in, a decision out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LIFETIME = timedelta(hours=24)
PATIENCE = timedelta(days=5)
"""An endpoint that has answered nothing well for so long is switched off with the next message that is given up."""
_SHORTEST = timedelta(seconds=5)
_LONGEST = timedelta(hours=5)
_LONGEST_WISH = timedelta(hours=1)
_GROWTH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of an attempt.

    Attributes:
        status_code: None when nothing was answered.
        error: Why nothing was answered, for people.
        text: The beginning of the answer's body.
        retry_after: How long the receiver asks us to wait.
        duration_ms: Until the answer or the error.
    """

    status_code: int | None = None
    error: str | None = None
    text: str = ""
    retry_after: timedelta | None = None
    duration_ms: int = 0

    @property
    def is_success(self) -> bool:
        """Whether the message has arrived."""
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def is_farewell(self) -> bool:
        """Whether the receiver wants to hear no more: 410 Gone."""
        return self.status_code == 410


def next_attempt(
    begun_at: datetime, now: datetime, *, jitter: float, retry_after: timedelta | None = None
) -> datetime | None:
    """When to try again after a failure; None when the time for it is over.

    The pause is three times what has passed since the beginning, from 5 s to 5 h: each attempt comes four times as late
    as the one before, however many of them were lost with a process. The last one comes after 24 hours.

    Args:
        begun_at: When sending was begun.
        now: When the attempt failed.
        jitter: From 0 to 1: makes the pause up to a fifth shorter or longer, so that not all come back at once.
        retry_after: What the receiver asked for; at most an hour is granted.
    """
    ends_at = begun_at + LIFETIME
    if now >= ends_at:
        return None
    pause = min(max(_GROWTH * (now - begun_at), _SHORTEST), _LONGEST) * (0.8 + 0.4 * jitter)
    wished = min(retry_after or timedelta(), _LONGEST_WISH)
    return min(now + max(pause, wished), ends_at)
