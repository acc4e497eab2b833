import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import av
import pytest

from render_core.cells import plan_cells
from render_core.composition import Composition, Scripted
from render_core.media.encode import DRAFT
from render_core.media.pool import MediaPool
from render_core.render import assemble, render_cell, render_sound
from render_core.spec import VideoFormat
from render_core.templates import build
from tests.factories import by_path, lip_sync_spec
from tests.scenes import FakeMedia


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Five seconds of a real clip with a headline: three cells, the last of one second."""
    return build(lip_sync_spec(tmp_path_factory.mktemp("media"), seconds=5, mainText="Привет", filmGrain=0.3))


def cell_hashes(video, order):
    cells = plan_cells(video, DRAFT)
    with MediaPool(by_path()) as media:
        made = {index: sha256(render_cell(video, cells[index], media, DRAFT)).hexdigest() for index in order}
    return [made[index] for index in sorted(made)]


def test_a_cell_has_the_same_bytes_in_any_order(video):
    assert cell_hashes(video, (0, 1, 2)) == cell_hashes(video, (2, 0, 1)) == cell_hashes(video, (1, 2, 0))


def test_cells_and_sound_become_one_file(video, tmp_path):
    paths = []
    with MediaPool(by_path()) as media:
        for cell in plan_cells(video, DRAFT):
            paths.append(tmp_path / f"{cell.index}.mp4")
            paths[-1].write_bytes(render_cell(video, cell, media, DRAFT))
        sound = tmp_path / "sound.m4a"
        render_sound(video, media, DRAFT, sound)
    assemble(paths, sound, tmp_path / "out.mp4", video.format.fps)
    with av.open(str(tmp_path / "out.mp4")) as made:
        stream = made.streams.video[0]
        times = [frame.pts * stream.time_base for frame in made.decode(stream)]
    assert times == [Fraction(frame, 30) for frame in range(150)]


@dataclass(frozen=True)
class Counted:
    """A drawing that counts how often it is painted."""

    level: int

    def paint(self, canvas, media):
        media.memory[self.level] = media.memory.get(self.level, 0) + 1
        canvas.y[:] = self.level

    def hides_all_below(self, width, height):
        return True


def test_frames_that_show_the_same_are_painted_once():
    levels = [50] * 20 + [90] * 5 + [50] * 5
    video = Composition(
        format=VideoFormat(width=64, height=48, fps=Fraction(30)),
        frame_count=30,
        layers=(Scripted(lambda frame: Counted(levels[frame])),),
    )
    media = FakeMedia()
    render_cell(video, plan_cells(video, DRAFT)[0], media, DRAFT)
    assert media.memory == {50: 2, 90: 1}


_IN_A_PROCESS = """
import sys
from hashlib import sha256
from pathlib import Path
from render_core.cells import plan_cells
from render_core.media.encode import DRAFT
from render_core.media.pool import MediaPool
from render_core.render import render_cell, render_frame
from render_core.spec import RenderSpec
from render_core.templates import build

spec = RenderSpec.model_validate_json(Path(sys.argv[1]).read_text())
video, cells = build(spec), plan_cells(build(spec), DRAFT)
with MediaPool(lambda asset: Path(asset.key), memory_limit=int(sys.argv[2])) as media:
    for scale in map(float, sys.argv[4:]):
        render_frame(build(spec.model_copy(update={"scale": scale})), 100, media)
    for index in map(int, sys.argv[3]):
        print(index, sha256(render_cell(video, cells[index], media, DRAFT)).hexdigest())
"""


def bytes_in_a_process(spec_file, order, *, memory_limit=3 * 2**23, warm_up=()):
    command = [sys.executable, "-c", _IN_A_PROCESS, spec_file, str(memory_limit), order, *map(str, warm_up)]
    out = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    return sorted(out.stdout.splitlines())


def test_cells_are_equal_whatever_a_process_has_painted_before(tmp_path):
    """Other sizes first, another order, or nothing remembered from one drawing to the next."""
    spec_file = tmp_path / "spec.json"
    spec_file.write_text(lip_sync_spec(tmp_path, seconds=4, scale=0.3, filmGrain=0.3).model_dump_json())
    fresh = bytes_in_a_process(spec_file, "01")
    assert bytes_in_a_process(spec_file, "10", warm_up=(0.2, 0.4, 0.05)) == fresh
    assert bytes_in_a_process(spec_file, "10", memory_limit=1, warm_up=(0.5,)) == fresh


_ROUNDS_IN_A_PROCESS = """
import sys
from pathlib import Path
from render_core.cells import plan_cells
from render_core.media.encode import DRAFT
from render_core.media.pool import MediaPool
from render_core.render import render_cell
from render_core.spec import RenderSpec
from render_core.templates import build

video = build(RenderSpec.model_validate_json(Path(sys.argv[1]).read_text()))
with MediaPool(lambda asset: Path(asset.key)) as media:
    for _ in range(7):
        for cell in plan_cells(video, DRAFT):
            render_cell(video, cell, media, DRAFT)
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        print(pages * 4 / 1024)
"""


def test_memory_does_not_grow_from_cell_to_cell(tmp_path):
    spec_file = tmp_path / "spec.json"
    spec_file.write_text(lip_sync_spec(tmp_path, seconds=6, scale=0.3, filmGrain=0.3).model_dump_json())
    command = [sys.executable, "-c", _ROUNDS_IN_A_PROCESS, spec_file]
    out = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    mebibytes = [float(line) for line in out.stdout.split()]
    assert max(mebibytes[3:]) - mebibytes[2] < 10
