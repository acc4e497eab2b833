"""For those who run it: is it alive, is it ready, how is it doing."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel

from webapp.api.edge import Services
from webapp.db import unit_of_work
from webapp.health import ESSENTIAL, probe_services
from webapp.renders.figures import RenderFigures, count_renders

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
    """Figures in Prometheus' text format."""
    with unit_of_work(container.engine, is_read_only=True) as session:
        return _exposition(count_renders(session))


def _exposition(figures: RenderFigures) -> str:
    jobs = [f'reelgrove_render_jobs{{state="{state}"}} {count}' for state, count in figures.jobs.items()]
    lines = [
        "# HELP reelgrove_render_jobs Render jobs by state.",
        "# TYPE reelgrove_render_jobs gauge",
        *jobs,
        "# HELP reelgrove_queue_age_seconds Age of the oldest queued render.",
        "# TYPE reelgrove_queue_age_seconds gauge",
        f"reelgrove_queue_age_seconds {figures.queue_age_s:.3f}",
    ]
    return "\n".join(lines) + "\n"
