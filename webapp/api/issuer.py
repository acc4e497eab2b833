"""The local issuer's addresses: what browsers see of it, and what programs could ask. On this machine only."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from webapp.api.edge import OWN_SITES, Services, refuse_foreign_origin
from webapp.errors import ForbiddenError, NotFoundError
from webapp.issuer.issuer import LONGEST_NAME, PREFIX, LocalIssuer, Question, TokenRequest, check_question, issuer_at
from webapp.issuer.machine import is_from_here
from webapp.issuer.page import consent_page
from webapp.issuer.transport import NO_STORE, redeem


def issuer_here(request: Request, container: Services) -> LocalIssuer:
    """The local issuer, for those who sit at this machine.

    Raises:
        NotFoundError: There is none: this is production.
        ForbiddenError: The request came over a network, through a proxy, or under another name.
    """
    issuer = container.doors.issuer
    if issuer is None:
        raise NotFoundError("There is no development login here.")
    peer = request.client.host if request.client else ""
    if not is_from_here(peer, request.url.hostname, request.headers.keys()):
        raise ForbiddenError("The development login works on the machine itself only: open it through localhost.")
    return issuer


Issuer = Annotated[LocalIssuer, Depends(issuer_here)]
Asked = Annotated[Question, Query()]
router = APIRouter(prefix=PREFIX, include_in_schema=False)


@router.get("/.well-known/openid-configuration")
def document(request: Request, issuer: Issuer) -> dict[str, Any]:
    """What the issuer publishes about itself."""
    return issuer.document(_site(request))


@router.get("/jwks")
def jwks(issuer: Issuer) -> dict[str, Any]:
    """Its public key."""
    return issuer.jwks()


@router.get("/authorize")
def ask(request: Request, issuer: Issuer, question: Asked) -> Response:
    """Ask who it is; whoever came from our own login page with a name has said it there."""
    check_question(_site(request), question)
    # The browser tells of the whole way: another site's page that leads here gets the question, not the login.
    is_own_way = request.headers.get("sec-fetch-site", "none") in OWN_SITES
    if question.login_hint and is_own_way:
        return _send_back(request, question, code=issuer.authorize(_site(request), question, question.login_hint))
    return HTMLResponse(consent_page(question.login_hint), headers=NO_STORE)


@router.post("/authorize")
def answer(
    request: Request,
    issuer: Issuer,
    question: Asked,
    name: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    decision: Annotated[Literal["allow", "deny"], Form()] = "allow",
) -> Response:
    """Send the browser back with what was said."""
    refuse_foreign_origin(request)
    check_question(_site(request), question)
    if decision == "deny":
        return _send_back(request, question, error="access_denied")
    return _send_back(request, question, code=issuer.authorize(_site(request), question, name))


@router.post("/token")
def token(request: Request, issuer: Issuer, form: Annotated[TokenRequest, Form()]) -> JSONResponse:
    """Redeem a code."""
    authorization = request.headers.get("authorization", "")
    status, told = redeem(issuer, _site(request), form.model_dump(), authorization)
    return JSONResponse(told, status, NO_STORE)


def _send_back(request: Request, question: Question, **told: str) -> RedirectResponse:
    query = urlencode({**told, "state": question.state, "iss": issuer_at(_site(request))})
    return RedirectResponse(f"{question.redirect_uri}?{query}", 303, NO_STORE)


def _site(request: Request) -> str:
    return str(request.base_url).rstrip("/")
