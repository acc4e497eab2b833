import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import make_clip, make_image, make_sound, tone
from tests.processes import until_ended

_SETTING = """
import os, resource, socket, threading, time
from render_core.ingest.confine import Limits, allow_cpu, confine
confine(Limits(memory_bytes=1_500_000_000, cpu_s=30, file_bytes={file_bytes}), int({parent}))
"""
_ROOT = Path(__file__).parents[3]


def confined(action: str, *, file_bytes: int = 0) -> subprocess.CompletedProcess[str]:
    """A process that has confined itself and then does something."""
    code = _SETTING.format(file_bytes=file_bytes, parent=os.getpid()) + action
    return subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("action", "end"),
    [
        ("print('x', file=open('{folder}/new', 'w'), flush=True)", "OSError: .*File too large"),
        ("bytearray(2_000_000_000)", "MemoryError"),
        ("files = [open('/dev/null') for _ in range(100)]", "OSError: .*Too many open files"),
        ("socket.socket()", "PermissionError"),
        ("os.fork()", "PermissionError"),
        ("os.execv('/bin/true', ['true'])", "PermissionError"),
        ("os.kill(os.getppid(), 0)", "PermissionError"),
    ],
    ids=["writing", "memory", "files", "network", "processes", "programs", "signals"],
)
def test_a_confined_process_can_do_little(tmp_path: Path, action: str, end: str):
    complaint = confined(action.format(folder=tmp_path)).stderr.strip().rsplit("\n", 1)[-1]
    assert re.match(end, complaint)


def test_a_confined_process_may_have_threads_and_write_what_it_is_allowed(tmp_path: Path):
    writing = f"threading.Thread(target=lambda: open({str(tmp_path / 'new')!r}, 'w').write('made')).start()"
    assert confined(writing, file_bytes=10).returncode == 0
    assert (tmp_path / "new").read_text() == "made"


def test_processor_time_ends():
    assert confined("allow_cpu(0)\nwhile True: pass").returncode == -signal.SIGXCPU


def test_a_confined_process_ends_with_its_parent():
    inner = _SETTING.format(file_bytes=0, parent="os.getppid()") + "print(os.getpid(), flush=True)\ntime.sleep(60)"
    outer = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen([sys.executable, "-c", outer], cwd=_ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    until_ended([child])


def test_a_child_whose_parent_is_gone_already_does_nothing():
    code = _SETTING.format(file_bytes=0, parent="1 if os.getppid() != 1 else 2") + "print('did it')"
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("kind", ["video", "audio", "image"])
def test_a_file_that_becomes_too_large_is_refused_with_a_sentence(tmp_path: Path, kind: str):
    make = {
        "video": lambda: make_clip(tmp_path / "in.mp4"),
        "audio": lambda: make_sound(tmp_path / "in.wav", tone(440, 1)),
        "image": lambda: make_image(tmp_path / "in.png"),
    }
    arguments = [kind, str(make[kind]()), str(tmp_path / "out"), str(tmp_path / "poster")]
    preparing = f"from render_core.ingest import child\nprint(child._answer(child._prepare, {arguments}))"
    assert "It would be too large once prepared" in confined(preparing, file_bytes=300).stdout
