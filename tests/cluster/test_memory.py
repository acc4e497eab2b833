from collections.abc import Callable
from itertools import count

import pytest

from cluster.jobs import JobState
from cluster.memory import InMemoryBell, InMemoryJobStore
from tests.cluster.job_store_contract import JobStoreContract
from tests.fakes import FakeClock, fake_request


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> InMemoryJobStore:
    return InMemoryJobStore(clock)


@pytest.fixture
def enqueue(store: InMemoryJobStore) -> Callable[[str, str], str]:
    numbers = count()

    def enqueue(workspace: str, plan: str) -> str:
        job_id = f"job-{next(numbers)}"
        store.enqueue(fake_request(job_id, workspace_id=workspace, plan=plan))
        return job_id

    return enqueue


@pytest.fixture
def cancel(store: InMemoryJobStore) -> Callable[[str], bool]:
    return store.cancel


@pytest.fixture
def state_of(store: InMemoryJobStore) -> Callable[[str], JobState]:
    return lambda job_id: store.row(job_id).state


@pytest.fixture
def percent_of(store: InMemoryJobStore) -> Callable[[str], int]:
    return lambda job_id: store.row(job_id).percent


@pytest.fixture
def let_pass(clock: FakeClock) -> Callable[[float], None]:
    return clock.advance


class TestInMemoryJobStore(JobStoreContract):
    """See the contract."""


def test_a_bell_rung_before_the_wait_is_heard() -> None:
    bell = InMemoryBell()
    bell.ring()
    bell.wait(60)


def test_a_bell_is_heard_once() -> None:
    bell = InMemoryBell()
    bell.ring()
    bell.wait(60)
    bell.wait(0.001)


def test_cancelling_an_ended_job_does_nothing(store: InMemoryJobStore) -> None:
    store.enqueue(fake_request("j"))
    assert store.cancel("j")
    assert not store.cancel("j")
