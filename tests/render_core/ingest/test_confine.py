import os
import platform
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import make_clip, make_image, make_sound, tone
from tests.processes import until_ended

_SETTING = """
import ctypes, os, resource, signal, socket, threading, time
from pathlib import Path
from render_core.ingest.confine import Files, Limits, allow, confine
limits = Limits(memory_bytes=1_500_000_000, cpu_s=30, wall_s=60, file_bytes={file_bytes})
confine({parent}, Files(readable=(Path('{folder}/given'),), writable=(Path('{folder}/own'),)), limits)
"""
_ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A file that is given to read, one that is not, and a folder to write in."""
    (tmp_path / "given").write_text("given")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "own").mkdir()
    return tmp_path


def confined(action: str, folder: Path, *, file_bytes: int = 0) -> subprocess.CompletedProcess[str]:
    """A process that has confined itself and then does something."""
    setting = _SETTING.format(file_bytes=file_bytes, parent=os.getpid(), folder=folder)
    command = [sys.executable, "-c", setting + action.format(folder=folder)]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("action", "end"),
    [
        ("print('x', file=open('{folder}/own/new', 'w'), flush=True)", "OSError: .*File too large"),
        ("bytearray(2_000_000_000)", "MemoryError"),
        ("files = [open('{folder}/given') for _ in range(100)]", "OSError: .*Too many open files"),
        ("socket.socket()", "PermissionError"),
        ("os.fork()", "PermissionError"),
        ("os.execv('/bin/true', ['true'])", "PermissionError"),
        ("os.kill(os.getppid(), 0)", "PermissionError"),
        ("os.pidfd_open(os.getppid())", "PermissionError"),
        ("open('{folder}/secret')", "PermissionError"),
        ("open('{folder}/given', 'a')", "PermissionError"),
        ("open('{folder}/new', 'w')", "PermissionError"),
        ("os.listdir('{folder}')", "PermissionError"),
        ("os.unlink('{folder}/given')", "PermissionError"),
        ("os.symlink('{folder}/secret', '{folder}/own/link')", "PermissionError"),
        ("open('/etc/passwd')", "PermissionError"),
        ("open('/proc/self/environ')", "PermissionError"),
        ("open('pyproject.toml')", "PermissionError"),
        ("resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))", "ValueError|PermissionError"),
    ],
)
def test_a_confined_process_can_do_little(folder: Path, action: str, end: str):
    complaint = confined(action, folder).stderr.strip().rsplit("\n", 1)[-1]
    assert re.match(end, complaint)


def test_it_reads_what_it_is_given_and_writes_in_its_own_folder(folder: Path):
    action = "open('{folder}/own/new', 'w').write(open('{folder}/given').read())"
    assert confined(action, folder, file_bytes=10).returncode == 0
    assert (folder / "own" / "new").read_text() == "given"


def test_root_is_nobody_special_in_it(folder: Path):
    """Rights as Linux's capget(2) tells them."""
    asked = "rights = ctypes.create_string_buffer(24)\n"
    asked += "ctypes.CDLL(None).capget((0x20080522).to_bytes(4, 'little') + bytes(4), rights)\nprint(rights.raw.hex())"
    assert confined(asked, folder).stdout.strip() == "00" * 24


def test_a_confined_process_may_have_threads(folder: Path):
    writing = "threading.Thread(target=lambda: open('{folder}/own/new', 'w').write('made')).start()"
    assert confined(writing, folder, file_bytes=10).returncode == 0
    assert (folder / "own" / "new").read_text() == "made"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only there every call has a second number")
def test_calls_have_no_second_door(folder: Path):
    assert confined("ctypes.CDLL(None).syscall(0x40000000 + 41, 2, 1, 0)", folder).returncode == -signal.SIGSYS


def test_processor_time_ends(folder: Path):
    spent = "allow(Limits(memory_bytes=1_500_000_000, cpu_s=0, wall_s=60))\nwhile True: pass"
    assert confined(spent, folder).returncode == -signal.SIGXCPU


def test_waiting_ends(folder: Path):
    waited = "allow(Limits(memory_bytes=1_500_000_000, cpu_s=30, wall_s=1))\ntime.sleep(60)"
    assert confined(waited, folder).returncode == -signal.SIGALRM


def test_a_confined_process_ends_with_its_parent(folder: Path):
    inner = _SETTING.format(file_bytes=0, parent="os.getppid()", folder=folder)
    inner += "print(os.getpid(), flush=True)\ntime.sleep(60)"
    outer = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {inner!r}])"
    with subprocess.Popen([sys.executable, "-c", outer], cwd=_ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    until_ended([child])


def test_a_child_whose_parent_is_gone_already_does_nothing(folder: Path):
    code = _SETTING.format(file_bytes=0, parent="1 if os.getppid() != 1 else 2", folder=folder) + "print('did it')"
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("kind", ["video", "audio", "image"])
def test_a_file_that_becomes_too_large_is_refused_with_a_sentence(folder: Path, kind: str):
    make = {
        "video": lambda: make_clip(folder / "own" / "in.mp4"),
        "audio": lambda: make_sound(folder / "own" / "in.wav", tone(440, 1)),
        "image": lambda: make_image(folder / "own" / "in.png"),
    }
    arguments = [kind, str(make[kind]()), f"{folder}/own/out", f"{folder}/own/poster"]
    preparing = f"""
from render_core.ingest import child
child.allow = lambda _limits: None
print(child._answer(child._prepare, {arguments}))
"""
    assert "It would be too large once prepared" in confined(preparing, folder, file_bytes=300).stdout
