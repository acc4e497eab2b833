"""The tab's drafts kept in the database shortly after each change, and the former one, so that nothing is lost."""

# ruff: noqa: SLF001 - the functions below the state are this module's own

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import reflex as rx
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from webapp.models import utc_now
from webapp.renders.tabs import LONGEST_NAME, find_kept, keep_draft
from webapp.ui.edge import actor_of, as_user
from webapp.ui.sheets import Table
from webapp.ui.states.sheets import gather, lay_out

_REST_S = 0.5
"""What is typed without such a rest is kept once."""
_OFFERED = timedelta(minutes=2)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_log = structlog.get_logger()


class _Kept(BaseModel):
    """What the database holds of a tab.

    Attributes:
        revision: Grows with each change: the newer one counts.
        former: What was on the table before something else was put there.
    """

    model_config = ConfigDict(frozen=True)

    revision: int
    table: Table
    former: Table | None = None
    offer: str = ""


class KeepState(rx.State):
    """The way back to the former draft.

    Attributes:
        tab: What the browser's tab calls itself. It outlives the framework's own name for it, which changes when a
            process dies that had known it.
        offer: What has taken the former draft's place; empty when there is nothing to take back.
        is_undone: Whether the former draft is on the table again, so that the other one can come back.
    """

    tab: str = rx.SessionStorage("", name="reelgrove_tab")
    offer: str = ""
    is_undone: bool = False
    _former: Table | None = None
    _last: tuple[Table, str] | None = None
    _revision: int = 0
    _offered_at: datetime = _LONG_AGO

    @rx.event(background=True, supersedes=True)
    async def keep(self) -> None:
        """Keep what is on the table once there is a rest. A database that is away loses nothing that is shown."""
        await actor_of(self)
        await asyncio.sleep(_REST_S)
        try:
            async with self:
                await keep_now(self)
        except Exception as error:  # noqa: BLE001 - the next change keeps it, and nobody is disturbed at their work
            _log.warning("ui.draft_not_kept", error=str(error))

    @rx.event
    async def dismiss(self) -> None:
        """The former draft is not needed."""
        await actor_of(self)
        self.offer, self.is_undone, self._former = "", False, None


# Public methods of a state are handlers that any client can call: what other states need are functions.


async def keep_now(keep: KeepState) -> None:
    """Keep what is on the table, unless it is kept already."""
    kept, tab = await _next(keep), keep.tab
    if kept is not None and 0 < len(tab) <= LONGEST_NAME:
        content = kept.model_dump(mode="json")
        await as_user(keep, lambda session, actor: keep_draft(session, actor, tab, content))


async def _next(keep: KeepState) -> _Kept | None:
    """What to keep now; None when it is kept already."""
    if keep.offer and utc_now() - keep._offered_at > _OFFERED:
        keep.offer, keep.is_undone, keep._former = "", False, None
    table = await gather(keep)
    if (table, keep.offer) == keep._last:
        return None
    keep._last = (table, keep.offer)
    keep._revision += 1
    return _Kept(revision=keep._revision, table=table, former=keep._former, offer=keep.offer)


async def remember(state: rx.State, offer: str) -> None:
    """Offer the way back to what is on the table now, before something else is put there."""
    keep = await state.get_state(KeepState)
    keep._former, keep.offer, keep.is_undone = await gather(state), offer, False
    keep._offered_at = utc_now()


async def change_back(state: rx.State) -> bool:
    """Let the draft on the table and the former one change places; whether there is one."""
    keep = await state.get_state(KeepState)
    former = keep._former
    if former is None:
        return False
    keep._former, keep.is_undone, keep._offered_at = await gather(state), not keep.is_undone, utc_now()
    await lay_out(state, former)
    return True


async def take_up(state: rx.State) -> None:
    """Lay out what this tab had on the table when its process died, if what is left of it on the server knows less."""
    keep = await state.get_state(KeepState)
    tab, is_new = keep.tab[:LONGEST_NAME], not keep._revision
    found = await as_user(state, lambda session, actor: find_kept(session, actor, tab)) if tab else None
    kept = _read(found)
    if kept is not None and kept.revision > keep._revision:
        await lay_out(state, kept.table)
        keep._revision, keep._last, keep._former = kept.revision, (kept.table, kept.offer), kept.former
        keep.offer, keep._offered_at = kept.offer, utc_now()
    if is_new or not tab:  # a tab may be the copy of another one, which goes on under this name
        keep.tab = uuid4().hex


def _read(found: dict[str, Any] | None) -> _Kept | None:
    try:
        return None if found is None else _Kept.model_validate(found)
    except ValidationError:  # of another version of the product
        return None
