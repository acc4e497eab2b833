"""The dispatcher, stepped by hand against a runtime with verbs."""

import itertools
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cluster.cost import CostModel
from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.fair import PLAN_SHARES
from cluster.jobs import JobKind, JobState, PreparedAsset
from cluster.memory import InMemoryBell, InMemoryHealth, InMemoryJobStore, InMemorySink, JobRow
from cluster.metrics import CountingMetrics
from cluster.storage import LocalObjectStore, cell_key
from cluster.work import CellSnapshot, FaultKind
from tests.fakes import FailingStore, FakeClock, FakeRuntime, fake_preparation, fake_request


@dataclass
class World:
    """A dispatcher and everything around it."""

    objects: LocalObjectStore
    clock: FakeClock = field(default_factory=FakeClock)
    runtime: FakeRuntime = field(default_factory=FakeRuntime)
    sink: InMemorySink = field(default_factory=InMemorySink)
    health: InMemoryHealth = field(default_factory=InMemoryHealth)
    metrics: CountingMetrics = field(default_factory=CountingMetrics)

    def __post_init__(self) -> None:
        self.rows = InMemoryJobStore(self.clock)
        self.store = FailingStore(self.rows)
        self.dispatcher = self.new_dispatcher("first")

    def new_dispatcher(self, holder: str) -> Dispatcher:
        options = DispatcherOptions(holder=holder, clock=self.clock)
        around = Surroundings(
            store=self.store,
            objects=self.objects,
            runtime=self.runtime,
            sink=self.sink,
            wake_up=InMemoryBell(),
            health=self.health,
            metrics=self.metrics,
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
    world.step(20)
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
    around = Surroundings(store=world.rows, objects=world.objects, runtime=world.runtime, sink=world.sink, wake_up=bell)
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


def test_a_late_cell_is_begun_a_second_time_and_the_first_to_end_counts(world: World) -> None:
    world.runtime.stall("a")
    world.enqueue("j", "a")
    world.step(3)
    assert world.runtime.in_flight() == ["cell:j:0"]
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED
    assert world.clock.now < 60
    assert world.runtime.rendered == {"a": 1}
    assert world.runtime.cancelled == ["cell:j:0"]
    assert world.runtime.in_flight() == []


def test_a_late_cell_that_ends_by_itself_wins_over_its_twin(world: World) -> None:
    world.runtime.slow("a", 40)
    world.enqueue("j", "a")
    while world.runtime.in_flight() != ["cell:j:0"] * 2:
        world.step()
    first = world.runtime.tasks["h1"]
    assert [task.attempt for task in world.runtime.tasks.values() if task.keys == first.keys] == [1, 2]
    world.run_until_ended("j")
    assert world.runtime.rendered == {"a": 1}
    assert world.runtime.cancelled == ["cell:j:0"]


def test_nothing_is_begun_twice_while_cpus_have_other_work(world: World) -> None:
    world.runtime.stall("a")
    world.enqueue("j", "a")
    world.step(3)
    world.enqueue("long", [f"x{n}" for n in range(300)])
    world.step(60)
    assert world.runtime.started.count("cell:j:0") == 1


def test_a_task_that_waits_for_a_cpu_is_not_late(world: World) -> None:
    world.runtime.cpus = 1
    world.runtime.slow("a", 200)
    world.enqueue("j", "ab")
    world.step(150)
    assert world.runtime.started.count("cell:j:1") <= 1


def test_a_worker_s_death_is_not_held_against_the_cells_beside(world: World) -> None:
    world.runtime.cpus = 1
    world.enqueue("j", [f"c{n}" for n in range(12)])
    world.step(2)
    first = world.runtime.tasks["h1"]
    assert len(first.keys) > 1
    for _ in range(2):
        world.runtime.kill_worker()
        world.step()
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED
    assert set(world.runtime.rendered.values()) == {1}


def test_a_cell_that_kills_its_workers_is_found_in_a_crowd(world: World) -> None:
    world.runtime.cpus = 1
    world.runtime.fail("c2", *[FaultKind.WORKER_DIED] * 3)
    world.enqueue("j", [f"c{n}" for n in range(12)])
    world.run_until_ended("j")
    failure = world.row("j").failure
    assert failure is not None
    assert failure.code == "poison_cell"
    assert "from 4 to 6 s" in failure.message


def test_bad_input_is_its_owner_s_and_the_others_make_the_cell_themselves(world: World) -> None:
    world.runtime.slow("a", 5)
    world.enqueue("j1", "a")
    world.enqueue("j2", "a")
    world.step(3)
    world.runtime.fail("a", FaultKind.INVALID_INPUT)
    world.run_until_ended("j1", "j2")
    assert {world.row("j1").state, world.row("j2").state} == {JobState.FAILED, JobState.COMPLETED}


def test_memory_doubles_after_it_ran_out(world: World) -> None:
    world.runtime.fail("a", FaultKind.OUT_OF_MEMORY, FaultKind.OUT_OF_MEMORY)
    world.enqueue("j", "a")
    world.run_until_ended("j")
    factors = [task.memory_factor for task in world.runtime.tasks.values() if task.label.startswith("cell")]
    assert factors == [1, 2, 4]


def test_a_lost_node_costs_nothing_but_time(world: World) -> None:
    world.enqueue("j", "abcdef")
    for _ in range(4):
        world.step(2)
        world.runtime.lose_node()
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED


def test_a_silent_task_hangs_even_if_it_moved_before(world: World) -> None:
    world.runtime.cpus = 1
    world.runtime.stall("b")
    world.enqueue("j", "ab")
    world.step(4)
    world.step(1, seconds=70)
    world.step(2)
    assert FaultKind.TIMED_OUT not in world.runtime.faults_seen
    assert world.runtime.cancelled != []
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED


def test_an_upload_is_prepared(world: World) -> None:
    world.rows.enqueue(fake_preparation("p"))
    world.run_until_ended("p")
    row = world.row("p")
    assert row.state is JobState.COMPLETED
    assert isinstance(row.output, PreparedAsset)
    assert row.output.key == "user-avatars/p"
    assert world.runtime.started == ["prepare:p"]
    last = world.sink.published[-1]
    assert (last.kind, last.asset_id, last.percent) == (JobKind.PREPARE, "asset-p", 100)


def test_an_upload_that_cannot_be_used_is_rejected_for_its_reason(world: World) -> None:
    world.runtime.fail("prepare:asset-p", FaultKind.INVALID_INPUT)
    world.rows.enqueue(fake_preparation("p"))
    world.run_until_ended("p")
    failure = world.row("p").failure
    assert failure is not None
    assert (failure.code, failure.message) == ("invalid_input", "it was invalid_input")


def test_preparations_survive_dead_workers_and_can_be_cancelled(world: World) -> None:
    world.runtime.fail("prepare:asset-p", FaultKind.WORKER_DIED, FaultKind.NODE_LOST)
    world.runtime.hang("prepare:asset-q")
    world.rows.enqueue(fake_preparation("p"))
    world.rows.enqueue(fake_preparation("q"))
    world.run_until_ended("p")
    world.rows.cancel("q")
    world.step(2)
    assert world.row("p").state is JobState.COMPLETED
    assert world.runtime.in_flight() == []


def test_preparations_go_before_renders(world: World) -> None:
    world.enqueue("long", [f"x{n}" for n in range(300)])
    world.step(10)
    for n in range(4):
        world.rows.enqueue(fake_preparation(f"p{n}"))
    world.step(30)
    assert all(world.row(f"p{n}").state is JobState.COMPLETED for n in range(4))
    assert world.row("long").state is JobState.PROCESSING


def test_a_workspace_has_no_more_tasks_than_its_plan_allows(world: World) -> None:
    world.runtime.cpus = 64
    world.enqueue("j", [f"x{n}" for n in range(400)])
    world.step(3)
    assert len(world.runtime.in_flight()) == PLAN_SHARES["free"].most_tasks


def test_a_cancelled_job_is_off_the_cluster_in_the_round_after_the_bell(world: World) -> None:
    world.runtime.hang("a")
    world.enqueue("j", "a")
    world.step(3, seconds=0.01)
    assert world.runtime.in_flight() == ["cell:j:0"]
    world.rows.cancel("j")
    world.dispatcher.step(is_rung=True)
    assert world.runtime.in_flight() == []


def test_cancelled_jobs_that_wait_never_start(world: World) -> None:
    world.rows.enqueue(fake_request("j"))
    world.rows.cancel("j")
    world.step(3)
    assert world.runtime.started == []


def test_the_autoscaler_is_asked_while_there_is_work_and_no_longer(world: World) -> None:
    world.runtime.cpus = 0
    world.enqueue("j", [f"x{n}" for n in range(200)])
    world.step(10)
    assert world.runtime.requested[-1] >= 1
    world.runtime.cpus = 2
    world.run_until_ended("j")
    world.step(10)
    assert world.runtime.requested[-1] == 0


def test_the_picture_of_the_cluster_is_published_every_second(world: World) -> None:
    world.enqueue("j", [f"x{n}" for n in range(50)], plan="pro")
    for n in range(40):
        world.enqueue(f"waiting{n}", [f"y{n}"])
    world.step(8)
    health = world.health.latest
    assert health is not None
    assert health.active_by_plan["pro"] == 1
    assert health.queued_by_plan["free"] > 0
    assert (health.holder, health.cpus) == ("first", 2)
    assert health.tasks_in_flight >= 3
    assert health.backlog_s > 0
    assert health.counts["cells_rendered"] > 0


def test_what_happened_is_counted(world: World) -> None:
    world.runtime.stored = {cell_key("a")}
    world.runtime.fail("b", FaultKind.WORKER_DIED)
    world.enqueue("j", "ab")
    world.run_until_ended("j")
    counts = world.metrics.counts
    assert (counts["cells_cached"], counts["cells_rendered"], counts["cells_failed"]) == (1, 1, 1)
    assert (counts["retries_worker_died"], counts["jobs_completed"]) == (1, 1)


def test_what_was_learnt_is_kept_for_the_next_dispatcher(world: World) -> None:
    world.enqueue("j", "abcdef")
    world.run_until_ended("j")
    world.dispatcher.close()
    kept = CostModel.load(world.objects.read("cluster/cost-model.json"))
    family = ("Fake", "mp4", "standard")
    assert kept.setup_s(family) != CostModel().setup_s(family)


def test_expected_ends_are_written_for_running_and_for_waiting_jobs(world: World) -> None:
    world.enqueue("j", [f"x{n}" for n in range(50)])
    for n in range(20):
        world.enqueue(f"w{n}", [f"y{n}-{m}" for m in range(9)])
    world.step(12)
    assert (world.row("j").eta_s or 0) > 0
    waiting = [world.row(f"w{n}") for n in range(20) if world.row(f"w{n}").state is JobState.QUEUED]
    assert waiting
    assert all((row.eta_s or 0) > 0 for row in waiting)


@pytest.mark.parametrize("steps", [0, 6])
def test_a_job_whose_rows_cannot_be_written_is_in_nobody_s_way(world: World, steps: int) -> None:
    world.enqueue("bad", "a")
    world.step(steps, seconds=0.01)
    world.store.unwritable.add("bad")
    world.step(10)
    for n in range(10):
        world.enqueue(f"j{n}", [f"{n}"])
    world.run_until_ended(*(f"j{n}" for n in range(10)), most_steps=120)
    world.store.unwritable.clear()
    world.run_until_ended("bad", most_steps=60)
    assert world.row("bad").state is JobState.COMPLETED
    assert world.runtime.rendered["a"] == 1


def test_who_waits_for_the_lease_says_and_asks_nothing(world: World) -> None:
    world.enqueue("j", "abcdef")
    world.step(4)
    said, asked = world.health.latest, list(world.runtime.requested)
    standby = world.new_dispatcher("second")
    for _ in range(10):
        standby.step()
    standby.close()
    assert world.health.latest is said
    assert world.runtime.requested == asked
    assert world.objects.size("cluster/cost-model.json") is None
