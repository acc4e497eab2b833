"""The REST application. Made without opening anything: the container is built by the first request that needs it."""

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi_offline import FastAPIOffline
from starlette.routing import Match

from webapp.api import (
    account,
    assets,
    auth,
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
    workspaces,
)
from webapp.api.cookies import FollowingTokens
from webapp.api.errors import ErrorBody, install_error_handlers
from webapp.api.limits import RateLimits
from webapp.api.requests import BodyLimit, CarefulBrowsers, RequestIds
from webapp.assets.kinds import LARGEST_BYTES
from webapp.container import Container
from webapp.errors import AppError, NotFoundError

_BESIDE_THE_FILE_BYTES = 1_000_000
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_REFUSALS = {
    401: "Nobody known asks",
    403: "Not allowed",
    404: "Not there, or not for the caller",
    422: "Invalid input",
    429: "Too much at once",
}


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
        responses={status: {"model": ErrorBody, "description": words} for status, words in _REFUSALS.items()},
    )
    app.state.open_container = container if callable(container) else lambda: container
    app.add_middleware(BodyLimit, longer={"/api/assets/upload": LARGEST_BYTES + _BESIDE_THE_FILE_BYTES})
    app.add_middleware(RateLimits, open_container=app.state.open_container)
    app.add_middleware(RequestIds)
    app.add_middleware(CarefulBrowsers)
    app.add_middleware(FollowingTokens)
    install_error_handlers(app)
    for resource in (auth, account, issuer):
        app.include_router(resource.router)
    for resource in (workspaces, rooms, tasks, invites, assets, links, previews, renders, shares, templates, ops):
        app.include_router(resource.router)
    app.include_router(shares.page_router)
    app.add_api_route("/api/{path:path}", _unknown, methods=_METHODS, include_in_schema=False)
    return app


def _unknown(request: Request, path: str) -> None:
    """Every other address below /api: JSON, not the pages' 404.

    Raises:
        MethodNotAllowedError: The address exists for other methods.
        NotFoundError: It does not exist.
    """
    partial = [route for route in request.app.router.routes if route.matches(request.scope)[0] is Match.PARTIAL]
    if partial:
        raise MethodNotAllowedError(f"{request.method} is not possible here.")
    raise NotFoundError(f"There is nothing at /api/{path}. The addresses are listed at /api/docs.")
