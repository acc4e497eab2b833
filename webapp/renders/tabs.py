"""Drafts of open tabs, kept in case the process that holds them dies."""

import json
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from webapp.accounts.service import Actor
from webapp.db import unit_of_work
from webapp.models import TabDraft, utc_now

KEPT = timedelta(days=30)
MOST_TABS = 50
LONGEST_NAME = 100
LARGEST_BYTES = 4_000_000
_log = structlog.get_logger()


def keep_draft(session: Session, actor: Actor, tab: str, content: dict[str, Any]) -> None:
    """Keep what is on the table in one tab, in place of what was there. One too large for that is not kept."""
    size_bytes = len(json.dumps(content))
    if size_bytes > LARGEST_BYTES:
        _log.warning("draft.too_large", size_bytes=size_bytes)
        return
    session.merge(TabDraft(user_id=actor.user_id, tab=tab, content=content, updated_at=utc_now()))
    session.flush()
    newest_first = (
        select(TabDraft.tab).where(TabDraft.user_id == actor.user_id).order_by(col(TabDraft.updated_at).desc())
    )
    if beyond := session.exec(newest_first.offset(MOST_TABS)).all():
        own = col(TabDraft.user_id) == actor.user_id
        session.execute(delete(TabDraft).where(own, col(TabDraft.tab).in_(beyond)))


def find_kept(session: Session, actor: Actor, tab: str) -> dict[str, Any] | None:
    """What was on the table in one of the actor's tabs; None when nothing is known of it."""
    row = session.get(TabDraft, (actor.user_id, tab))
    return None if row is None else row.content


def clear_drafts(engine: Engine) -> None:
    """Remove drafts of tabs that nobody has touched for a month."""
    with unit_of_work(engine) as session:
        session.execute(delete(TabDraft).where(col(TabDraft.updated_at) < utc_now() - KEPT))
