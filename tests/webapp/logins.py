"""Browsers that are logged in: by the service alone, or through the local issuer as people do it."""

from sqlmodel import Session

from webapp.accounts.service import Actor, ensure_user
from webapp.accounts.sessions import authenticate_session, open_session
from webapp.models import PlanName


def log_in(session: Session, name: str) -> tuple[Actor, str]:
    """A user of that name with a browser, and its session's token."""
    token = open_session(session, ensure_user(session, "development", name, PlanName.PRO))
    return authenticate_session(session, token), token
