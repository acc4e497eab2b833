"""Endpoints: added, changed, switched on and off, given new secrets, removed. Both edges call these functions."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from webapp.accounts.service import Actor
from webapp.errors import ConflictError, InvalidError, NotFoundError
from webapp.models import DeliveryState, WebhookDelivery, WebhookEndpoint, Workspace, utc_now
from webapp.plain import require_plain
from webapp.webhooks.addresses import AddressPolicy
from webapp.webhooks.messages import CHOICES, EventType
from webapp.webhooks.signatures import SecretBox, new_secret
from webapp.webhooks.views import (
    LONGEST_DESCRIPTION,
    EndpointChange,
    EndpointDraft,
    EndpointList,
    EndpointView,
    NewSecret,
)
from webapp.workspaces.policy import Action, authorize
from webapp.workspaces.service import workspace_for

MOST_ENDPOINTS = 20
OVERLAP = timedelta(hours=24)
"""So long messages are signed with the old secret as well as with the new one."""
_BY_HAND = "It was switched off by hand."


def list_endpoints(session: Session, actor: Actor, workspace_id: UUID | None = None) -> EndpointList:
    """A workspace's endpoints, or those of the actor's own workspace."""
    workspace = workspace_for(session, actor, workspace_id, Action.READ_WEBHOOKS)
    oldest_first = (col(WebhookEndpoint.created_at), col(WebhookEndpoint.id))
    rows = select(WebhookEndpoint).where(WebhookEndpoint.workspace_id == workspace.id).order_by(*oldest_first)
    return EndpointList(webhooks=tuple(map(EndpointView.of, session.exec(rows))))


def get_endpoint(session: Session, actor: Actor, endpoint_id: UUID) -> EndpointView:
    """One endpoint."""
    return EndpointView.of(find_endpoint(session, actor, endpoint_id, Action.READ_WEBHOOKS))


def find_endpoint(session: Session, actor: Actor, endpoint_id: UUID, action: Action) -> WebhookEndpoint:
    """The row of an endpoint with which the actor may do this.

    Raises:
        NotFoundError: There is none, or it is in a workspace of others.
        ForbiddenError: The actor's role in its workspace does not allow it.
    """
    unknown = NotFoundError("There is no such webhook of yours.", "webhook_id")
    endpoint = session.get(WebhookEndpoint, endpoint_id)
    if endpoint is None:
        raise unknown
    authorize(session, actor, action, endpoint.workspace_id, unknown=unknown)
    return endpoint


def add_endpoint(
    session: Session, actor: Actor, draft: EndpointDraft, *, box: SecretBox, policy: AddressPolicy
) -> NewSecret:
    """Add an endpoint; its secret is shown now and never again.

    Raises:
        InvalidError: Nothing may be sent to the address, or an event cannot be chosen.
        ConflictError: The workspace has as many as it can have.
    """
    workspace = workspace_for(session, actor, draft.workspace_id, Action.MANAGE_WEBHOOKS)
    _require_room(session, workspace)
    secret = new_secret()
    endpoint = WebhookEndpoint(
        workspace_id=workspace.id,
        user_id=actor.user_id,
        url=_checked_url(draft.url, policy),
        description=_checked_description(draft.description),
        event_types=_checked_events(draft.event_types),
        secret=box.seal(secret),
    )
    session.add(endpoint)
    session.flush()
    return NewSecret(webhook=EndpointView.of(endpoint), secret=secret)


def _require_room(session: Session, workspace: Workspace) -> None:
    # Two at the same time wait for each other here, so that neither makes one too many.
    session.exec(select(Workspace.id).where(Workspace.id == workspace.id).with_for_update()).one()
    there = select(func.count()).select_from(WebhookEndpoint).where(WebhookEndpoint.workspace_id == workspace.id)
    if session.exec(there).one() >= MOST_ENDPOINTS:
        raise ConflictError(f"A workspace has at most {MOST_ENDPOINTS} webhooks: remove one that is not needed.", "url")


def _checked_url(url: str, policy: AddressPolicy) -> str:
    plain = url.strip()
    policy.parse(plain)
    return plain


def _checked_description(description: str) -> str:
    require_plain(description, "description")
    line = " ".join(description.split())
    if len(line) > LONGEST_DESCRIPTION:
        raise InvalidError(f"A description has at most {LONGEST_DESCRIPTION} characters.", "description")
    return line


def _checked_events(chosen: Iterable[EventType]) -> list[str]:
    if EventType.PING in chosen:
        raise InvalidError(f"What can be chosen is {', '.join(CHOICES)}; a ping is sent by hand.", "event_types")
    return [event.value for event in dict.fromkeys(chosen)]


def change_endpoint(
    session: Session, actor: Actor, endpoint_id: UUID, change: EndpointChange, *, policy: AddressPolicy
) -> EndpointView:
    """Change what is named. Switched on again, it is sent what still waits.

    Raises:
        InvalidError: Nothing may be sent to the address, or an event cannot be chosen.
    """
    endpoint = find_endpoint(session, actor, endpoint_id, Action.MANAGE_WEBHOOKS)
    if change.url is not None:
        endpoint.url = _checked_url(change.url, policy)
    if change.description is not None:
        endpoint.description = _checked_description(change.description)
    if change.event_types is not None:
        endpoint.event_types = _checked_events(change.event_types)
    if change.is_enabled is not None:
        _switch(session, endpoint, is_on=change.is_enabled)
    endpoint.updated_at = utc_now()
    return EndpointView.of(endpoint)


def _switch(session: Session, endpoint: WebhookEndpoint, *, is_on: bool) -> None:
    if not is_on:
        disable(endpoint, _BY_HAND)
    elif endpoint.disabled_at is not None:
        endpoint.disabled_at = endpoint.disabled_reason = endpoint.failing_since = None
        now = utc_now()
        session.execute(
            update(WebhookDelivery)
            .where(col(WebhookDelivery.endpoint_id) == endpoint.id)
            .where(col(WebhookDelivery.state) == DeliveryState.PENDING)
            .values(begun_at=now, next_attempt_at=now)
        )


def disable(endpoint: WebhookEndpoint, reason: str) -> None:
    """Send it nothing more until somebody switches it on again. What waits is kept; new messages it does not get."""
    if endpoint.disabled_at is None:
        endpoint.disabled_at, endpoint.disabled_reason = utc_now(), reason


def rotate_secret(session: Session, actor: Actor, endpoint_id: UUID, *, box: SecretBox) -> NewSecret:
    """Give an endpoint a new secret; for a day the old one signs as well, so that its receiver can change over."""
    endpoint = find_endpoint(session, actor, endpoint_id, Action.MANAGE_WEBHOOKS)
    secret, now = new_secret(), utc_now()
    is_readable = box.is_readable(endpoint.secret)
    endpoint.previous_secret = endpoint.secret if is_readable else None
    endpoint.previous_until = now + OVERLAP if is_readable else None
    endpoint.secret, endpoint.updated_at = box.seal(secret), now
    return NewSecret(webhook=EndpointView.of(endpoint), secret=secret)


def delete_endpoint(session: Session, actor: Actor, endpoint_id: UUID) -> None:
    """Remove an endpoint with its log; what waits for it is not sent."""
    session.delete(find_endpoint(session, actor, endpoint_id, Action.MANAGE_WEBHOOKS))
