"""Hostile uploads over HTTP: does anything fall over, is anything opened, how does each end, and what does it cost?

    python benchmarks/hostile_uploads.py [--uploads 2000 --seed 1 --workers 2 --clients 4]

A real web server with the REST edge, a real dispatcher on SQLite and files, and workers on this machine that do what
Ray's do. The uploads are those of ``tests/hostile``: each trick in its turn, each turn with another seed. Beside the
uploads in quarantine lies bait that nobody may open, and something listens that nobody may call. Exits with 1 when the
web process or the dispatcher ends, an answer is 5xx, an upload ends otherwise than ready or rejected, bait is touched,
or anything of an upload stays in quarantine.
"""

import argparse
import json
import os
import re
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' uploads and programs, when run as a program

from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.keys import QUARANTINE
from tests.hostile.book import TRICKS
from tests.hostile.upload import Bait, Upload, uploads
from tests.hostile.witness import Witness, watching
from tests.hostile.workers import Cost, Workers
from tests.programs import Program
from tests.webapp.servers import free_port
from webapp.accounts.keys import create_api_key
from webapp.accounts.service import ensure_user
from webapp.assets.clearing import clear_preparations
from webapp.container import Container, build_container
from webapp.db import migrate, unit_of_work
from webapp.models import PlanName
from webapp.renders.signals import PollingWakeUp, SilentBell
from webapp.renders.store import SqlJobStore
from webapp.settings import AppSettings, Settings, load_settings

_ROOT = Path(__file__).parents[1]
_TICK_S = 2.0


