import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from sqlalchemy import inspect

from tests.processes import until
from tests.webapp.servers import free_port
from webapp.db import create_engine
from webapp.ui.build import build_frontend

REELGROVE = Path(sys.executable).parent / "reelgrove"


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("REELGROVE_")}
    return others | {"REELGROVE_DATA_DIR": str(data_dir), **more}


def reelgrove(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [REELGROVE, *arguments], env=os.environ | variables, capture_output=True, text=True, check=False, timeout=240
    )


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=60) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def test_migrate_makes_the_tables_and_may_be_repeated(tmp_path: Path):
    for _ in range(2):
        done = reelgrove("migrate", **environment(tmp_path))
        assert done.returncode == 0, done.stderr
    engine = create_engine(f"sqlite:///{tmp_path / 'reelgrove.db'}")
    assert "render_jobs" in inspect(engine).get_table_names()
    engine.dispose()


def test_several_web_processes_without_redis_are_refused_in_a_sentence(tmp_path: Path):
    done = reelgrove("web", "--workers", "2", **environment(tmp_path, REELGROVE_REDIS_URL=""))
    assert done.returncode == 2
    assert done.stderr == (
        "reelgrove: workers: several web processes need Redis: set REELGROVE_REDIS_URL or start one\n"
    )


def test_each_of_several_web_processes_tells_what_all_have_counted(tmp_path: Path, own_redis_url: str):
    build_frontend()
    port, token = free_port(), "0123456789abcdef0123456789abcdef"
    variables = environment(tmp_path, REELGROVE_PORT=str(port), REELGROVE_REDIS_URL=own_redis_url)
    variables |= {"REELGROVE_METRICS_TOKEN": token}
    assert reelgrove("migrate", **variables).returncode == 0
    with (tmp_path / "log").open("wb") as log:
        argv = [REELGROVE, "web", "--workers", "2"]
        server = subprocess.Popen(argv, env=os.environ | variables, stdout=log, stderr=log)
    try:
        until(lambda: server.poll() is not None or answers(f"http://127.0.0.1:{port}/healthz"))
        assert server.poll() is None, (tmp_path / "log").read_text()
        for _ in range(20):  # each comes by a connection of its own, to whichever process takes it
            assert not answers(f"http://127.0.0.1:{port}/api/videos")
        request = Request(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {token}"})
        for _ in range(10):
            with urlopen(request, timeout=60) as told:
                series = 'reelgrove_http_seconds_count{method="GET",route="/api/videos",status="4xx"} 20.0'
                assert series in told.read().decode().splitlines()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def test_web_serves_the_page_until_it_is_told_to_end(tmp_path: Path):
    build_frontend()
    port = free_port()
    variables = environment(tmp_path, REELGROVE_PORT=str(port), REELGROVE_REDIS_URL="")
    assert reelgrove("migrate", **variables).returncode == 0
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen([REELGROVE, "web"], env=os.environ | variables, stdout=log, stderr=log)
    try:
        until(lambda: server.poll() is not None or answers(f"http://127.0.0.1:{port}/healthz"))
        assert server.poll() is None, (tmp_path / "log").read_text()
        assert answers(f"http://127.0.0.1:{port}/")
        assert answers(f"http://127.0.0.1:{port}/readyz")
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(60)
    assert code == 0
