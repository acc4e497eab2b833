from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from cluster import tasks
from cluster.assembly import store_video
from cluster.keys import cell_key
from cluster.policies import PartsMissingError
from cluster.ports import ObjectStore
from cluster.s3 import S3ObjectStore
from cluster.storage import LocalObjectStore, ObjectNotFoundError
from cluster.work import AssembleTask, CellSnapshot, CellsTask, PlanTask, RenderPlan, SoundTask
from render_core.spec import Output, RenderSpec
from tests.factories import lip_sync_spec, stored


@dataclass
class Bench:
    """A worker's surroundings with a small video of two cells to make."""

    objects: ObjectStore
    spec: RenderSpec
    scratch: Path
    reported: list[CellSnapshot] = field(default_factory=list)

    @property
    def place(self) -> tasks.Workplace:
        return tasks.Workplace(
            objects=self.objects,
            locate=lambda ref: self.objects.materialise(ref.key),
            report=self.reported.append,
            scratch=self.scratch,
        )

    def plan(self) -> RenderPlan:
        return tasks.plan_render(self.spec, self.objects)

    def cells_task(self) -> CellsTask:
        cells = self.plan().cells
        return CellsTask(
            spec=self.spec, keys=tuple(cell_key(cell.key) for cell in cells), label="cells", cells=cells, attempt=2
        )

    def make_parts(self) -> None:
        tasks.render_cells(self.cells_task(), self.place)
        sound = self.plan().sound_object
        assert sound is not None
        tasks.make_sound(SoundTask(spec=self.spec, keys=(sound,), label="sound"), self.place)

    def assemble_task(self) -> AssembleTask:
        return AssembleTask(
            spec=self.spec,
            keys=("assemble:j",),
            label="assemble",
            plan=self.plan(),
            output_key="rendered-videos/v/j.mp4",
            render_seconds=2.0,
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    objects = LocalObjectStore(tmp_path / "objects")
    (tmp_path / "scratch").mkdir()
    return Bench(objects, stored(lip_sync_spec(tmp_path, seconds=3), objects), tmp_path / "scratch")


def test_a_plan_tells_what_the_store_lacks(bench: Bench) -> None:
    plan = bench.plan()
    assert [(cell.start, cell.stop) for cell in plan.cells] == [(0, 60), (60, 90)]
    assert plan.present == frozenset()
    assert (plan.frame_count, plan.fps) == (90, Fraction(30))
    bench.make_parts()
    assert bench.plan().present == {*plan.distinct_cells(), plan.sound_object}


def test_a_plan_tells_what_there_is_to_do_for_each_cell(bench: Bench) -> None:
    plan = bench.plan()
    first, last = (plan.load_of(cell) for cell in plan.cells)
    assert (first.frames, last.frames) == (60, 30)
    assert first.decoded > last.decoded > 0
    assert first.encoded == pytest.approx(60 * plan.megapixels)


def test_a_task_tells_how_long_its_setting_up_took(bench: Bench) -> None:
    first, second = tasks.render_cells(bench.cells_task(), bench.place)
    assert first.setup_s > 0
    assert second.setup_s == 0


def test_cells_are_kept_under_their_keys_and_reported_frame_by_frame(bench: Bench) -> None:
    task = bench.cells_task()
    results = tasks.render_cells(task, bench.place)
    assert [result.key for result in results] == list(task.keys)
    assert [result.size_bytes for result in results] == [bench.objects.size(key) for key in task.keys]
    assert not any(result.is_cached for result in results)
    first = [each for each in bench.reported if each.key == task.keys[0]]
    assert [each.frames_done for each in first] == list(range(61))
    assert {(each.attempt, each.frames_total) for each in first} == {(2, 60)}


def test_a_cell_is_reported_finished_only_when_it_is_kept(bench: Bench) -> None:
    kept_when_told: list[bool] = []

    def report(snapshot: CellSnapshot) -> None:
        if snapshot.frames_done == snapshot.frames_total:
            kept_when_told.append(bench.objects.size(snapshot.key) is not None)

    tasks.render_cells(bench.cells_task(), replace(bench.place, report=report))
    assert kept_when_told == [True, True]


def test_cells_that_exist_are_not_rendered_again(bench: Bench) -> None:
    task = bench.cells_task()
    tasks.render_cells(task, bench.place)
    bench.reported.clear()
    assert all(result.is_cached for result in tasks.render_cells(task, bench.place))
    assert [each.frames_done for each in bench.reported] == [60, 30]


def test_a_cell_s_bytes_do_not_depend_on_its_task(bench: Bench, tmp_path: Path) -> None:
    task = bench.cells_task()
    tasks.render_cells(task, bench.place)
    alone = LocalObjectStore(tmp_path / "alone")
    last = replace(task, keys=task.keys[1:], cells=task.cells[1:])
    tasks.render_cells(last, replace(bench.place, objects=alone))
    assert alone.read(task.keys[1]) == bench.objects.read(task.keys[1])


def test_an_assembled_video_has_all_frames_and_the_sound(bench: Bench) -> None:
    bench.make_parts()
    output = tasks.assemble_video(bench.assemble_task(), bench.place)
    assert (output.frame_count, output.duration_s, output.key) == (90, 3.0, "rendered-videos/v/j.mp4")
    assert output.size_bytes == bench.objects.size(output.key)
    assert output.render_seconds > 2.0
    with av.open(str(bench.objects.materialise(output.key))) as video:
        assert sum(1 for _ in video.decode(video=0)) == 90
        assert video.streams.audio


def test_an_assembled_video_has_its_pictures_beside_it(bench: Bench) -> None:
    bench.make_parts()
    output = tasks.assemble_video(bench.assemble_task(), bench.place)
    assert (output.poster, output.sprites) == ("rendered-videos/v/j.poster.jpg", "rendered-videos/v/j.sprites.jpg")
    assert set(output.keys) == set(bench.objects.keys("rendered-videos/"))
    assert all(bench.objects.read(key).startswith(b"\xff\xd8") for key in output.keys[1:])
    assert output.pictures_bytes == sum(len(bench.objects.read(key)) for key in output.keys[1:])
    assert output.sheet is not None
    assert (output.sheet.count, output.sheet.every_s, output.sheet.duration_s) == (2, 2.0, 3.0)


@pytest.mark.parametrize("output", ["webm", "gif"])
def test_other_outputs_are_made_of_cells_of_their_own(bench: Bench, output: Output) -> None:
    bench.spec = bench.spec.model_copy(update={"output": output})
    plan = bench.plan()
    cells = CellsTask(spec=bench.spec, keys=tuple(plan.distinct_cells()), label="cells", cells=plan.cells)
    tasks.render_cells(cells, bench.place)
    assert all(key.endswith(f".{output}") for key in bench.objects.keys("cells/"))
    if plan.sound_object is not None:
        tasks.make_sound(SoundTask(spec=bench.spec, keys=(plan.sound_object,), label="sound"), bench.place)
    made = tasks.assemble_video(bench.assemble_task(), bench.place)
    with av.open(str(bench.objects.materialise(made.key))) as video:
        assert video.format.name == {"webm": "matroska,webm", "gif": "gif"}[output]
    assert (output == "gif") == (plan.sound_object is None)


@pytest.mark.parametrize("output", ["mp4", "webm", "gif"])
def test_a_part_damaged_in_its_middle_is_found(bench: Bench, output: Output) -> None:
    bench.spec = bench.spec.model_copy(update={"output": output})
    plan = bench.plan()
    cells = CellsTask(spec=bench.spec, keys=tuple(plan.distinct_cells()), label="cells", cells=plan.cells)
    tasks.render_cells(cells, bench.place)
    data = bench.objects.read(cells.keys[0])
    bench.objects.put_bytes(cells.keys[0], data[: len(data) // 2] + b"\xff" * (len(data) // 2))
    with pytest.raises(PartsMissingError):
        store_video(replace(plan, sound=None), bench.objects, "rendered-videos/v/j.x", None)
    assert bench.objects.size(cells.keys[0]) is None


def test_a_cell_that_was_cut_off_is_found_even_where_the_rest_can_be_read(bench: Bench) -> None:
    bench.spec = bench.spec.model_copy(update={"output": "webm"})
    plan = bench.plan()
    cells = CellsTask(spec=bench.spec, keys=tuple(plan.distinct_cells()), label="cells", cells=plan.cells)
    tasks.render_cells(cells, bench.place)
    data = bench.objects.read(cells.keys[-1])
    bench.objects.put_bytes(cells.keys[-1], data[: len(data) * 9 // 10])
    with pytest.raises(PartsMissingError):
        store_video(replace(plan, sound=None), bench.objects, "rendered-videos/v/j.webm", None)
    assert bench.objects.size(cells.keys[-1]) is None


def test_a_remote_store_gives_the_same_video(bench: Bench, s3_store: S3ObjectStore) -> None:
    bench.make_parts()
    local = tasks.assemble_video(bench.assemble_task(), bench.place)
    for key in bench.objects.keys("user-avatars/"):
        s3_store.put_bytes(key, bench.objects.read(key))
    bench.objects = s3_store
    bench.make_parts()
    remote = tasks.assemble_video(bench.assemble_task(), bench.place)
    assert remote.sha256 == local.sha256
    assert s3_store.size(remote.key) == local.size_bytes


def test_assembling_leaves_no_temporary_file(bench: Bench) -> None:
    bench.make_parts()
    tasks.assemble_video(bench.assemble_task(), bench.place)
    assert list(bench.scratch.iterdir()) == []


def test_a_vanished_part_is_told_from_a_missing_asset(bench: Bench) -> None:
    bench.make_parts()
    task = bench.assemble_task()
    bench.objects.delete(cell_key(task.plan.cells[0].key))
    with pytest.raises(PartsMissingError):
        tasks.assemble_video(task, bench.place)
    assert list(bench.scratch.iterdir()) == []


@pytest.mark.parametrize("part", ["cell", "sound"])
def test_a_damaged_part_is_dropped_to_be_made_again(bench: Bench, part: str) -> None:
    bench.make_parts()
    task = bench.assemble_task()
    undamaged = tasks.assemble_video(task, bench.place).sha256
    key = cell_key(task.plan.cells[0].key) if part == "cell" else task.plan.sound_object or ""
    bench.objects.put_bytes(key, bench.objects.read(key)[:-1000])
    with pytest.raises(PartsMissingError, match="damaged"):
        tasks.assemble_video(task, bench.place)
    bench.make_parts()
    assert tasks.assemble_video(task, bench.place).sha256 == undamaged


def test_a_missing_asset_is_said_so(bench: Bench) -> None:
    task = bench.cells_task()
    for key in tuple(bench.objects.keys("user-avatars/")):
        bench.objects.delete(key)
    with pytest.raises(ObjectNotFoundError, match="user-avatars"):
        tasks.render_cells(task, bench.place)


def test_any_task_can_be_carried_out(bench: Bench) -> None:
    plan = tasks.carry_out(PlanTask(spec=bench.spec, keys=("plan:j",), label="plan"), bench.place)
    assert plan == bench.plan()
    assert tasks.carry_out(bench.cells_task(), bench.place)
