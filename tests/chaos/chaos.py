"""A chaos from its seed to its verdict: the same orders twice, first undisturbed, then in the storm."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from subprocess import TimeoutExpired
from uuid import UUID

from tests.chaos.blows import LEAST_OUTAGE, Striker
from tests.chaos.database_proxy import DatabaseProxy, database_proxy
from tests.chaos.evidence import Evidence
from tests.chaos.fates import StorePlan
from tests.chaos.judge import Violation, judge
from tests.chaos.script import Blow, Order, Script, Step, mix, write_script
from tests.chaos.shop import OrderDesk, Placed
from tests.chaos.store_proxy import StoreProxy, store_proxy
from tests.chaos.storm import Pace, Storm
from tests.processes import until
from tests.stage import Stage, StageOptions
from webapp.renders.clearing import clear_orphans

_MOST_SHARE = 0.3
"""Of the store's requests that go wrong; beyond it whole tasks fail more often than not."""

_MARGIN = 1.4
"""More requests go wrong than are wanted, for which ones do is a matter of chance."""

Files = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Weather:
    """How bad it gets.

    Attributes:
        faults: At least so many.
        blows: How often each blow is struck; None draws a mix by ``faults``.
        last: Share of the orders after whose end nothing more is broken.
        most_open: Orders that wait or run at a time.
        lease_s: How long work stands still when a dispatcher was killed; too short for a slow machine, and they take it
            from each other.
        timeout_s: After how long a silent object store is asked again.
        storm_s: After so long nothing more is ordered or broken; what is open then has a third of it to end.
    """

    seed: int
    jobs: int
    faults: int
    blows: Mapping[Blow, int] | None = None
    last: float = 0.9
    most_open: int = 24
    customers: int = 6
    lease_s: float = 5.0
    timeout_s: float = 2.0
    storm_s: float = 1200.0

    @property
    def settings(self) -> dict[str, str]:
        """Variables of the product's processes."""
        return {"REELGROVE_S3_TIMEOUT_S": str(self.timeout_s), "REELGROVE_LEASE_S": str(self.lease_s)}

    def script(self) -> Script:
        """Its orders and blows."""
        return write_script(self.seed, self.jobs, self.customers, self.blows or mix(self.faults), self.last)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of it.

    Attributes:
        states: Orders by what became of them.
        calm_s: Wall time of the undisturbed run; ``storm_s`` of the other.
        faults: What went wrong, by kind.
        unstruck: Blows for which there was no victim in time.
        seen: What the dispatchers noticed of it, by kind: the store's client and Ray hide the rest.
        rendered_again: Cells that were written although they were there.
    """

    states: Mapping[str, int]
    calm_s: float
    storm_s: float
    faults: Mapping[str, int]
    unstruck: Mapping[str, int]
    seen: Mapping[str, int]
    rendered_again: int
    violations: tuple[Violation, ...]

    @property
    def fault_count(self) -> int:
        """All faults together."""
        return sum(self.faults.values())


def run_chaos(weather: Weather, say: Callable[[str], None], logs: Path | None = None) -> Report:
    """Build a stage, run the orders twice, judge.

    Args:
        weather: How bad it gets.
        say: Told how it goes, a line at a time.
        logs: Folder where what dispatchers, nodes and workers have printed is kept.
    """
    with ExitStack() as things:
        stores: list[StoreProxy] = []
        databases: list[DatabaseProxy] = []

        def through(name: str, port: int) -> int:
            if name == "s3":
                stores.append(things.enter_context(store_proxy(f"http://127.0.0.1:{port}")))
                return stores[0].port
            if name == "database":
                databases.append(things.enter_context(database_proxy(port)))
                return databases[0].port
            return port

        options = StageOptions(
            database="postgres", objects="s3", dispatchers=2, settings=weather.settings, through=through, clip_seconds=5
        )
        say("building the stage")
        stage = things.enter_context(Stage(options))
        if logs is not None:
            things.callback(_keep_logs, stage.folder, logs)
        return _Chaos(weather, stage, stores[0], databases[0], say).run()


def _keep_logs(folder: Path, kept: Path) -> None:
    for log in (*folder.glob("*.log"), *folder.glob("*/session_*/logs/worker-*")):
        target = kept / log.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log, target)


class _Chaos:
    """One run on a stage; a ``Shop`` for the storm."""

    def __init__(
        self, weather: Weather, stage: Stage, store: StoreProxy, database: DatabaseProxy, say: Callable[[str], None]
    ) -> None:
        self._weather = weather
        self._script = weather.script()
        self._stage = stage
        self._store = store
        self._say = say
        self._evidence = Evidence(stage)
        self._striker = Striker(stage, store, database)
        self._desk = OrderDesk(stage, "calm", weather.customers)

    def run(self) -> Report:
        self._say(f"seed {self._weather.seed}: {self._script}")
        calm, calm_s = self._calm()
        self._desk = OrderDesk(self._stage, "storm", self._weather.customers)
        pace = Pace(most_open=self._weather.most_open, storm_s=self._weather.storm_s)
        storm = Storm(self._script, self, pace, self._say)
        self._store.follow(StorePlan(self._weather.seed, self._share()).fate)
        storm_s = storm.blow()
        self._store.calm()
        storm.await_rest(self._weather.storm_s / 3)
        self._close()
        facts = replace(self._evidence.facts(storm.ordered, calm, storm.cancelled), fallen=tuple(self._striker.fallen))
        return Report(
            states=Counter(verdict.state for verdict in facts.verdicts.values()),
            calm_s=calm_s,
            storm_s=storm_s,
            faults=self.faults(),
            unstruck=Counter(step.blow.value for step in storm.unstruck),
            seen=self._evidence.seen(),
            rendered_again=sum(key.startswith("cells/") and count > 1 for key, count in self._store.stored.items()),
            violations=judge(facts),
        )

    def _calm(self) -> tuple[dict[int, Files], float]:
        """The files of an undisturbed run, and the seconds that it took."""
        began = time.monotonic()
        ordered = {order.number: self.submit(order) for order in self._script.orders}
        until(lambda: len(self.ended(ordered.values())) == len(ordered), self._weather.storm_s, every_s=0.1)
        took_s = time.monotonic() - began
        calm = self._evidence.files(ordered)
        assert all(all(files.values()) for files in calm.values()), f"the undisturbed run did not succeed: {calm}"
        self._say(f"undisturbed: {len(calm)} orders in {took_s:.0f} s, {self._store.asked} requests to the store")
        self._evidence.forget_renders()
        return calm, took_s

    def _share(self) -> float:
        """Of the store's requests that must go wrong, so that all faults together are as many as wanted."""
        blows = sum(LEAST_OUTAGE if step.blow is Blow.STORE_OUTAGE else 1 for step in self._script.steps)
        wanted = max(self._weather.faults - blows, self._weather.faults / 3)
        return min(_MOST_SHARE, round(_MARGIN * wanted / self._store.asked, 2))

    def _close(self) -> None:
        """End the dispatchers politely once they have cleared up, and give what they leave a moment to go."""
        self.mend()
        dispatchers = self._stage.dispatchers
        objects, redis = self._stage.container.objects, self._stage.container.redis
        _patiently(lambda: all(dispatcher.is_up for dispatcher in dispatchers))
        _patiently(lambda: not list(objects.keys("quarantine/")))
        for dispatcher in dispatchers:
            with suppress(TimeoutExpired):  # one that does not end is found by the judge
                dispatcher.end()
        clear_orphans(self._stage.container.engine, objects, grace=timedelta(0))  # else they would wait for an hour
        _patiently(lambda: not self._stage.tasks() and not self._evidence.left_in_ray())
        _patiently(lambda: redis is None or not redis.dbsize())

    def submit(self, order: Order) -> Placed:
        """Place an order."""
        placed = self._desk.place(order)
        self._striker.groups[str(placed.job_id)] = order.group
        return placed

    def cancel(self, order: Order, placed: Placed) -> bool:
        """Take it back; False when it has ended already."""
        return self._desk.take_back(order, placed)

    def ended(self, orders: Collection[Placed]) -> set[UUID]:
        """Jobs of these orders that have ended."""
        return self._evidence.ended(orders)

    def mend(self) -> None:
        """Start again what has ended by itself."""
        self._striker.mend()

    def strike(self, step: Step) -> bool:
        """Break something; False when there is nothing to hit now."""
        return self._striker.strike(step)

    def faults(self) -> Mapping[str, int]:
        """What went wrong by now, by kind."""
        return self._striker.faults()


def _patiently(is_gone: Callable[[], bool], timeout_s: float = 240.0) -> None:
    """Wait, but leave it to the judge to complain."""
    try:
        until(is_gone, timeout_s, every_s=0.1)
    except AssertionError:
        return
