"""Orders come, are cancelled, end; meanwhile what the script says is broken."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from tests.chaos.script import Order, Script, Step
from tests.chaos.shop import Placed

_TELL_EVERY_S = 15.0


class Shop(Protocol):
    """Where orders are placed."""

    def submit(self, order: Order) -> Placed:
        """Place an order."""

    def cancel(self, order: Order, placed: Placed) -> bool:
        """Take it back; False when it has ended already."""

    def ended(self, orders: Collection[Placed]) -> set[UUID]:
        """Jobs of these orders that have ended."""

    def mend(self) -> None:
        """Start again what has ended by itself."""

    def strike(self, step: Step) -> bool:
        """Break something; False when there is nothing to hit now."""

    def faults(self) -> Mapping[str, int]:
        """What went wrong by now, by kind."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast it goes.

    Attributes:
        most_open: Orders that wait or run at a time.
        storm_s: After so long nothing more is ordered or broken.
        look_every_s: Between two looks at what has ended.
    """

    most_open: int
    storm_s: float
    look_every_s: float = 0.05


class Storm:
    """One script carried out.

    Attributes:
        ordered: What each order became, by number.
        cancelled: Numbers of the orders that were taken back in time.
        unstruck: Blows still to be struck.
    """

    def __init__(self, script: Script, shop: Shop, pace: Pace, say: Callable[[str], None]) -> None:
        self._shop = shop
        self._pace = pace
        self._say = say
        self._to_order = list(script.orders)
        self.unstruck = list(script.steps)
        self._to_cancel: list[tuple[int, Order]] = []
        self.ordered: dict[int, Placed] = {}
        self.cancelled: set[int] = set()
        self._ended = 0
        self._total = len(script.orders)

    def blow(self) -> float:
        """Go on until all has ended or time is over; the seconds that it took."""
        began = told = time.monotonic()
        self._round()  # however soon time is over
        while not self._is_over() and time.monotonic() < began + self._pace.storm_s:
            self._round()
            if time.monotonic() >= told + _TELL_EVERY_S:
                told = time.monotonic()
                self._tell(told - began)
            time.sleep(self._pace.look_every_s)
        self._tell(time.monotonic() - began)
        return time.monotonic() - began

    def await_rest(self, patience_s: float) -> None:
        """Give what is still open time to end, undisturbed."""
        deadline = time.monotonic() + patience_s
        while self._open() and time.monotonic() < deadline:
            self._look()
            self._shop.mend()
            time.sleep(self._pace.look_every_s)

    def _is_over(self) -> bool:
        return not self._to_order and not self._open()

    def _open(self) -> int:
        return len(self.ordered) - self._ended

    def _look(self) -> None:
        self._ended = len(self._shop.ended(self.ordered.values()))

    def _round(self) -> None:
        self._look()
        self._shop.mend()
        while self._to_order and self._open() < self._pace.most_open:
            self._submit(self._to_order.pop(0))
        for due, order in tuple(self._to_cancel):
            if self._ended >= due:
                self._cancel(due, order)
        for step in tuple(self._due()):
            if self._shop.strike(step):
                self.unstruck.remove(step)

    def _due(self) -> Iterator[Step]:
        """The next step of each kind that is due."""
        seen = set()
        for step in self.unstruck:
            if step.due <= self._ended and step.blow not in seen:
                seen.add(step.blow)
                yield step

    def _submit(self, order: Order) -> None:
        self.ordered[order.number] = self._shop.submit(order)
        if order.cancel_after is not None:
            self._to_cancel.append((self._ended + order.cancel_after, order))

    def _cancel(self, due: int, order: Order) -> None:
        self._to_cancel.remove((due, order))
        if self._shop.cancel(order, self.ordered[order.number]):
            self.cancelled.add(order.number)

    def _tell(self, elapsed_s: float) -> None:
        faults = sum(self._shop.faults().values())
        waiting = dict(Counter(step.blow.value for step in self.unstruck if step.due <= self._ended))
        overdue = f", waiting for a victim: {waiting}" if waiting else ""
        self._say(
            f"{elapsed_s:5.0f} s  {self._ended}/{self._total} ended, {self._open()} open, {faults} faults{overdue}"
        )
