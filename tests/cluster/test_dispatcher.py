"""The dispatcher, stepped by hand against a runtime with verbs."""

import itertools
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.jobs import JobState
from cluster.memory import InMemoryBell, InMemoryJobStore, InMemorySink, JobRow
from cluster.storage import LocalObjectStore, cell_key
from cluster.work import CellSnapshot, FaultKind
from tests.fakes import FailingStore, FakeClock, FakeRuntime, fake_request


@dataclass
class World:
    """A dispatcher and everything around it."""

    objects: LocalObjectStore
    clock: FakeClock = field(default_factory=FakeClock)
    runtime: FakeRuntime = field(default_factory=FakeRuntime)
    sink: InMemorySink = field(default_factory=InMemorySink)

    def __post_init__(self) -> None:
        self.rows = InMemoryJobStore(self.clock)
        self.store = FailingStore(self.rows)
        self.dispatcher = self.new_dispatcher("first")

    def new_dispatcher(self, holder: str) -> Dispatcher:
        options = DispatcherOptions(holder=holder, clock=self.clock)
        around = Surroundings(
            store=self.store, objects=self.objects, runtime=self.runtime, sink=self.sink, wake_up=InMemoryBell()
        )
        return Dispatcher(around, options)

    def enqueue(self, job_id: str, cells: Iterable[str] = "abc", workspace: str = "w", plan: str = "free") -> None:
        self.rows.enqueue(fake_request(job_id, cells, workspace_id=workspace, plan=plan))

    def step(self, times: int = 1, seconds: float = 0.3) -> None:
        for _ in range(times):
            self.dispatcher.step()
            self.clock.advance(seconds)

    def run_until_ended(self, *job_ids: str, most_steps: int = 500) -> None:
        for _ in range(most_steps):
            if all(self.rows.row(job_id).state.is_terminal for job_id in job_ids):
                return
            self.step()
        raise AssertionError({job_id: self.rows.row(job_id) for job_id in job_ids})

    def row(self, job_id: str) -> JobRow:
        return self.rows.row(job_id)

    def published(self, job_id: str) -> list[tuple[JobState, int]]:
        return [(each.state, each.percent) for each in self.sink.published if each.job_id == job_id]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(LocalObjectStore(tmp_path))


def test_a_job_goes_from_queued_to_completed(world: World) -> None:
    world.enqueue("j", "abc")
    world.run_until_ended("j")
    row = world.row("j")
    assert row.state is JobState.COMPLETED
    assert row.output is not None
    assert row.output.key == "rendered-videos/video-j/j.mp4"
    assert world.runtime.rendered == {"a": 1, "b": 1, "c": 1}


def test_tasks_are_named_after_their_job(world: World) -> None:
    world.enqueue("j", "abc")
    world.run_until_ended("j")
    plan, *cells, assembly = world.runtime.started
    assert (plan, cells[0], assembly) == ("plan:j", "cell:j:0", "assemble:j")
    assert all(label.startswith("cell:j:") for label in cells)


def test_the_first_cell_starts_in_the_step_after_the_plan(world: World) -> None:
    world.enqueue("j")
    world.step()
    assert world.runtime.in_flight() == ["plan:j"]
    world.step()
    assert "cell:j:0" in world.runtime.in_flight()


def test_only_missing_cells_are_rendered(world: World) -> None:
    world.runtime.stored = {cell_key("a"), cell_key("c")}
    world.enqueue("j", "abcd")
    world.run_until_ended("j")
    assert world.runtime.rendered == {"b": 1, "d": 1}
    assert world.sink.published[-1].cells_cached == 2


def test_a_video_that_is_all_there_is_only_assembled(world: World) -> None:
    world.runtime.stored = {cell_key(key) for key in "abc"}
    world.enqueue("j", "abc")
    world.run_until_ended("j")
    assert world.runtime.started == ["plan:j", "assemble:j"]


def test_two_jobs_that_miss_the_same_cell_render_it_once(world: World) -> None:
    world.enqueue("j1", "abcx")
    world.enqueue("j2", "abcy")
    world.run_until_ended("j1", "j2")
    assert set(world.runtime.rendered.values()) == {1}
    assert world.row("j1").state is world.row("j2").state is JobState.COMPLETED


def test_equal_cells_of_one_video_are_rendered_once(world: World) -> None:
    world.enqueue("j", "abab")
    world.run_until_ended("j")
    assert world.runtime.rendered == {"a": 1, "b": 1}