def main() -> None:
    """Send, wait, print; or be the dispatcher of that."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uploads", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--dispatch", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.dispatch:
        _dispatch(arguments.dispatch, arguments.workers)
    else:
        sys.exit(_play(arguments))


def _play(arguments: argparse.Namespace) -> int:
    with _stage(arguments.workers) as stage, ThreadPoolExecutor(arguments.clients) as clients:
        began = time.monotonic()
        sent = list(clients.map(stage.send, uploads(stage.bait, arguments.seed, arguments.uploads)))
        ended = list(clients.map(stage.ended, sent))
        lasted_s = time.monotonic() - began
        clear_preparations(stage.container.engine, stage.container.objects, grace=timedelta())
        findings = list(stage.findings(ended))
        _print(ended, stage.costs(), lasted_s)
    print(*(findings or ["nothing fell over, nothing was opened"]), sep="\n")
    return 1 if findings else 0


@dataclass
class Sent:
    """An upload and what came of it.

    Attributes:
        codes: Of all answers about it.
        answer_s: Until it was taken or refused.
        state: ``refused`` by the web process, or the asset's last one.
    """

    upload: Upload
    key: str
    answer_s: float = 0.0
    codes: list[int] = field(default_factory=list)
    asset_id: str = ""
    state: str = ""
    reason: str = ""


@dataclass(frozen=True)
class _Stage:
    container: Container
    bait: Bait
    witness: Witness
    site: httpx.Client
    keys: tuple[str, ...]
    programs: tuple[Program, ...]
    ledger: Path

    def send(self, upload: Upload) -> Sent:
        """One request, as any program makes it."""
        sent = Sent(upload, self.keys[hash(upload.content) % len(self.keys)])
        began = time.monotonic()
        answer = self.site.post(
            "/api/assets/upload",
            params={"type": upload.asset_type},
            files={"file": (upload.file_name, upload.content, upload.mime_type)},
            headers={"Authorization": f"Bearer {sent.key}"},
        )
        sent.answer_s = time.monotonic() - began
        sent.codes.append(answer.status_code)
        body = answer.json()
        if answer.is_success:
            sent.asset_id = body["id"]
        else:
            sent.state, sent.reason = "refused", body["detail"]
        return sent

    def ended(self, sent: Sent) -> Sent:
        """The same once its asset has got somewhere; as it is when a program has ended before."""
        while sent.asset_id and sent.state not in {"ready", "rejected"}:
            answer = self.site.get(f"/api/assets/{sent.asset_id}", headers={"Authorization": f"Bearer {sent.key}"})
            sent.codes.append(answer.status_code)
            if not answer.is_success or not all(program.is_running for program in self.programs):
                break
            body = answer.json()
            sent.state, sent.reason = body["status"], body["reject_reason"] or ""
            if sent.state not in {"ready", "rejected"}:
                time.sleep(_TICK_S)
        return sent

    def findings(self, ended: list[Sent]) -> Iterator[str]:
        """Everything that must not be."""
        for program in self.programs:
            if not program.is_running:
                yield f"{program.name} has ended: {program.printed()[-500:]}"
        for sent in ended:
            if any(code >= 500 for code in sent.codes):
                yield f"{sent.upload.name}: answers {sent.codes}"
            if sent.state not in {"refused", "ready", "rejected"} or (sent.state != "ready" and not sent.reason):
                yield f"{sent.upload.name}: ended as {sent.state or 'nothing'} {sent.reason}"
        yield from (f"{name} was opened" for name in self.witness.opened() & self.bait.names)
        yield from (f"{count} calls" for count in [self.witness.calls()] if count)
        left = {path.name for path in self.bait.file.parent.iterdir()} - self.bait.names
        yield from (f"{name} stays in quarantine" for name in left)

    def costs(self) -> list[Cost]:
        """What the preparations have used."""
        return [Cost(*json.loads(line)) for line in self.ledger.read_text().splitlines()]


@contextmanager
def _stage(workers: int) -> Iterator[_Stage]:
    """Everything on it ends with the block."""
    with ExitStack() as things:
        folder = Path(things.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(app=AppSettings(data_dir=folder))
        migrate(settings)
        container = build_container(settings)
        things.callback(container.close)
        witness, bait = _bait(things, settings.app.objects_dir / QUARANTINE)
        port, ledger = free_port(), folder / "ledger"
        ledger.touch()
        programs = _programs(folder, port, ledger, workers)
        for program in programs:
            things.callback(program.kill_all)
            program.start()
        for program in programs:
            program.until_ready()
        site = things.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        yield _Stage(container, bait, witness, site, _keys(container), programs, ledger)


def _bait(things: ExitStack, quarantine: Path) -> tuple[Witness, Bait]:
    quarantine.mkdir(parents=True)
    witness = things.enter_context(watching(quarantine))
    bait = Bait.laid(quarantine, witness.port)
    witness.opened()
    return witness, bait


def _keys(container: Container) -> tuple[str, ...]:
    """API keys of ten users on the largest plan."""
    with unit_of_work(container.engine) as session:
        users = [ensure_user(session, "benchmark", f"user{number}", PlanName.ENTERPRISE) for number in range(10)]
        return tuple(create_api_key(session, user, "benchmark").secret for user in users)


def _programs(folder: Path, port: int, ledger: Path, workers: int) -> tuple[Program, Program]:
    own = {"REELGROVE_DATA_DIR": str(folder), "REELGROVE_RATE_LIMITS": "false", "PYTHONPATH": str(_ROOT)}
    environment = os.environ | own
    web = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-access-log", "--port", str(port)]
    web += ["--working-dir", str(_ROOT), "tests.webapp.api.served:app"]
    dispatcher = [sys.executable, __file__, "--dispatch", str(ledger), "--workers", str(workers)]

    def answers(_program: Program) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
        except httpx.TransportError:
            return False

    return (
        Program("web", web, environment=environment, folder=folder, is_ready=answers),
        Program("dispatcher", dispatcher, environment=environment, folder=folder),
    )


def _print(ended: list[Sent], costs: list[Cost], lasted_s: float) -> None:
    states = Counter(sent.state for sent in ended)
    print(f"{len(ended)} uploads of {len(TRICKS)} tricks in {lasted_s:.0f} s: {dict(states)}")
    print(f"  answers 5xx: {sum(code >= 500 for sent in ended for code in sent.codes)}")
    _print_spread("until answered", [sent.answer_s for sent in ended], "s")
    _print_spread(f"processor time of {len(costs)} confined children", [cost.cpu_s for cost in costs], "s")
    print(f"  most memory of a child: {max(cost.memory_bytes for cost in costs) / 1e6:.0f} MB")
    for reason, count in Counter(re.sub(r"\d+", "…", sent.reason) or sent.state for sent in ended).most_common():
        print(f"  {count:5} {reason}")


def _print_spread(what: str, values: list[float], unit: str) -> None:
    cuts = statistics.quantiles(values, n=20)
    print(f"  {what}: p50 {cuts[9]:.2f} {unit}, p95 {cuts[18]:.2f} {unit}, most {max(values):.2f} {unit}")


def _dispatch(ledger: Path, workers: int) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    container = build_container(load_settings())

    def note(cost: Cost) -> None:
        with ledger.open("a") as file:
            file.write(f"{json.dumps([cost.cpu_s, cost.memory_bytes])}\n")

    runtime = Workers(container.objects, note, workers)
    around = Surroundings(
        store=SqlJobStore(container.engine),
        objects=container.objects,
        runtime=runtime,
        sink=SilentBell(),
        wake_up=PollingWakeUp(),
    )
    try:
        Dispatcher(around, DispatcherOptions(holder="benchmark")).run(stop)
    finally:
        runtime.close()
        container.close()


if __name__ == "__main__":
    main()
