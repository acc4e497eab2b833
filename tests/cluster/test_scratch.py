import os
import signal
import subprocess
import sys
from pathlib import Path

from cluster.scratch import scratch_folder

_KILLED = """
import os, sys, time
from pathlib import Path
from cluster.scratch import scratch_folder

with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "half").write_bytes(b"half a video")
    print(folder, flush=True)
    time.sleep(600)
"""


def _left_by_a_killed_process(place: Path) -> Path:
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, place],
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    folder = Path(process.stdout.readline().strip())
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return folder


def test_a_folder_is_there_while_it_is_used(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        (folder / "file").write_bytes(b"x")
        assert folder.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_has_left_goes_when_the_next_folder_is_made(tmp_path: Path) -> None:
    left = _left_by_a_killed_process(tmp_path)
    assert (left / "half").exists()
    with scratch_folder(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_what_others_use_stays(tmp_path: Path) -> None:
    (tmp_path / "reelgrove-notes").mkdir()
    (tmp_path / "reelgrove-work-1-of-somebody").mkdir()
    with scratch_folder(tmp_path) as first, scratch_folder(tmp_path) as second:
        assert first != second
        assert first.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"reelgrove-notes", "reelgrove-work-1-of-somebody"}


def test_a_file_of_that_name_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "reelgrove-work-999999999-x").write_bytes(b"")
    with scratch_folder(tmp_path) as folder:
        assert folder.is_dir()
