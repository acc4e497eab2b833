"""For those who run it: is it alive, is it ready, how is it doing."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel

from webapp.api.edge import Services
from webapp.api.exposition import Gauges, gauges_of_health, gauges_of_plans
from webapp.db import unit_of_work
from webapp.health import ESSENTIAL, probe_services
from webapp.renders.figures import count_open_jobs, count_renders, find_lease
from webapp.renders.overview import latest_health

router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Alive:
    """Whether the process answers."""
    return Alive()


@router.get("/readyz")
def readyz(container: Services) -> JSONResponse:
    """Whether requests can be served, with each dependency by name. Redis is only a bell: without it all is slower."""
    problems = dict(probe_services(container))
    is_ready = not any(problems[name] for name in ESSENTIAL)
    services = {name: "unavailable" if problem else "ok" for name, problem in problems.items()}
    return JSONResponse({"status": "ok" if is_ready else "unavailable", "services": services}, 200 if is_ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(container: Services) -> str:
    """Figures in Prometheus' text format; those of the cluster while its dispatcher shows them."""
    with unit_of_work(container.engine, is_read_only=True) as session:
        jobs, plans, lease = count_renders(session), count_open_jobs(session), find_lease(session)
    health = latest_health(container.redis)
    gauges = (
        Gauges("render_jobs", "Render jobs by state.", {f'state="{state}"': count for state, count in jobs.items()}),
        *gauges_of_plans(plans),
        Gauges("dispatcher_up", "Whether a dispatcher is at work.", {"": lease is not None and lease.is_alive}),
        *(gauges_of_health(health) if health else ()),
    )
    return "".join(each.exposition() for each in gauges)
