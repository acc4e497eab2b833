"""What the parts of one render cost, looked at again as the model learns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from cluster.cost import CostModel, Family
from cluster.progress import pace
from cluster.work import RenderPlan
from render_core.cells import CellLoad


@dataclass(slots=True)
class _Watched:
    """A cell that somebody is at: since when and from where, until when and how far, 0 … 1."""

    since: float
    first: float
    until: float
    share: float


class RenderEstimate:
    """Expected CPU seconds of everything that a planned render consists of, corrected by how its own parts went.

    Attributes:
        assembly_s: Of putting it together.
    """

    def __init__(self, plan: RenderPlan, family: Family, costs: CostModel) -> None:
        self._family, self._costs, self._frames = family, costs, plan.frame_count
        self._loads = {key: plan.load_of(cell) for key, cell in plan.distinct_cells().items()}
        self._sound, self._sound_length_s = plan.sound_object, float(plan.frame_count / plan.fps)
        self._seen, self._took_s = CellLoad(), 0.0
        self._watched: dict[str, _Watched] = {}
        self.weigh()

    def weigh(self) -> None:
        """Look again at what its parts cost."""
        costs = self._costs
        self._seconds = {key: costs.seconds(load, self._family) for key, load in self._loads.items()}
        self._cells_s = sum(self._seconds.values())
        self._sound_s = costs.step_s("sound", self._sound_length_s) if self._sound is not None else 0.0
        self._planning_s = costs.step_s("plan", self._frames)
        self.assembly_s = costs.step_s("assemble", self._frames)
        self._find_pace()

    def saw(self, keys: Iterable[str], took_s: float) -> None:
        """Some of its cells were rendered in so many seconds."""
        keys = tuple(keys)
        self._seen = reduce(CellLoad.__add__, (self._loads[key] for key in keys), self._seen)
        self._took_s += took_s
        for key in keys:
            self._watched.pop(key, None)

    def watch(self, shares: Mapping[str, float], now: float) -> None:
        """So far are the cells that somebody is at: how they get on tells of the others."""
        for key in shares.keys() & self._loads.keys():
            share, seen = shares[key], self._watched.get(key)
            if seen is None or share < seen.share:
                self._watched[key] = _Watched(now, share, now, share)
            elif seen.share < 1:
                seen.until, seen.share = now, share
        self._find_pace()

    def _find_pace(self) -> None:
        watched = self._watched.items()
        took_s = self._took_s + sum(seen.until - seen.since for _, seen in watched)
        done_s = sum((seen.share - seen.first) * self._seconds[key] for key, seen in watched)
        self._pace = pace(took_s, self._costs.seconds(self._seen, self._family) + done_s)

    def part_s(self, key: str) -> float:
        """What a part takes on a CPU."""
        return self._sound_s if key == self._sound else self._seconds[key] * self._pace

    @property
    def setup_s(self) -> float:
        """What a task takes beside its cells."""
        return self._costs.setup_s(self._family)

    @property
    def total_s(self) -> float:
        """All of it, what came from the store included, as if it had been made; planning and assembly as well."""
        return self._planning_s + self._sound_s + self._cells_s * self._pace + self.assembly_s
