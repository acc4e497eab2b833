"""Messages are kept for a month with the log of their sending, then they go."""

from datetime import timedelta

import structlog
from sqlalchemy import Engine, delete, select
from sqlmodel import col

from webapp.db import unit_of_work
from webapp.models import WebhookMessage, utc_now

KEPT = timedelta(days=30)
_AT_ONCE = 500
_log = structlog.get_logger()


def clear_messages(engine: Engine) -> None:
    """Remove what is older, with its deliveries and attempts, in transactions short enough to hold up nobody."""
    count = removed = 0
    while (removed := _clear_some(engine)) > 0:
        count += removed
    if count:
        _log.info("webhooks.cleared", count=count)


def _clear_some(engine: Engine) -> int:
    message = WebhookMessage
    old = select(col(message.id)).where(col(message.created_at) < utc_now() - KEPT).limit(_AT_ONCE)
    with unit_of_work(engine) as session:
        gone = session.execute(delete(message).where(col(message.id).in_(old)).returning(col(message.id)))
        return len(gone.all())
