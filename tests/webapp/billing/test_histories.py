"""Whatever crashes or is repeated: each job is counted once, and the month is the sum of the ledger."""

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.billing.ledger import release, reserve, settle
from webapp.billing.limits import current_usage
from webapp.billing.months import month_after, month_of, rebuild_months
from webapp.errors import QuotaExceededError
from webapp.models import UsageEntry, UsageState, UserUsage, Workspace

MOST = 5
JOBS = st.integers(0, 6)
STEPS = st.lists(st.tuples(st.sampled_from(["reserve", "settle", "release"]), JOBS, st.booleans()), max_size=25)


class _CrashError(Exception):
    """The process died before its commit."""


class _History:
    """A workspace on the plan free, and what should have become of its jobs."""

    def __init__(self, product: Product, ann: Actor, workspace: Workspace) -> None:
        self._product = product
        self._ann = ann
        self._workspace = workspace
        self._jobs = [uuid4() for _ in range(7)]
        self.expected: dict[UUID, UsageState] = {}

    def step(self, what: str, number: int, *, crashes: bool) -> None:
        job_id = self._jobs[number]
        act = {"reserve": self._reserve, "settle": self._settle, "release": self._release}[what]
        before = dict(self.expected)

        def work(session: Session) -> None:
            act(session, job_id)
            if crashes:
                raise _CrashError

        try:
            self._product.do(work)
        except _CrashError:
            self.expected = before

    def _reserve(self, session: Session, job_id: UUID) -> None:
        if job_id in self.expected:  # a job's row is made once, with its reservation
            return
        used = sum(state is not UsageState.RELEASED for state in self.expected.values())
        try:
            reserve(session, self._workspace.id, self._ann.user_id, job_id, 10.0)
        except QuotaExceededError:
            assert used == MOST
            return
        assert used < MOST
        self.expected[job_id] = UsageState.RESERVED

    def _settle(self, session: Session, job_id: UUID) -> None:
        self._close(job_id, UsageState.SETTLED, closed=settle(session, job_id, 2.0))

    def _release(self, session: Session, job_id: UUID) -> None:
        self._close(job_id, UsageState.RELEASED, closed=release(session, job_id))

    def _close(self, job_id: UUID, state: UsageState, *, closed: bool) -> None:
        assert closed == (self.expected.get(job_id) is UsageState.RESERVED)
        if closed:
            self.expected[job_id] = state

    def found(self) -> dict[UUID, UsageState]:
        wanted = select(UsageEntry).where(UsageEntry.workspace_id == self._workspace.id)
        return self._product.do(lambda session: {entry.job_id: entry.state for entry in session.exec(wanted)})

    def month(self) -> tuple[int, float]:
        wanted = select(UserUsage).where(col(UserUsage.user_id) == self._ann.user_id)
        month = self._product.do(lambda session: session.exec(wanted).one_or_none())
        return (month.videos_rendered, month.total_render_time) if month else (0, 0.0)

    def used(self) -> int:
        return self._product.do(lambda session: current_usage(session, self._workspace)).videos_used


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_after_any_crashes_and_repetitions_each_job_is_counted_once(
    product: Product, steps: list[tuple[str, int, bool]]
):
    ann = product.user(uuid4().hex)
    history = _History(product, ann, product.workspace(ann))
    for what, number, crashes in steps:
        history.step(what, number, crashes=crashes)
    counts = Counter(history.expected.values())
    assert history.found() == history.expected
    assert history.used() == counts[UsageState.RESERVED] + counts[UsageState.SETTLED]
    assert history.month() == (counts[UsageState.SETTLED], 2.0 * counts[UsageState.SETTLED])
    before = history.month()
    product.do(rebuild_months)
    assert history.month() == before


@pytest.mark.parametrize(
    ("at", "first"),
    [
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
        (datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
        (datetime(2026, 4, 1, 1, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 3, 1, tzinfo=UTC)),
        (datetime(2025, 12, 31, 22, tzinfo=timezone(timedelta(hours=-3))), datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_months_begin_and_end_in_utc(at: datetime, first: datetime):
    assert month_of(at) == first
    assert month_of(month_after(first)) == month_after(first) > first