def test_progress_begins_at_zero_never_falls_and_ends_at_a_hundred(world: World) -> None:
    world.enqueue("j", "abcdefgh")
    world.run_until_ended("j")
    states, percents = zip(*world.published("j"), strict=True)
    assert list(percents) == sorted(percents)
    assert percents[0] == 0
    assert percents[-1] == 100
    assert 100 not in percents[:-1]
    assert states[-1] is JobState.COMPLETED


def test_progress_moves_within_a_cell(world: World) -> None:
    world.enqueue("j", "abcd")
    world.step(2)
    world.runtime.is_paused = True
    before = world.published("j")[-1][1]
    key = cell_key("a")
    world.runtime.latest = {key: CellSnapshot(key=key, attempt=1, frames_done=30, frames_total=60)}
    world.step(5)
    assert world.published("j")[-1][1] > before
    assert world.row("j").percent == world.published("j")[-1][1]


def test_progress_reaches_the_store_at_most_once_a_second(world: World) -> None:
    written = []
    record = world.rows.record_progress
    world.rows.record_progress = lambda progress, epoch: (  # type: ignore[method-assign]  # a spy
        written.append(world.clock.now),
        record(progress, epoch),
    )
    world.enqueue("j", "abcdefghijklmnop")
    world.run_until_ended("j")
    assert all(later - earlier >= 1.0 for earlier, later in itertools.pairwise(written))


def test_a_dead_worker_costs_a_retry_not_the_job(world: World) -> None:
    world.runtime.fail("b", FaultKind.WORKER_DIED)
    world.enqueue("j", "abc")
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED
    assert world.runtime.rendered == {"a": 1, "b": 1, "c": 1}


def test_a_retry_resets_only_the_failed_cell(world: World) -> None:
    world.runtime.cpus = 1
    world.runtime.fail("c", FaultKind.WORKER_DIED)
    world.enqueue("j", "abcdefgh")
    world.run_until_ended("j")
    assert set(world.runtime.rendered.values()) == {1}


def test_two_dead_workers_on_one_cell_fail_the_job(world: World) -> None:
    world.runtime.fail("b", FaultKind.WORKER_DIED, FaultKind.WORKER_DIED)
    world.enqueue("j", "abc")
    world.run_until_ended("j")
    failure = world.row("j").failure
    assert failure is not None
    assert failure.code == "poison_cell"
    assert "the part from 2 to 4 s" in failure.message
    assert world.published("j")[-1][0] is JobState.FAILED


def test_a_poison_cell_fails_every_job_that_needs_it_and_no_other(world: World) -> None:
    world.runtime.fail("x", FaultKind.WORKER_DIED, FaultKind.WORKER_DIED)
    world.enqueue("j1", "ax")
    world.enqueue("j2", "bx")
    world.enqueue("j3", "cd")
    world.run_until_ended("j1", "j2", "j3")
    assert [world.row(job_id).state.value for job_id in ("j1", "j2", "j3")] == ["failed", "failed", "completed"]


def test_bad_input_fails_the_job_at_once(world: World) -> None:
    world.runtime.fail("plan:j", FaultKind.INVALID_INPUT)
    world.enqueue("j")
    world.run_until_ended("j")
    failure = world.row("j").failure
    assert failure is not None
    assert (failure.code, failure.message) == ("invalid_input", "it was invalid_input")
    assert world.runtime.started == ["plan:j"]


def test_a_failed_job_leaves_no_task_behind(world: World) -> None:
    world.runtime.hang("d")
    world.runtime.fail("a", FaultKind.INVALID_INPUT)
    world.enqueue("j", "abcdef")
    world.run_until_ended("j")
    world.step()
    assert world.runtime.in_flight() == []


def test_storage_faults_wait_before_they_are_tried_again(world: World) -> None:
    world.runtime.fail("a", *[FaultKind.STORAGE] * 3)
    world.enqueue("j", "a")
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED
    assert world.clock.now > 0.5 + 1 + 2


def test_a_hanging_cell_is_given_up_and_tried_again(world: World) -> None:
    world.runtime.hang("a")
    world.enqueue("j", "a")
    world.step(3)
    world.step(1, seconds=1000)
    world.step()
    assert world.runtime.cancelled == ["cell:j:0"]
    world.runtime.heal()
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED


