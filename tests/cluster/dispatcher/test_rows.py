"""The dispatcher and its rows: cancelling, taking over, the lease, a database that fails; and what it shows."""

import itertools
import threading
from collections.abc import Iterator

import pytest

from cluster.cost import CostModel
from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.jobs import JobState
from cluster.keys import cell_key
from cluster.memory import InMemoryBell, InMemoryJobStore
from cluster.work import FaultKind
from tests.cluster.dispatcher.world import World
from tests.fakes import fake_request


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


def test_a_cancelled_job_is_off_the_cluster_in_the_round_after_the_bell(world: World) -> None:
    world.runtime.hang("a")
    world.enqueue("j", "a")
    world.step(3, seconds=0.01)
    assert world.runtime.in_flight() == ["cell:j:0"]
    world.rows.cancel("j")
    world.dispatcher.step(is_rung=True)
    assert world.runtime.in_flight() == []


def test_the_rows_are_looked_at_rarely_while_the_bell_tells_and_often_without_it(world: World) -> None:
    looks: list[float] = []
    cancelled = world.rows.cancelled
    world.rows.cancelled = lambda ids: (looks.append(world.clock.now), cancelled(ids))[1]  # type: ignore[method-assign]  # a spy
    world.runtime.hang("a")
    world.enqueue("j", "a")
    world.step(2)
    gaps = []
    for hears in (True, False):
        world.bell.hears = hears
        looks.clear()
        world.step(60, seconds=0.125)
        gaps.append(min(later - earlier for earlier, later in itertools.pairwise(looks)))
    assert gaps == [pytest.approx(2.0, abs=0.2), pytest.approx(0.5, abs=0.2)]


def test_a_lost_ring_delays_a_job_and_no_more(world: World) -> None:
    world.bell.hears = True
    world.step()
    world.enqueue("j", "a")
    world.step(7)
    world.run_until_ended("j")
    assert world.row("j").state is JobState.COMPLETED


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
