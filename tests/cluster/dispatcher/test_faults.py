"""What the dispatcher does when workers die, tasks hang or are late, machines go and input is bad."""

from cluster.jobs import JobState
from cluster.work import FaultKind
from tests.cluster.dispatcher.world import World
from tests.fakes import fake_preparation


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


def test_a_late_cell_of_a_cancelled_job_is_begun_a_second_time_for_those_who_need_it(world: World) -> None:
    world.runtime.stall("a")
    world.enqueue("j1", "a")
    world.enqueue("j2", "a")
    world.step(4)
    assert world.runtime.in_flight() == ["cell:j1:0"]
    world.rows.cancel("j1")
    world.run_until_ended("j2")
    assert world.row("j2").state is JobState.COMPLETED
    assert world.clock.now < 60
    assert world.runtime.rendered == {"a": 1}
    world.step()
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
