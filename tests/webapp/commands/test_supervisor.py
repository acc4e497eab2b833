import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from webapp.commands.supervisor import Program, Supervisor

SLEEPER = "import time; time.sleep(600)"
WRITE_PID = "open(os.environ['PIDFILE'], 'w').write(str(os.getpid()))\n"
DAEMON = "import os; os.fork() and os._exit(0); os.setsid()\n" + WRITE_PID
STUBBORN = "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WRITE_PID


def wait_for(is_true: Callable[[], bool]):
    deadline = time.monotonic() + 120
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen within two minutes"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def python(name: str, code: str, **environment: str) -> Program:
    return Program(name=name, argv=[sys.executable, "-c", code], environment=environment, grace_s=2)


@pytest.fixture
def falls() -> list[tuple[str, int]]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, falls: list[tuple[str, int]]) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "logs", lambda program, code: falls.append((program.name, code)))
    yield supervisor
    supervisor.stop()


def written_pid(path: Path) -> int:
    wait_for(lambda: path.exists() and path.read_text() != "")
    return int(path.read_text())


def test_output_goes_to_the_program_s_log(supervisor: Supervisor):
    program = python("speaker", "print('hello')")
    supervisor.start(program)
    wait_for(lambda: "hello" in supervisor.log_of(program).read_text())


def test_fallen_program_is_reported_and_started_again(
    supervisor: Supervisor, falls: list[tuple[str, int]], tmp_path: Path
):
    starts = tmp_path / "starts"
    supervisor.start(python("faller", f"open({str(starts)!r}, 'a').write('x'); raise SystemExit(3)"))

    def has_started_twice() -> bool:
        supervisor.tend()
        return starts.exists() and len(starts.read_text()) == 2

    wait_for(has_started_twice)
    assert falls[0] == ("faller", 3)


def test_stop_ends_daemons_that_left_the_session(supervisor: Supervisor, tmp_path: Path):
    pidfile = tmp_path / "pid"
    supervisor.start(python("launcher", DAEMON + SLEEPER, PIDFILE=str(pidfile)))
    pid = written_pid(pidfile)
    supervisor.stop()
    assert not is_alive(pid)


def test_stop_ends_a_program_that_ignores_the_polite_signal(supervisor: Supervisor, tmp_path: Path):
    pidfile = tmp_path / "pid"
    supervisor.start(python("stubborn", STUBBORN + SLEEPER, PIDFILE=str(pidfile)))
    pid = written_pid(pidfile)
    supervisor.stop()
    assert not is_alive(pid)


def test_killed_supervisor_takes_its_programs_along(tmp_path: Path):
    pidfile = tmp_path / "pid"
    owner = (
        "import sys, time; from pathlib import Path; from webapp.commands.supervisor import *\n"
        "s = Supervisor(Path(sys.argv[1]), print)\n"
        'code = \'import os,time; open(os.environ["PIDFILE"],"w").write(str(os.getpid())); time.sleep(600)\'\n'
        "s.start(Program(name='child', argv=[sys.executable, '-c', code], environment={'PIDFILE': sys.argv[2]}))\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", owner, str(tmp_path / "logs"), str(pidfile)])
    pid = written_pid(pidfile)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: not is_alive(pid))
