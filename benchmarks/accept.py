"""How fast renders are accepted over HTTP, and how many.

    python benchmarks/accept.py [--database sqlite --database postgres --clients 16 --seconds 15 --workers 1]

A real web server as it is started in production, Redis, and SQLite or PostgreSQL; no dispatcher, for rendering is not
what is measured. Each client is a program with an API key and a workspace of its own on the plan enterprise (a
thousand videos a month), and sends the next order as soon as the last one is answered: LipSyncTemplate with six files
of its own (the demo's), forty caption words and a headline that no other order has. Measured from the first byte sent
to the last one received.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import func, select

sys.path.insert(0, str(Path(__file__).parents[1]))  # what benchmarks share, when run as a program

from benchmarks.web_stage import WebStage, web_stage
from webapp.accounts.keys import create_api_key
from webapp.accounts.service import ensure_user
from webapp.assets.demo import DEMO_FOLDER, seed_demo_assets
from webapp.db import unit_of_work
from webapp.models import PlanName, RenderJob, UsageEntry, UserVideo, VideoAsset
from webapp.workspaces.service import personal_workspace

_WARM_UP = 10
_SLOWEST_MS, _FEWEST_A_SECOND = 100, 200
_DEMO_NAMES: dict[str, str | list[str]] = {
    "lipSyncVideo": "Demo speaker",
    "coverImage": "Demo cover",
    "backgroundMusic": "Demo music",
    "backgroundVideos": ["Demo clip 1", "Demo clip 2", "Demo clip 3"],
}


@dataclass
class Measured:
    """How long each answer took, in seconds, and what was not accepted."""

    waits: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lasted_s: float = 0.0
    web_cpu_s: float = 0.0
    own_cpu_s: float = 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", action="append", choices=["sqlite", "postgres"], help="both unless one is named")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--workers", type=int, default=1, help="web processes")
    arguments = parser.parse_args()
    for database in arguments.database or ("sqlite", "postgres"):
        with web_stage(is_postgres=database == "postgres", workers=arguments.workers) as stage:
            measured = _measure(stage, arguments.clients, arguments.seconds)
            _require_rows(stage, len(measured.waits) + arguments.clients * _WARM_UP)
        _print(database, measured)


def _print(database: str, measured: Measured) -> None:
    cuts = statistics.quantiles(measured.waits, n=100)
    rate = len(measured.waits) / measured.lasted_s
    busy = 100 / measured.lasted_s
    print(
        f"{database:9} {len(measured.waits)} accepted, {len(measured.refused)} not: {rate:.0f} a second"
        f" (goal ≥ {_FEWEST_A_SECOND}); median {1e3 * cuts[49]:.0f} ms, p95 {1e3 * cuts[94]:.0f} ms,"
        f" p99 {1e3 * cuts[98]:.0f} ms (goal ≤ {_SLOWEST_MS}), longest {1e3 * max(measured.waits):.0f} ms;"
        f" CPU of the web {1e3 * measured.web_cpu_s / len(measured.waits):.1f} ms an order,"
        f" busy {busy * measured.web_cpu_s:.0f} %, of the clients {busy * measured.own_cpu_s:.0f} %"
    )
    for refusal in measured.refused[:3]:
        print(f"  refused: {refusal}")


def _measure(stage: WebStage, clients: int, seconds: float) -> Measured:
    seed_demo_assets(stage.container)
    return asyncio.run(_run(stage, [_new_client(stage, f"client{number}") for number in range(clients)], seconds))


def _new_client(stage: WebStage, name: str) -> "_Client":
    """A user with a workspace and files of their own."""
    with unit_of_work(stage.container.engine) as session:
        demos = session.exec(select(VideoAsset).where(VideoAsset.is_default)).all()
        actor = ensure_user(session, "benchmark", name, PlanName.ENTERPRISE)
        workspace_id = personal_workspace(session, actor).id
        owned: dict[str, Any] = {"user_id": actor.user_id, "workspace_id": workspace_id, "is_default": False}
        assets = [VideoAsset(**demo.model_dump(exclude={"id", *owned}), **owned) for demo in demos]
        session.add_all(assets)
        order = _order({asset.asset_name: str(asset.id) for asset in assets})
        return _Client(create_api_key(session, actor, "benchmark").secret, order)


def _order(ids: dict[str, str]) -> dict[str, Any]:
    """The demo's order with the ids of the client's files."""
    chosen = {
        role: ids[names] if isinstance(names, str) else [ids[name] for name in names]
        for role, names in _DEMO_NAMES.items()
    }
    props: dict[str, Any] = json.loads((Path(DEMO_FOLDER) / "props.json").read_text())
    return props | {"user_assets": chosen}


def _require_rows(stage: WebStage, accepted: int) -> None:
    """Whatever was answered with 202 is written down: a video, a job and a line in the ledger for each."""
    with unit_of_work(stage.container.engine, is_read_only=True) as session:
        counts = [session.exec(select(func.count()).select_from(t)).one() for t in (UserVideo, RenderJob, UsageEntry)]
    if counts != [accepted] * 3:
        raise SystemExit(f"{accepted} were accepted, but there are {counts} videos, jobs and lines of the ledger")


async def _run(stage: WebStage, clients: list["_Client"], seconds: float) -> Measured:
    measured = Measured()
    for client in clients:
        await client.connect("localhost", int(stage.site.rpartition(":")[2]))
    await asyncio.gather(*(client.send_some(_WARM_UP) for client in clients))
    own, web, began = os.times(), stage.cpu_s(), time.monotonic()
    await asyncio.gather(*(client.send_until(began + seconds, measured) for client in clients))
    measured.lasted_s = time.monotonic() - began
    measured.web_cpu_s = stage.cpu_s() - web
    measured.own_cpu_s = sum(os.times()[:2]) - sum(own[:2])
    return measured


class _Client:
    """A program that orders renders over one connection that it keeps; as little as possible of its own work."""

    def __init__(self, key: str, order: dict[str, Any]) -> None:
        self._key = key
        self._order = order
        self._sent = 0

    async def connect(self, host: str, port: int) -> None:
        """Open the connection."""
        self._reader, self._writer = await asyncio.open_connection(host, port)
        self._host = f"{host}:{port}"

    async def send_some(self, count: int) -> None:
        """Let the server warm up.

        Raises:
            SystemExit: It does not accept what it should.
        """
        for _ in range(count):
            status, body = await self._send()
            if status != 202:
                raise SystemExit(f"an order was answered with {status}: {body!r}")

    async def send_until(self, end: float, measured: Measured) -> None:
        """Order one after the other until the monotonic clock says ``end``."""
        while time.monotonic() < end:
            began = time.monotonic()
            status, body = await self._send()
            if status == 202:
                measured.waits.append(time.monotonic() - began)
            else:
                measured.refused.append(f"{status} {body!r}")

    async def _send(self) -> tuple[int, bytes]:
        self._sent += 1
        config = self._order["config"] | {"mainText": f"{self._key[-6:]} {self._sent}"}
        body = json.dumps(self._order | {"config": config}).encode()
        head = f"POST /api/video/user-render HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {self._key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return int(answer.split(b" ", 2)[1]), await self._reader.readexactly(int(length.split(b":")[1]))


if __name__ == "__main__":
    main()
