"""`reelgrove cluster`: how the cluster is doing, which jobs it has, and ending some of them."""

import json
import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NoReturn
from uuid import UUID

from pydantic import TypeAdapter
from rich.console import Console
from rich.live import Live

from webapp.commands.cluster_tables import jobs_table, overview_tables
from webapp.commands.services import open_services
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.errors import ConflictError, NotFoundError
from webapp.renders.figures import OpenJob, list_open_jobs
from webapp.renders.overview import Overview, look_around
from webapp.renders.service import cancel_any_render

_WATCH_EVERY_S = 1.0
_OVERVIEW = TypeAdapter(Overview)
_JOBS = TypeAdapter(tuple[OpenJob, ...])


def show_status(*, watch: bool, as_json: bool) -> int:
    """Say how the cluster is doing, each second with ``watch``. Returns 0 when it is healthy, else 1."""
    with open_services() as container:
        if watch:
            _watch(container, as_json=as_json)
        overview = look_around(container.engine, container.redis)
    if as_json:
        print(json.dumps(_facts(overview), indent=2))
    else:
        Console().print(overview_tables(overview))
    return 0 if overview.is_healthy else 1


def _watch(container: Container, *, as_json: bool) -> NoReturn:
    """Until Ctrl-C; as JSON, a line each time."""
    with nullcontext() if as_json else Live(auto_refresh=False) as screen:
        while True:
            overview = look_around(container.engine, container.redis)
            if screen is None:
                print(json.dumps(_facts(overview)), flush=True)
            else:
                screen.update(overview_tables(overview), refresh=True)
            time.sleep(_WATCH_EVERY_S)


def _facts(overview: Overview) -> dict[str, Any]:
    return {"is_healthy": overview.is_healthy, **_OVERVIEW.dump_python(overview, mode="json")}


def show_jobs(*, limit: int, as_json: bool) -> int:
    """List the jobs that run or wait. Returns the exit code."""
    with open_services() as container, unit_of_work(container.engine, is_read_only=True) as session:
        jobs = list_open_jobs(session, limit)
    if as_json:
        print(json.dumps(_JOBS.dump_python(jobs, mode="json"), indent=2))
    elif jobs:
        Console().print(jobs_table(jobs))
    else:
        print("Nothing runs and nothing waits.")
    return 0


def cancel_renders(video_ids: Sequence[UUID], *, as_json: bool) -> int:
    """End renders as their owners could. Returns 1 when one of them could not be."""
    with open_services() as container:
        answers = {video_id: _cancel(container, video_id) for video_id in video_ids}
    if as_json:
        results = [{"video_id": str(video_id), "problem": problem} for video_id, problem in answers.items()]
        print(json.dumps(results, indent=2))
    else:
        for video_id, problem in answers.items():
            print(f"{video_id}: {problem or 'cancelled'}")
    return 1 if any(answers.values()) else 0


def _cancel(container: Container, video_id: UUID) -> str | None:
    """What stood in the way; None when it is cancelled."""
    try:
        with unit_of_work(container.engine) as session:
            cancel_any_render(session, video_id, bell=container.bell)
    except (ConflictError, NotFoundError) as error:
        return str(error)
    return None
