"""The REST application. Made without opening anything: the container is built by the first request that needs it."""

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from fastapi_offline import FastAPIOffline
from starlette.routing import Match

from webapp.api import (
    account,
    assets,
    auth,
    billing,
    invites,
    issuer,
    links,
    ops,
    previews,
    renders,
    rooms,
    shares,
    tasks,
    templates,
    webhooks,
    workspaces,
)
from webapp.api.cookies import FollowingTokens
from webapp.api.errors import error_response, install_error_handlers
from webapp.api.limits import RateLimits
from webapp.api.openapi import DESCRIPTION, complete, operation_id
from webapp.api.requests import BodyLimit, CarefulBrowsers, RequestIds
from webapp.api.sockets import SocketLimits
from webapp.assets.kinds import LARGEST_BYTES
from webapp.container import Container
from webapp.errors import AppError, NotFoundError

_BESIDE_THE_FILE_BYTES = 1_000_000
_RESOURCES = (
    renders,
    auth,
    account,
    issuer,
    workspaces,
    rooms,
    tasks,
    invites,
    billing,
    assets,
    links,
    previews,
    shares,
    templates,
    webhooks,
    ops,
)
"""Looked through in this sequence, address by address: first what is asked for most."""
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class MethodNotAllowedError(AppError):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    status = 405


def build_api(container: Container | Callable[[], Container]) -> FastAPI:
    """The REST edge.

    Args:
        container: What to work with, or how to get it when the first request comes.
    """
    app = FastAPIOffline(
        title="Reelgrove",
        version="0.1.0",
        docs_url="/api/docs",
        static_url="/api/docs-assets",
        redoc_url=None,
        openapi_url="/api/openapi.json",
        description=DESCRIPTION,
        webhooks=webhooks.events,
        generate_unique_id_function=operation_id,
    )
    app.state.open_container = container if callable(container) else lambda: container
    app.add_middleware(BodyLimit, longer={"/api/assets/upload": LARGEST_BYTES + _BESIDE_THE_FILE_BYTES})
    app.add_middleware(RateLimits, open_container=app.state.open_container)
    app.add_middleware(SocketLimits, open_container=app.state.open_container)
    app.add_middleware(RequestIds)
    app.add_middleware(CarefulBrowsers)
    app.add_middleware(FollowingTokens)
    install_error_handlers(app)
    for resource in _RESOURCES:
        app.include_router(resource.router)
    app.include_router(shares.page_router)
    app.add_api_route("/api/{path:path}", _unknown, methods=_METHODS, include_in_schema=False)
    complete(app)
    return app


def _unknown(request: Request, path: str) -> Response:
    """Every other address below /api: JSON, not the pages' 404.

    Raises:
        NotFoundError: It does not exist for any method.
    """
    there = [one for one in iter_route_contexts(request.app.routes) if one.matches(request.scope)[0] is Match.PARTIAL]
    if not there:
        raise NotFoundError(f"There is nothing at /api/{path}. The addresses are listed at /api/docs.")
    there = [one for one in there if one.path == request.url.path] or there  # its own, not those of a wider pattern
    answer = error_response(MethodNotAllowedError(f"{request.method} is not possible here."))
    answer.headers["Allow"] = ", ".join(sorted({method for one in there for method in one.methods or ()}))
    return answer
