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
import resource
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from queue import Empty, SimpleQueue

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' uploads and programs, when run as a program

from cluster import tasks
from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.health import NodeHealth
from cluster.jobs import PreparedAsset
from cluster.policies import fault_of
from cluster.ports import ObjectStore
from cluster.work import CellSnapshot, Fault, Handle, Outcome, PrepareTask, Task
from tests.hostile.book import TRICKS
from tests.hostile.upload import Bait, Upload, uploads
from tests.hostile.witness import Witness, watching
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
_QUARANTINE = "quarantine"
_TICK_S = 0.2


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
        stage.container.engine.dispose()
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
            sent.state, sent.reason = "refused", body["error"]["message"]
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
        yield from (f"{program.name} has ended" for program in self.programs if not program.is_running)
        for sent in ended:
            if any(code >= 500 for code in sent.codes):
                yield f"{sent.upload.name}: answers {sent.codes}"
            if sent.state not in {"refused", "ready", "rejected"} or (sent.state != "ready" and not sent.reason):
                yield f"{sent.upload.name}: ended as {sent.state or 'nothing'} {sent.reason}"
        bait = {path.name for path in self.bait.file.parent.iterdir()} & {self.bait.file.name, *_honest_names()}
        yield from (f"{name} was opened" for name in self.witness.opened() & bait)
        yield from (f"{count} calls" for count in [self.witness.calls()] if count)
        left = {path.name for path in self.bait.file.parent.iterdir()} - bait
        yield from (f"{name} stays in quarantine" for name in left)

    def costs(self) -> list[tuple[float, int]]:
        """Processor time and largest memory so far, in seconds and bytes, of each preparation."""
        return [tuple(json.loads(line)) for line in self.ledger.read_text().splitlines()]


def _honest_names() -> set[str]:
    return {f"honest.{ending}" for ending in ("webm", "png", "jpeg", "webp", "mp3", "wav", "aac", "m4a")}


class _stage:  # noqa: N801 - used like a function
    """Opens the stage; everything on it ends with the block."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._things = ExitStack()

    def __enter__(self) -> _Stage:
        things = self._things
        folder = Path(things.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(app=AppSettings(data_dir=folder))
        migrate(settings)
        container = build_container(settings)
        things.callback(container.close)
        quarantine = folder / "objects" / _QUARANTINE
        quarantine.mkdir(parents=True)
        witness = things.enter_context(watching(quarantine))
        bait = Bait.laid(quarantine, witness.port)
        witness.opened()
        port, ledger = free_port(), folder / "ledger"
        ledger.touch()
        programs = _programs(folder, port, ledger, self._workers)
        for program in programs:
            things.callback(program.stop)
            program.start()
        for program in programs:
            program.until_ready()
        site = things.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        return _Stage(container, bait, witness, site, _keys(container), programs, ledger)

    def __exit__(self, *_error: object) -> None:
        self._things.close()


def _keys(container: Container) -> tuple[str, ...]:
    """API keys of ten users on the largest plan."""
    with unit_of_work(container.engine) as session:
        users = [ensure_user(session, "benchmark", f"user{number}", PlanName.ENTERPRISE) for number in range(10)]
        return tuple(create_api_key(session, user, "benchmark").secret for user in users)


def _programs(folder: Path, port: int, ledger: Path, workers: int) -> tuple[Program, Program]:
    environment = os.environ | {"REELGROVE_DATA_DIR": str(folder), "REELGROVE_RATE_LIMITS": "false"}
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


def _print(ended: list[Sent], costs: list[tuple[float, int]], lasted_s: float) -> None:
    states = Counter(sent.state for sent in ended)
    print(f"{len(ended)} uploads of {len(TRICKS)} tricks in {lasted_s:.0f} s: {dict(states)}")
    print(f"  answers 5xx: {sum(code >= 500 for sent in ended for code in sent.codes)}")
    _print_spread("until answered", [sent.answer_s for sent in ended], "s")
    _print_spread(f"processor time of {len(costs)} confined children", [cpu_s for cpu_s, _ in costs], "s")
    print(f"  most memory of a child: {max(size for _, size in costs) / 1e6:.0f} MB")
    for reason, count in Counter(re.sub(r"\d+", "…", sent.reason) or sent.state for sent in ended).most_common():
        print(f"  {count:5} {reason}")


def _print_spread(what: str, values: list[float], unit: str) -> None:
    cuts = statistics.quantiles(values, n=20)
    print(f"  {what}: p50 {cuts[9]:.2f} {unit}, p95 {cuts[18]:.2f} {unit}, most {max(values):.2f} {unit}")


def _dispatch(ledger: Path, workers: int) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    container = build_container(load_settings())
    runtime = _Workers(container.objects, ledger, workers)
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


class _Workers:
    """A runtime on this machine: processes that prepare one upload after the other, and note what each has cost."""

    def __init__(self, objects: ObjectStore, ledger: Path, count: int) -> None:
        self._objects, self._ledger, self._count = objects, ledger, count
        self._pool = ProcessPoolExecutor(count, get_context("spawn"))
        self._ended: SimpleQueue[Outcome] = SimpleQueue()
        self._submitted = 0

    def submit(self, task: Task) -> Handle:
        self._submitted += 1
        handle = str(self._submitted)
        future = self._pool.submit(_prepared, task, self._objects)
        future.add_done_callback(lambda done: self._note(handle, done))
        return handle

    def _note(self, handle: Handle, done: "Future[_Done]") -> None:
        error = done.exception()
        if error is not None:
            self._ended.put(Outcome(handle=handle, fault=fault_of(error)))
            return
        made, fault, cost = done.result()
        with self._ledger.open("a") as file:
            file.write(f"{json.dumps(cost)}\n")
        self._ended.put(Outcome(handle=handle, result=made, fault=fault))

    def poll(self, timeout_s: float) -> tuple[Outcome, ...]:
        found = list[Outcome]()
        try:
            found.append(self._ended.get(timeout=timeout_s))
            while True:
                found.append(self._ended.get_nowait())
        except Empty:
            return tuple(found)

    def cancel(self, handle: Handle) -> None:
        """Nobody cancels here."""

    def snapshots(self) -> Mapping[str, CellSnapshot]:
        return {}

    def capacity(self) -> int:
        return self._count

    def nodes(self) -> tuple[NodeHealth, ...]:
        return (NodeHealth(node_id="here", name="here", cpus=self._count),)

    def request(self, cpus: int) -> None:
        """There are no more."""

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


_Done = tuple[PreparedAsset | None, Fault | None, tuple[float, int]]


def _prepared(task: PrepareTask, objects: ObjectStore) -> _Done:
    place = tasks.Workplace(objects=objects, locate=lambda ref: objects.materialise(ref.key), report=lambda _: None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    made, fault = None, None
    try:
        made = tasks.prepare_asset(task, place)
    except Exception as error:  # noqa: BLE001 - the dispatcher judges it, as it does with any worker's
        fault = fault_of(error)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return made, fault, (round(cpu_s, 3), after.ru_maxrss * 1024)


if __name__ == "__main__":
    main()
