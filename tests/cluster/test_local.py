import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import av
import pytest

from cluster.jobs import JobOutput, JobProgress, JobState
from cluster.local import render_locally
from cluster.storage import LocalObjectStore
from render_core.spec import RenderSpec
from tests.factories import by_path, lip_sync_spec
from tests.processes import children, descendants, until_ended, words

ROOT = Path(__file__).parents[2]


@pytest.fixture
def spec(tmp_path: Path) -> RenderSpec:
    return lip_sync_spec(tmp_path, seconds=6)


def _render(spec: RenderSpec, folder: Path, jobs: int = 1) -> tuple[JobOutput, list[JobProgress]]:
    told: list[JobProgress] = []
    cells = LocalObjectStore(folder / "cells")
    output = render_locally(
        spec, locate=by_path(), out=folder / "out.mp4", cells=cells, jobs=jobs, on_progress=told.append
    )
    return output, told


def test_a_video_is_written_with_all_its_frames(spec: RenderSpec, tmp_path: Path) -> None:
    output, _ = _render(spec, tmp_path)
    assert (output.frame_count, output.duration_s) == (180, 6.0)
    assert output.size_bytes == (tmp_path / "out.mp4").stat().st_size
    with av.open(output.key) as video:
        assert sum(1 for _ in video.decode(video=0)) == 180


def test_any_number_of_processes_gives_the_same_bytes(spec: RenderSpec, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, _ = _render(spec, tmp_path / "one", jobs=1)
    two, _ = _render(spec, tmp_path / "two", jobs=2)
    assert one.sha256 == two.sha256


def test_progress_never_falls_and_ends_at_a_hundred(spec: RenderSpec, tmp_path: Path) -> None:
    _, told = _render(spec, tmp_path)
    percents = [each.percent for each in told]
    assert percents == sorted(percents)
    assert len(set(percents)) > 10
    assert (percents[-1], told[-1].state, told[-1].cells_done) == (100, JobState.COMPLETED, 3)


def test_a_kept_part_that_was_damaged_is_made_again(spec: RenderSpec, tmp_path: Path) -> None:
    undamaged, _ = _render(spec, tmp_path)
    for part in [*tmp_path.glob("cells/cells/*/*")][:2]:
        part.write_bytes(part.read_bytes()[:1000])
    assert _render(spec, tmp_path)[0].sha256 == undamaged.sha256


def test_kept_cells_are_not_rendered_again(spec: RenderSpec, tmp_path: Path) -> None:
    first, _ = _render(spec, tmp_path)
    cells = LocalObjectStore(tmp_path / "cells")
    middle = sorted(cells.keys("cells/"))[1]
    cells.delete(middle)
    again, told = _render(spec, tmp_path)
    assert told[-1].cells_cached == 2
    assert again.sha256 == first.sha256


def test_a_failure_leaves_the_old_file_and_nothing_else(spec: RenderSpec, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"the last one")
    Path(spec.assets["lipSyncVideo"][0].key).unlink()
    with pytest.raises(Exception, match=r"avatar|No such file"):
        _render(spec, tmp_path)
    assert out.read_bytes() == b"the last one"
    assert not list(tmp_path.glob(".*"))


def test_a_failure_in_a_process_reaches_the_caller(spec: RenderSpec, tmp_path: Path) -> None:
    Path(spec.assets["lipSyncVideo"][0].key).unlink()
    with pytest.raises(Exception, match=r"avatar|No such file"):
        _render(spec, tmp_path, jobs=2)


def test_a_killed_process_does_not_cost_the_video(tmp_path: Path) -> None:
    spec, killed = lip_sync_spec(tmp_path, seconds=6, scale=0.3), list[int]()

    def kill_one(progress: JobProgress) -> None:
        if progress.percent >= 5 and not killed:
            killed.append(next(pid for pid in children(os.getpid()) if "spawn_main" in " ".join(words(pid))))
            os.kill(killed[0], signal.SIGKILL)

    cells = LocalObjectStore(tmp_path / "cells")
    output = render_locally(spec, locate=by_path(), out=tmp_path / "out.mp4", cells=cells, jobs=2, on_progress=kill_one)
    assert killed
    assert output.frame_count == 180


def test_ctrl_c_ends_all_processes_without_a_word(tmp_path: Path) -> None:
    program = textwrap.dedent(
        f"""
        from pathlib import Path
        from cluster.local import render_locally
        from cluster.storage import LocalObjectStore
        from tests.factories import by_path, lip_sync_spec

        folder = Path({str(tmp_path)!r})

        def main():
            spec = lip_sync_spec(folder, seconds=8, scale=1)
            render_locally(spec, locate=by_path(), out=folder / "out.mp4", cells=LocalObjectStore(folder / "cells"),
                           jobs=2, on_progress=lambda progress: print(progress.percent, flush=True))

        if __name__ == "__main__":
            try:
                main()
            except KeyboardInterrupt:
                print("stopped")
        """
    )
    script = tmp_path / "program.py"
    script.write_text(program)
    process = subprocess.Popen(
        [sys.executable, script],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    while (line := process.stdout.readline()) and int(line) < 2:
        pass
    started = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=240)
    assert stdout.endswith("stopped\n")
    assert stderr == ""
    assert started
    until_ended(started)
    assert not (tmp_path / "out.mp4").exists()
