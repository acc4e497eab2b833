"""The dispatcher, stepped by hand against a runtime with verbs: jobs of both kinds, shares, progress."""

import pytest

from cluster.fair import PLAN_SHARES
from cluster.jobs import JobKind, JobState, PreparedAsset
from cluster.keys import cell_key
from cluster.work import CellSnapshot, FaultKind
from tests.cluster.dispatcher.world import World
from tests.fakes import fake_preparation, fake_request


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


@pytest.mark.parametrize("workspaces", [1, 2])
def test_a_small_job_overtakes_the_long_ones_of_its_own_workspace(world: World, workspaces: int) -> None:
    for n in range(40):
        request = fake_request(f"long{n}", [f"{n}-{cell}" for cell in range(100)], workspace_id=f"w{n % workspaces}")
        world.rows.enqueue(request, size=200.0)
    world.step(5)
    world.rows.enqueue(fake_request("small", "z", workspace_id="w0"), size=2.0)
    world.run_until_ended("small", most_steps=30)
    assert not any(world.row(f"long{n}").state.is_terminal for n in range(40))


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
