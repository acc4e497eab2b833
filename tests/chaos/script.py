"""What is ordered and what is broken, all of it from one seed.

The same seed gives the same orders, cancellations and blows in the same sequence, each due when so many orders have
ended. Which frame a killed worker was at, or which of two tasks came first, no seed can say.
"""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Blow(StrEnum):
    """Ways to break a part of the system."""

    KILL_WORKER = "kill worker"
    KILL_ACTOR = "kill progress actor"
    KILL_DISPATCHER = "kill dispatcher"
    RESTART_REDIS = "kill and restart Redis"
    FREEZE_REDIS = "Redis freezes"
    REMOVE_NODE = "remove node, add another"
    CUT_DATABASE = "cut database at a commit"
    STORE_OUTAGE = "store outage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One blow.

    Attributes:
        due: Struck once so many orders have ended.
        draw: 0–1, for choices that the blow leaves open.
    """

    blow: Blow
    due: int
    draw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order.

    Attributes:
        group: Orders of one group share all their cells but one.
        cancel_after: Cancelled once so many more orders have ended, if it still runs then; None: never.
        is_upload: Whether it is a file to be prepared instead of a video to be rendered.
    """

    number: int
    customer: int
    group: int
    cancel_after: int | None = None
    is_upload: bool = False

    @property
    def config(self) -> dict[str, object]:
        """Settings of the template: a headline for the group, and words over one cell of its own."""
        words = {"text": f"order {self.number}", "start": 2200, "end": 3400}
        return {"mainText": f"group {self.group}", "captions": [words]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Orders by number, steps by the time when they are due."""

    orders: tuple[Order, ...]
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        uploads = sum(order.is_upload for order in self.orders)
        cancelled = sum(order.cancel_after is not None for order in self.orders)
        digest = hashlib.sha256(repr((self.orders, self.steps)).encode()).hexdigest()[:12]
        ordered = f"{len(self.orders)} orders ({uploads} uploads, {cancelled} to be cancelled)"
        return f"{ordered}, {len(self.steps)} blows, script {digest}"


_FIRST = 0.02
"""Share of the orders that end before anything is broken."""
_SHARED, _CANCELLED, _UPLOADS = 0.25, 0.08, 0.08


def write_script(seed: int, jobs: int, customers: int, blows: Mapping[Blow, int], last: float = 0.9) -> Script:
    """Draw a script. Blows of one kind are spread evenly, each somewhere in its stretch.

    Args:
        seed: Decides everything.
        jobs: Orders.
        customers: Those who order.
        blows: How often each is struck.
        last: Share of the orders after whose end nothing more is broken: later blows would find nobody at work.
    """
    draw = random.Random(seed)
    orders = tuple(_orders(draw, jobs, customers))
    span = (last - _FIRST) * jobs
    steps = [
        Step(blow=blow, due=int(_FIRST * jobs + (number + draw.random()) / count * span), draw=draw.random())
        for blow, count in blows.items()
        for number in range(count)
    ]
    draw.shuffle(steps)
    return Script(orders=orders, steps=tuple(sorted(steps, key=lambda step: step.due)))


def _orders(draw: random.Random, jobs: int, customers: int) -> list[Order]:
    orders: list[Order] = []
    for number in range(jobs):
        is_new = not orders or draw.random() >= _SHARED
        group = number if is_new else orders[draw.randrange(max(0, number - 8), number)].group
        is_upload = draw.random() < _UPLOADS
        order = Order(number=number, customer=draw.randrange(customers), group=group, is_upload=is_upload)
        is_cancelled = draw.random() < _CANCELLED and not is_upload
        orders.append(replace(order, cancel_after=draw.randrange(3)) if is_cancelled else order)
    return orders


def mix(faults: int) -> dict[Blow, int]:
    """How often each blow is struck in a chaos of so many faults; the object store's requests give the rest.

    Measured in CPU seconds: a worker that has to start again costs 4, a dispatcher with its workers 20, a node 15; an
    answer of the store that goes wrong next to nothing.
    """
    shares = {
        Blow.KILL_WORKER: 0.12,
        Blow.KILL_ACTOR: 0.025,
        Blow.KILL_DISPATCHER: 0.012,
        Blow.RESTART_REDIS: 0.05,
        Blow.FREEZE_REDIS: 0.02,
        Blow.REMOVE_NODE: 0.012,
        Blow.CUT_DATABASE: 0.03,
        Blow.STORE_OUTAGE: 0.005,
    }
    return {blow: max(1, round(faults * share)) for blow, share in shares.items()}
