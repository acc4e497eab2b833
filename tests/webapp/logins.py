"""Browsers that are logged in: through the local issuer as people do it, or by the service alone."""

import httpx
from sqlmodel import Session

from webapp.accounts.service import Actor, ensure_user
from webapp.accounts.sessions import authenticate_session, open_session
from webapp.models import PlanName

WHO = {"next": "/api/auth/me"}


def come_in(client: httpx.Client, name: str) -> str:
    """Follow the login to the issuer and back, as a browser does; the id of the user."""
    answer = client.get("/api/auth/login", params=WHO | {"login_hint": name}, follow_redirects=True)
    answer.raise_for_status()
    return str(answer.json()["user_id"])


def log_in(session: Session, name: str) -> tuple[Actor, str]:
    """The user that the issuer would let in under that name, with a browser, and its session's token."""
    token = open_session(session, ensure_user(session, "development", name, PlanName.PRO))
    return authenticate_session(session, token), token
