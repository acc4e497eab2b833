"""The webhooks of a product with verbs, and a sender that a test leads by the hand."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlmodel import select

from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, utc_now
from webapp.renders.signals import SilentBell
from webapp.webhooks import claims
from webapp.webhooks.addresses import AddressPolicy
from webapp.webhooks.claims import Claim
from webapp.webhooks.deliveries import get_delivery, send_ping
from webapp.webhooks.endpoints import add_endpoint, change_endpoint
from webapp.webhooks.messages import EventType, record
from webapp.webhooks.post import Post
from webapp.webhooks.retries import Answer
from webapp.webhooks.sender import Sender
from webapp.webhooks.views import DeliveryDetail, EndpointChange, EndpointDraft, EndpointView, NewSecret

OWN_MACHINE = AddressPolicy(allows_loopback=True)
HOOK = "https://example.com/hook"


class Desk:
    """Verbs."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.container: Container = product.container

    def add(self, actor: Actor, url: str = HOOK, **draft: object) -> NewSecret:
        wanted = EndpointDraft(url=url, **draft)
        return self.product.do(
            lambda session: add_endpoint(session, actor, wanted, box=self.container.box, policy=OWN_MACHINE)
        )

    def change(self, actor: Actor, endpoint_id: UUID, **change: object) -> EndpointView:
        wanted = EndpointChange(**change)
        return self.product.do(lambda session: change_endpoint(session, actor, endpoint_id, wanted, policy=OWN_MACHINE))

    def record(self, actor: Actor, event: EventType = EventType.RENDER_COMPLETED, **payload: object) -> None:
        workspace = self.product.workspace(actor)
        self.product.do(lambda session: record(session, workspace.id, event, payload))

    def ping(self, actor: Actor, endpoint_id: UUID) -> UUID:
        return self.product.do(lambda session: send_ping(session, actor, endpoint_id, bell=SilentBell())).id

    def look_up(self, actor: Actor, delivery: WebhookDelivery) -> DeliveryDetail:
        return self.product.do(lambda session: get_delivery(session, actor, delivery.endpoint_id, delivery.id))

    def delivery(self) -> WebhookDelivery:
        (only,) = self.product.rows(WebhookDelivery)
        return only

    def endpoint(self) -> WebhookEndpoint:
        (only,) = self.product.rows(WebhookEndpoint)
        return only

    def log(self) -> list[WebhookAttempt]:
        newest_last = select(WebhookAttempt).order_by(WebhookAttempt.delivery_id, WebhookAttempt.number)  # type: ignore[arg-type] # SQLModel types columns as values
        return self.product.do(lambda session: list(session.exec(newest_last)))

    def take(self, now: datetime | None = None, limit: int = 100, busy: dict[UUID, int] | None = None) -> list[Claim]:
        """Claim what is due."""
        moment = now or utc_now()
        with unit_of_work(self.container.engine) as session:
            due = claims.find_due(session, moment, Counter(busy or {}), limit)
            return claims.claim(session, due, moment)

    def settle(self, claimed: Claim, answer: Answer, now: datetime | None = None) -> None:
        with unit_of_work(self.container.engine) as session:
            claims.settle(session, claimed, answer, now or utc_now(), jitter=0.5)

    def sender(self) -> Sender:
        url = self.container.settings.redis.redis_url
        post = Post(OWN_MACHINE, timeout_s=120)  # a busy machine may answer late, and would be sent to twice
        return Sender(self.container.engine, post, self.container.box, redis_url=url)
