"""For those who run it: is it alive, is it ready, how is it doing."""

import hmac
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.responses import PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from webapp.api.edge import Services
from webapp.api.exposition import exposition_of, gauge, gauges_of_health, gauges_of_plans, gauges_of_renders
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.errors import UnauthenticatedError
from webapp.health import ESSENTIAL, probe_services
from webapp.metrics import exposition
from webapp.renders.figures import count_open_jobs, count_rejected, count_renders, find_lease
from webapp.renders.overview import latest_health
from webapp.variables import is_loopback

router = APIRouter(tags=["operations"])
_FORWARDED = ("forwarded", "via", "x-forwarded-", "x-real-ip")
_token = HTTPBearer(
    auto_error=False, scheme_name="metricsToken", description="What `REELGROVE_METRICS_TOKEN` says, for `/metrics`."
)


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Whether requests can be served.

    Attributes:
        services: Each dependency by name: database, migrations, storage, redis where one is set, dispatcher.
    """

    status: Literal["ok", "unavailable"]
    services: dict[str, Literal["ok", "unavailable"]]


@router.get("/healthz")
def healthz() -> Alive:
    """Whether the process answers."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Something essential does not answer"}})
def readyz(container: Services, response: Response) -> Readiness:
    """Whether requests can be served, with each dependency by name.

    Redis is only a bell and the dispatcher only renders: without them all is slower, or waits, and the page is served.
    """
    problems = dict(probe_services(container))
    is_ready = not any(problems[name] for name in ESSENTIAL)
    response.status_code = 200 if is_ready else 503
    return Readiness(
        status="ok" if is_ready else "unavailable",
        services={name: "unavailable" if problem else "ok" for name, problem in problems.items()},
    )


def _require_reader(
    request: Request,
    container: Services,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_token)],
) -> Container:
    """Figures tell of the business: they are for who holds the token; without one for one's own machine alone."""
    wanted = container.settings.web.metrics_token.get_secret_value()
    told = bearer.credentials if bearer else ""
    if wanted and hmac.compare_digest(told.encode(), wanted.encode()):
        return container
    if not wanted and container.settings.app.is_development and _is_local(request):
        return container
    raise UnauthenticatedError("The figures are for those who send REELGROVE_METRICS_TOKEN as a bearer token.")


def _is_local(request: Request) -> bool:
    is_forwarded = any(header.startswith(_FORWARDED) for header in request.headers)
    return request.client is not None and is_loopback(request.client.host) and not is_forwarded


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(container: Annotated[Container, Depends(_require_reader)]) -> str:
    """Figures in Prometheus' text format; those of the cluster while its dispatcher shows them.

    What is counted by processes is the sum of all behind this address' pod; what rows tell is the same everywhere.
    """
    with unit_of_work(container.engine, is_read_only=True) as session:
        renders, plans, lease = count_renders(session), count_open_jobs(session), find_lease(session)
        rejected = count_rejected(session)
    health = latest_health(container.redis)
    told = exposition_of(
        (
            *gauges_of_renders(renders, rejected),
            *gauges_of_plans(plans),
            gauge("dispatcher_up", "Whether a dispatcher is at work.", lease is not None and lease.is_alive),
            *(gauges_of_health(health) if health else ()),
        )
    )
    return told + exposition()
