import pytest

from cluster.dispatcher.lease import Backoff, Lease
from cluster.memory import InMemoryJobStore
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> InMemoryJobStore:
    return InMemoryJobStore(clock)


def test_a_kept_lease_stays_under_one_epoch(store: InMemoryJobStore, clock: FakeClock) -> None:
    lease = Lease(store, "a", 15)
    epochs = set()
    for _ in range(100):
        epochs.add(lease.keep(clock.now))
        clock.advance(1)
    assert len(epochs) == 1
    assert store.acquire_lease("b", 15) is None


def test_a_standby_gets_the_lease_soon_after_the_holder_stops(store: InMemoryJobStore, clock: FakeClock) -> None:
    holder, standby = Lease(store, "a", 15), Lease(store, "b", 15)
    first = holder.keep(clock.now)
    while standby.keep(clock.now) is None:
        clock.advance(0.5)
    assert clock.now <= 16
    assert first is not None
    assert standby.keep(clock.now) == first + 1
    assert holder.keep(clock.now) is None


def test_a_released_lease_can_be_had_at_once(store: InMemoryJobStore, clock: FakeClock) -> None:
    lease = Lease(store, "a", 15)
    lease.keep(clock.now)
    lease.release()
    assert Lease(store, "b", 15).keep(clock.now) is not None


def test_doubt_leads_to_a_new_epoch(store: InMemoryJobStore, clock: FakeClock) -> None:
    lease = Lease(store, "a", 15)
    first = lease.keep(clock.now)
    lease.doubt()
    assert first is not None
    assert lease.keep(clock.now) == first + 1


def test_rests_double_up_to_five_seconds() -> None:
    backoff, now, rests = Backoff(), 0.0, []
    for _ in range(8):
        backoff.failed(now)
        began = now
        while not backoff.is_over(now):
            now += 0.05
        rests.append(round(now - began, 1))
    assert rests == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    backoff.succeeded()
    assert backoff.is_over(now)