def test_a_cell_that_always_hangs_fails_the_job(world: World) -> None:
    world.runtime.hang("a")
    world.enqueue("j", "a")
    for _ in range(4):
        world.step(2)
        world.step(1, seconds=1000)
    world.run_until_ended("j")
    failure = world.row("j").failure
    assert failure is not None
    assert failure.code == "deadline"


def test_a_job_beyond_its_deadline_fails(world: World) -> None:
    world.runtime.is_paused = True
    world.enqueue("j")
    world.step()
    world.step(1, seconds=10_000)
    world.run_until_ended("j")
    failure = world.row("j").failure
    assert failure is not None
    assert failure.code == "deadline"
    assert world.runtime.in_flight() == []


def test_without_any_cpu_jobs_are_told_so(world: World) -> None:
    world.runtime.cpus = 0
    world.enqueue("j")
    world.step(8, seconds=100)
    world.run_until_ended("j")
    failure = world.row("j").failure
    assert failure is not None
    assert failure.code == "no_capacity"


def test_cpus_that_come_in_time_save_the_job(world: World) -> None:
    world.runtime.cpus = 0
    world.enqueue("j")
    world.step(3, seconds=100)
    world.runtime.cpus = 2
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED


def test_parts_that_vanish_are_rendered_again(world: World) -> None:
    world.runtime.fail("assemble:j", FaultKind.PARTS_MISSING)
    world.enqueue("j", "ab")
    while "assemble:j" not in world.runtime.in_flight():
        world.step()
    world.runtime.lose("a")
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED
    assert world.runtime.rendered == {"a": 2, "b": 1}
    percents = [percent for _, percent in world.published("j")]
    assert percents == sorted(percents)


def test_cancelling_stops_running_tasks(world: World) -> None:
    world.enqueue("j", "abcdef")
    world.step(2)
    world.runtime.is_paused = True
    world.rows.cancel("j")
    world.step(2)
    assert world.runtime.in_flight() == []
    assert world.published("j")[-1][0] is JobState.CANCELLED
    assert world.row("j").state is JobState.CANCELLED


def test_a_cancelled_job_s_cells_go_on_for_those_who_need_them(world: World) -> None:
    world.runtime.hang("a")
    world.enqueue("j1", "a")
    world.enqueue("j2", "a")
    world.step(4)
    world.rows.cancel("j1")
    world.step(2)
    assert world.runtime.cancelled == []
    world.runtime.heal()
    world.run_until_ended("j2")
    assert world.row("j2").state is JobState.COMPLETED
    assert world.runtime.rendered == {"a": 1}


def test_a_shared_cell_that_fails_after_its_owner_was_cancelled_is_tried_again(world: World) -> None:
    world.runtime.hang("a")
    world.enqueue("j1", "a")
    world.enqueue("j2", "a")
    world.step(4)
    world.rows.cancel("j1")
    world.step(2)
    world.runtime.heal()
    world.runtime.fail("a", FaultKind.WORKER_DIED)
    world.run_until_ended("j2")
    assert world.row("j2").state is JobState.COMPLETED


def test_a_job_cancelled_at_the_last_moment_leaves_no_file(world: World) -> None:
    world.enqueue("j", "a")
    while "assemble:j" not in world.runtime.in_flight():
        world.step()
    for name in ("j.mp4", "j.poster.jpg", "j.sprites.jpg"):
        world.objects.put_bytes(f"rendered-videos/video-j/{name}", b"video")
    world.rows.cancel("j")
    world.clock.advance(-0.3)
    world.step(3)
    world.dispatcher.close()
    assert world.row("j").state is JobState.CANCELLED
    assert list(world.objects.keys("rendered-videos/")) == []


def test_in_flight_stays_within_cpus_and_lookahead(world: World) -> None:
    for number in range(6):
        world.enqueue(f"j{number}", f"abcdefgh{number}")
    world.run_until_ended(*(f"j{number}" for number in range(6)))
    assert world.runtime.most_in_flight == world.runtime.cpus + 1


def test_workspaces_are_served_by_their_weights(world: World) -> None:
    for plan in ("free", "pro", "enterprise"):
        world.enqueue(plan, [f"{plan}{n}" for n in range(300)], workspace=plan, plan=plan)
    world.step(60)
    done = {plan: sum(key.startswith(plan) for key in world.runtime.rendered) for plan in ("free", "pro", "enterprise")}
    assert done["enterprise"] > 1.7 * done["pro"] > 1.7 * 2.5 * done["free"]


