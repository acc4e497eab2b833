"""Webhooks over REST, and what they send."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from webapp.api.edge import Asking
from webapp.api.paging import Cursor, Limit
from webapp.assets.events import PreparedEvent
from webapp.models import DeliveryState
from webapp.renders.views import VideoView
from webapp.webhooks.deliveries import get_delivery, list_deliveries, resend, send_ping
from webapp.webhooks.endpoints import (
    add_endpoint,
    change_endpoint,
    delete_endpoint,
    get_endpoint,
    list_endpoints,
    rotate_secret,
)
from webapp.webhooks.messages import EventType
from webapp.webhooks.views import (
    DeliveryDetail,
    DeliveryPage,
    DeliveryView,
    EndpointChange,
    EndpointDraft,
    EndpointList,
    EndpointView,
    NewSecret,
)

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


@router.get("")
def webhooks(caller: Asking, workspace_id: UUID | None = None) -> EndpointList:
    """The webhooks of a workspace, or of the caller's own."""
    with caller.transaction() as (session, actor):
        return list_endpoints(session, actor, workspace_id)


@router.post("", status_code=201)
def add(caller: Asking, draft: EndpointDraft) -> NewSecret:
    """Add a webhook; its signing secret is shown here and never again.

    Messages are signed as Standard Webhooks (https://www.standardwebhooks.com) says: its libraries verify them.
    """
    container = caller.container
    with caller.transaction() as (session, actor):
        return add_endpoint(session, actor, draft, box=container.box, policy=container.addresses)


@router.get("/{webhook_id}")
def webhook(caller: Asking, webhook_id: UUID) -> EndpointView:
    """One webhook."""
    with caller.transaction() as (session, actor):
        return get_endpoint(session, actor, webhook_id)


@router.patch("/{webhook_id}")
def change(caller: Asking, webhook_id: UUID, changes: EndpointChange) -> EndpointView:
    """Change a webhook, or switch it off and on; switched on again it is sent what still waits."""
    with caller.transaction() as (session, actor):
        return change_endpoint(session, actor, webhook_id, changes, policy=caller.container.addresses)


@router.delete("/{webhook_id}", status_code=204)
def remove(caller: Asking, webhook_id: UUID) -> None:
    """Remove a webhook with its log; what waits for it is not sent."""
    with caller.transaction() as (session, actor):
        delete_endpoint(session, actor, webhook_id)


@router.post("/{webhook_id}/rotate-secret")
def rotate(caller: Asking, webhook_id: UUID) -> NewSecret:
    """Give a webhook a new secret; for a day messages are signed with the old one as well."""
    with caller.transaction() as (session, actor):
        return rotate_secret(session, actor, webhook_id, box=caller.container.box)


@router.post("/{webhook_id}/ping", status_code=202)
def ping(caller: Asking, webhook_id: UUID) -> DeliveryView:
    """Send a webhook a message of type `ping`, to try it out."""
    with caller.transaction() as (session, actor):
        return send_ping(session, actor, webhook_id, bell=caller.container.bell)


@router.get("/{webhook_id}/deliveries")
def deliveries(
    caller: Asking, webhook_id: UUID, state: DeliveryState | None = None, limit: Limit = 20, cursor: Cursor = None
) -> DeliveryPage:
    """What was, is and will be sent to a webhook, the newest first; kept for 30 days."""
    with caller.transaction() as (session, actor):
        return list_deliveries(session, actor, webhook_id, state=state, limit=limit, cursor=cursor)


@router.get("/{webhook_id}/deliveries/{delivery_id}")
def delivery(caller: Asking, webhook_id: UUID, delivery_id: UUID) -> DeliveryDetail:
    """A delivery with its body and the log of its attempts."""
    with caller.transaction() as (session, actor):
        return get_delivery(session, actor, webhook_id, delivery_id)


@router.post("/{webhook_id}/deliveries/{delivery_id}/resend", status_code=202)
def send_again(caller: Asking, webhook_id: UUID, delivery_id: UUID) -> DeliveryView:
    """Send a message again at once, under the same id, also one that has arrived."""
    with caller.transaction() as (session, actor):
        return resend(session, actor, webhook_id, delivery_id, bell=caller.container.bell)


class _Message(BaseModel):
    """What is sent to a webhook.

    Attributes:
        timestamp: When it happened.
    """

    timestamp: datetime


class RenderData(VideoView):
    """What the render's status would be answered with."""

    id: Annotated[UUID, Field(alias="video_id")]  # read here, so that it is documented as it is written elsewhere


class RenderMessage(_Message):
    """How a render has ended."""

    type: Literal[EventType.RENDER_COMPLETED, EventType.RENDER_FAILED, EventType.RENDER_CANCELLED]
    data: RenderData


class AssetMessage(_Message):
    """How the preparation of an upload has ended."""

    type: Literal[EventType.ASSET_READY, EventType.ASSET_REJECTED]
    data: PreparedEvent


class PingData(BaseModel):
    """What a ping says."""

    webhook_id: UUID
    description: str


class PingMessage(_Message):
    """Somebody tries a webhook out."""

    type: Literal[EventType.PING]
    data: PingData


events = APIRouter(tags=["webhooks"])
"""What is sent, for the documentation: nobody calls it here."""
_ANSWERS: dict[int | str, dict[str, Any]] = {
    204: {"description": "It has arrived"},
    410: {"description": "No more, please: the webhook is switched off"},
    "4XX": {"description": "It is sent again, ever later, for 24 hours; so it is for every answer but 200 to 299"},
}
_Id = Annotated[str, Header(alias="webhook-id", description="The same in every attempt: do not act on it twice")]
_Timestamp = Annotated[int, Header(alias="webhook-timestamp", description="When this attempt was made, Unix seconds")]
_Signature = Annotated[str, Header(alias="webhook-signature", description="`v1,…`, two while a secret is changed")]


@events.post("render", summary="A render has ended", operation_id="webhook_render", status_code=204, responses=_ANSWERS)
def render_ended(_id: _Id, _moment: _Timestamp, _signed: _Signature, message: RenderMessage) -> None:
    """A render has ended: `render.completed`, `render.failed` or `render.cancelled`.

    Messages may come twice, and in any order.
    """


@events.post(
    "asset", summary="An upload is prepared", operation_id="webhook_asset", status_code=204, responses=_ANSWERS
)
def asset_prepared(_id: _Id, _moment: _Timestamp, _signed: _Signature, message: AssetMessage) -> None:
    """An upload has been made ready, or cannot be used: `asset.ready` or `asset.rejected`."""


@events.post("ping", summary="A webhook is tried out", operation_id="webhook_ping", status_code=204, responses=_ANSWERS)
def ping_sent(_id: _Id, _moment: _Timestamp, _signed: _Signature, message: PingMessage) -> None:
    """Somebody tries the webhook out: `ping`."""
