"""What workers have said of the tasks they have done, as it stands in the dispatchers' logs."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.stage import Stage

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A task that gave its result. Moments are seconds on ``time.time``.

    Attributes:
        kind: ``plan``, ``cell``, ``sound``, ``assemble``.
        cells: How many it made.
    """

    kind: str
    job_id: str
    began: float
    ended: float
    cells: int

    @property
    def seconds(self) -> float:
        """From its beginning to its end."""
        return self.ended - self.began

    def cells_within(self, start: float, end: float) -> float:
        """Cells made in a window of time; of a task that is partly in it a part."""
        overlap = min(self.ended, end) - max(self.began, start)
        return self.cells * max(0.0, overlap) / max(1e-6, self.seconds)


def tasks_done(stage: Stage) -> list[Done]:
    """All so far, by all dispatchers that were there."""
    return [done for each in stage.dispatchers for line in each.printed().splitlines() for done in _read(line)]


def _read(line: str) -> Iterator[Done]:
    if '"task.done"' not in line:
        return
    entry: Mapping[str, Any] = json.loads(line)
    job = _ID.search(entry["task"])
    ended = datetime.fromisoformat(entry["timestamp"]).timestamp()
    first, _, last = str(entry.get("cells", "")).partition("-")
    yield Done(
        kind=entry["task"].partition(":")[0],
        job_id=job[0] if job else "",
        began=ended - entry["seconds"],
        ended=ended,
        cells=int(last) - int(first) + 1 if last else 0,
    )