def test_a_small_job_overtakes_long_ones(world: World) -> None:
    for number in range(8):
        world.enqueue(f"long{number}", [f"{number}-{n}" for n in range(100)])
    world.step(5)
    world.enqueue("small", "z", workspace="other")
    world.run_until_ended("small", most_steps=30)
    assert not any(world.row(f"long{number}").state.is_terminal for number in range(8))


def test_a_new_dispatcher_takes_jobs_over_without_rendering_again(world: World) -> None:
    world.enqueue("j", "abcdefgh")
    world.step(4)
    world.dispatcher.close()
    assert world.runtime.in_flight() == []
    assert world.row("j").state is JobState.PROCESSING
    world.dispatcher = world.new_dispatcher("second")
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED
    assert world.row("j").request.attempt == 2
    assert set(world.runtime.rendered.values()) == {1}


def test_a_dispatcher_that_vanished_is_followed_when_its_lease_runs_out(world: World) -> None:
    world.enqueue("j", "abcdefgh")
    world.step(4)
    world.runtime.close()
    world.dispatcher = world.new_dispatcher("second")
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED
    assert set(world.runtime.rendered.values()) == {1}


def test_a_dispatcher_without_the_lease_does_nothing(world: World) -> None:
    world.rows.acquire_lease("someone else", 3600)
    world.enqueue("j")
    world.step(20)
    assert world.row("j").state is JobState.QUEUED
    assert world.runtime.started == []


def test_a_dispatcher_that_lost_its_lease_lets_go(world: World) -> None:
    world.enqueue("j", "abcdef")
    world.step(2)
    world.runtime.is_paused = True
    world.clock.advance(60)
    world.rows.acquire_lease("someone else", 3600)
    world.step(2)
    assert world.runtime.in_flight() == []
    assert world.row("j").state is JobState.PROCESSING


def test_a_job_taken_over_too_often_is_given_up(world: World) -> None:
    world.enqueue("j", "abc")
    world.runtime.is_paused = True
    for number in range(25):
        world.dispatcher = world.new_dispatcher(f"d{number}")
        world.step(2)
        world.dispatcher.close()
    world.dispatcher = world.new_dispatcher("last")
    world.step(2)
    failure = world.row("j").failure
    assert failure is not None
    assert failure.code == "internal"


def test_work_goes_on_while_the_database_is_down(world: World) -> None:
    world.enqueue("j", "abcdef")
    world.step(3)
    world.store.is_down = True
    world.step(30)
    assert len(world.runtime.rendered) == 6
    assert world.row("j").state is JobState.PROCESSING
    world.store.is_down = False
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED
    assert set(world.runtime.rendered.values()) == {1}


@pytest.mark.parametrize("steps", range(1, 9))
def test_a_write_whose_answer_is_lost_loses_no_job(world: World, steps: int) -> None:
    world.enqueue("j", "abc")
    world.step(steps - 1)
    world.store.forgets_answers = True
    world.step(3)
    world.store.forgets_answers = False
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED


def test_a_stopped_dispatcher_lets_the_next_begin_at_once(world: World) -> None:
    stop = threading.Event()
    stop.set()
    world.step()
    world.dispatcher.run(stop)
    assert world.rows.acquire_lease("second", 15) is not None


def test_a_closing_dispatcher_survives_a_database_that_is_down(world: World) -> None:
    world.step()
    world.store.is_down = True
    world.dispatcher.close()


@pytest.fixture
def running(world: World) -> Iterator[InMemoryBell]:
    """The dispatcher in its own thread, with the real clock."""
    bell, stop = InMemoryBell(), threading.Event()
    world.rows = InMemoryJobStore()
    options = DispatcherOptions(holder="threaded", idle_s=3600)
    around = Surroundings(
        store=world.rows, objects=world.objects, runtime=world.runtime, sink=world.sink, wake_up=bell
    )
    dispatcher = Dispatcher(around, options)
    thread = threading.Thread(target=dispatcher.run, args=(stop,))
    thread.start()
    yield bell
    stop.set()
    bell.ring()
    thread.join()


def test_the_bell_wakes_an_idle_dispatcher(world: World, running: InMemoryBell) -> None:
    completed = threading.Event()
    complete = world.rows.complete

    def complete_and_tell(*args: object) -> bool:
        completed.set()
        return complete(*args)  # type: ignore[arg-type]  # passed through

    world.rows.complete = complete_and_tell  # type: ignore[method-assign]  # a spy
    world.enqueue("j")
    running.ring()
    assert completed.wait(60)
