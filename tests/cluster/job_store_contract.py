"""What every ``JobStore`` promises. A test module inherits the class and gives its fixtures:

``store``, ``enqueue(workspace: str, plan: str) -> job id`` (names of workspaces may be mapped to ids),
``cancel(job_id)``, ``state_of(job_id) -> JobState``, ``percent_of(job_id) -> int`` and ``let_pass(seconds)``, which
lets the time pass that leases are measured with.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import pytest

from cluster.jobs import (
    JobFailure,
    JobOutput,
    JobProgress,
    JobRequest,
    JobState,
    PreparedAsset,
    Product,
    RenderRequest,
)
from cluster.ports import JobStore
from render_core.spec import MediaInfo

Enqueue = Callable[[str, str], str]
Cancel = Callable[[str], object]
StateOf = Callable[[str], JobState]
PercentOf = Callable[[str], int]
LetPass = Callable[[float], None]

OUTPUT = JobOutput(
    key="rendered-videos/v/j.mp4",
    size_bytes=1000,
    sha256="0" * 64,
    frame_count=60,
    duration_s=2.0,
    render_seconds=3.5,
)
FAILURE = JobFailure(code="poison_cell", message="We could not make the part from 2 to 4 s.")


PREPARED = PreparedAsset(
    key="user-avatars/made",
    size_bytes=700,
    sha256="1" * 64,
    mime_type="video/mp4",
    info=MediaInfo(kind="video", width=64, height=96, frame_count=60, fps=Fraction(30), duration_s=Fraction(2)),
    seconds=1.5,
)


def output_of(request: JobRequest) -> Product:
    """What a job may end with."""
    return OUTPUT if isinstance(request, RenderRequest) else replace(PREPARED, key=request.target)


def progress_of(request: JobRequest, percent: int) -> JobProgress:
    """A snapshot of a running job."""
    return JobProgress(
        job_id=request.job_id,
        video_id=request.video_id if isinstance(request, RenderRequest) else "",
        asset_id=None if isinstance(request, RenderRequest) else request.asset_id,
        kind=request.kind,
        attempt=request.attempt,
        state=JobState.PROCESSING,
        percent=percent,
        cells_done=1,
        cells_total=4,
        cells_cached=0,
    )


class _Fixtures:
    @pytest.fixture
    def epoch(self, store: JobStore) -> int:
        """The lease is ours."""
        epoch = store.acquire_lease("first", 30)
        assert epoch is not None
        return epoch

    @pytest.fixture
    def request_(self, store: JobStore, enqueue: Enqueue, epoch: int) -> JobRequest:
        """A claimed job."""
        request = store.claim(enqueue("w1", "free"), epoch)
        assert request is not None
        return request


class LeaseContract(_Fixtures):
    def test_a_free_lease_is_given(self, store: JobStore) -> None:
        assert store.acquire_lease("first", 10) is not None

    def test_a_running_lease_keeps_others_out(self, store: JobStore) -> None:
        store.acquire_lease("first", 10)
        assert store.acquire_lease("second", 10) is None

    def test_of_many_dispatchers_that_start_at_once_one_gets_it(self, store: JobStore) -> None:
        with ThreadPoolExecutor(4) as threads:
            epochs = list(threads.map(lambda n: store.acquire_lease(f"d{n}", 60), range(8)))
        assert sum(epoch is not None for epoch in epochs) == 1

    def test_each_hand_over_makes_the_epoch_grow(self, store: JobStore, let_pass: LetPass) -> None:
        first = store.acquire_lease("first", 0.05)
        let_pass(0.1)
        second = store.acquire_lease("second", 10)
        assert first is not None
        assert second is not None
        assert second > first

    def test_the_holder_may_take_a_new_epoch(self, store: JobStore) -> None:
        first, again = store.acquire_lease("first", 10), store.acquire_lease("first", 10)
        assert first is not None
        assert again is not None
        assert again > first

    def test_a_renewed_lease_goes_on(self, store: JobStore, let_pass: LetPass) -> None:
        epoch = store.acquire_lease("first", 0.2)
        assert epoch is not None
        assert store.renew_lease("first", epoch, 60)
        let_pass(0.3)
        assert store.acquire_lease("second", 10) is None

    def test_a_lost_lease_cannot_be_renewed(self, store: JobStore, let_pass: LetPass) -> None:
        epoch = store.acquire_lease("first", 0.05)
        assert epoch is not None
        let_pass(0.1)
        store.acquire_lease("second", 10)
        assert not store.renew_lease("first", epoch, 10)

    def test_a_released_lease_is_free_at_once(self, store: JobStore) -> None:
        epoch = store.acquire_lease("first", 60)
        assert epoch is not None
        store.release_lease("first", epoch)
        assert store.acquire_lease("second", 10) is not None

    def test_only_the_holder_can_release(self, store: JobStore, epoch: int) -> None:
        store.release_lease("second", epoch)
        store.release_lease("first", epoch - 1)
        assert store.acquire_lease("second", 10) is None


class ClaimContract(_Fixtures):
    def test_waiting_jobs_come_oldest_first(self, store: JobStore, enqueue: Enqueue) -> None:
        ids = [enqueue(workspace, "free") for workspace in ("w1", "w2", "w1")]
        assert [job.job_id for job in store.waiting(10)] == ids
        assert [job.job_id for job in store.waiting(2)] == ids[:2]

    def test_a_waiting_job_tells_its_workspace_and_plan(self, store: JobStore, enqueue: Enqueue) -> None:
        for workspace, plan in (("w1", "free"), ("w2", "pro"), ("w1", "free")):
            enqueue(workspace, plan)
        jobs = store.waiting(10)
        assert [job.plan for job in jobs] == ["free", "pro", "free"]
        assert jobs[0].workspace_id == jobs[2].workspace_id != jobs[1].workspace_id

    def test_a_claimed_job_is_processing_and_waits_no_more(
        self, store: JobStore, request_: JobRequest, state_of: StateOf
    ) -> None:
        assert request_.attempt == 1
        assert state_of(request_.job_id) is JobState.PROCESSING
        assert store.waiting(10) == ()

    def test_a_job_is_claimed_once(self, store: JobStore, request_: JobRequest, epoch: int) -> None:
        assert store.claim(request_.job_id, epoch) is None

    def test_of_many_claims_one_succeeds(self, store: JobStore, enqueue: Enqueue, epoch: int) -> None:
        job_id = enqueue("w1", "free")
        with ThreadPoolExecutor(4) as threads:
            claims = list(threads.map(lambda _: store.claim(job_id, epoch), range(8)))
        assert sum(claim is not None for claim in claims) == 1

    def test_a_cancelled_job_cannot_be_claimed(
        self, store: JobStore, enqueue: Enqueue, cancel: Cancel, epoch: int
    ) -> None:
        job_id = enqueue("w1", "free")
        cancel(job_id)
        assert store.claim(job_id, epoch) is None
        assert store.waiting(10) == ()

    def test_cancelled_jobs_are_found_among_running_ones(
        self, store: JobStore, enqueue: Enqueue, cancel: Cancel, epoch: int
    ) -> None:
        ids = [enqueue("w1", "free") for _ in range(3)]
        for job_id in ids:
            store.claim(job_id, epoch)
        cancel(ids[1])
        assert store.cancelled(ids) == {ids[1]}
        assert store.cancelled(()) == frozenset()


class TakeOverContract(_Fixtures):
    def test_a_new_epoch_takes_over_what_runs(self, store: JobStore, request_: JobRequest, enqueue: Enqueue) -> None:
        enqueue("w1", "free")
        epoch = store.acquire_lease("first", 30)
        assert epoch is not None
        taken = store.take_over(epoch)
        assert [(job.job_id, job.attempt) for job in taken] == [(request_.job_id, 2)]
        assert replace(taken[0], attempt=1) == request_

    def test_what_is_ours_already_is_not_taken_over(self, store: JobStore, request_: JobRequest, epoch: int) -> None:
        assert store.take_over(epoch) == ()

    def test_ended_jobs_are_not_taken_over(self, store: JobStore, request_: JobRequest, epoch: int) -> None:
        store.complete(request_, output_of(request_), epoch)
        later = store.acquire_lease("first", 30)
        assert later is not None
        assert store.take_over(later) == ()


class EndContract(_Fixtures):
    def test_a_job_completes_once(self, store: JobStore, request_: JobRequest, epoch: int, state_of: StateOf) -> None:
        assert store.complete(request_, output_of(request_), epoch)
        assert state_of(request_.job_id) is JobState.COMPLETED
        assert not store.complete(request_, output_of(request_), epoch)
        assert not store.fail(request_, FAILURE, epoch)
        assert state_of(request_.job_id) is JobState.COMPLETED

    def test_a_job_fails_once(self, store: JobStore, request_: JobRequest, epoch: int, state_of: StateOf) -> None:
        assert store.fail(request_, FAILURE, epoch)
        assert state_of(request_.job_id) is JobState.FAILED
        assert not store.complete(request_, output_of(request_), epoch)
        assert state_of(request_.job_id) is JobState.FAILED

    def test_a_cancelled_job_stays_cancelled(
        self, store: JobStore, request_: JobRequest, epoch: int, cancel: Cancel, state_of: StateOf
    ) -> None:
        cancel(request_.job_id)
        assert not store.complete(request_, output_of(request_), epoch)
        assert not store.fail(request_, FAILURE, epoch)
        assert state_of(request_.job_id) is JobState.CANCELLED

    def test_progress_is_written_and_never_falls(
        self, store: JobStore, request_: JobRequest, epoch: int, percent_of: PercentOf
    ) -> None:
        store.record_progress((progress_of(request_, 40),), epoch)
        store.record_progress((progress_of(request_, 30),), epoch)
        assert percent_of(request_.job_id) == 40

    def test_many_are_written_at_once_and_only_those_that_are_open(
        self, store: JobStore, enqueue: Enqueue, cancel: Cancel, epoch: int, percent_of: PercentOf
    ) -> None:
        requests = [request for n in range(3) if (request := store.claim(enqueue(f"w{n}", "free"), epoch))]
        cancel(requests[1].job_id)
        store.record_progress([progress_of(request, 10 + n) for n, request in enumerate(requests)], epoch)
        assert [percent_of(request.job_id) for request in requests] == [10, 0, 12]

    def test_an_old_epoch_changes_nothing(
        self, store: JobStore, request_: JobRequest, epoch: int, state_of: StateOf, percent_of: PercentOf
    ) -> None:
        later = store.acquire_lease("first", 30)
        store.record_progress((progress_of(request_, 40),), epoch)
        assert not store.complete(request_, output_of(request_), epoch)
        assert not store.fail(request_, FAILURE, epoch)
        assert store.take_over(epoch) == ()
        assert state_of(request_.job_id) is JobState.PROCESSING
        assert percent_of(request_.job_id) == 0
        assert later is not None
        [taken] = store.take_over(later)
        assert store.complete(taken, output_of(taken), later)

    def test_an_old_epoch_claims_nothing(
        self, store: JobStore, enqueue: Enqueue, epoch: int, state_of: StateOf
    ) -> None:
        job_id = enqueue("w1", "free")
        store.acquire_lease("first", 30)
        assert store.claim(job_id, epoch) is None
        assert state_of(job_id) is JobState.QUEUED


class JobStoreContract(LeaseContract, ClaimContract, TakeOverContract, EndContract):
    """All of it."""
