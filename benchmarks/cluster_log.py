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
    lines = (line for each in stage.dispatchers for line in each.printed().splitlines() if '"task.done"' in line)
    return [_read(entry) for line in lines for entry in _entries(line) if entry.get("event") == "task.done"]


def _entries(line: str) -> Iterator[Mapping[str, Any]]:
    """What is written on a line: processes that write at the same time may put two on one, or cut each other short."""
    at = line.find("{")
    while at >= 0:
        try:
            entry, after = json.JSONDecoder().raw_decode(line, at)
        except json.JSONDecodeError:
            after = at + 1
        else:
            yield entry
        at = line.find("{", after)


def _read(entry: Mapping[str, Any]) -> Done:
    job = _ID.search(entry["task"])
    ended = datetime.fromisoformat(entry["timestamp"]).timestamp()
    first, _, last = str(entry.get("cells", "")).partition("-")
    return Done(
        kind=entry["task"].partition(":")[0],
        job_id=job[0] if job else "",
        began=ended - entry["seconds"],
        ended=ended,
        cells=int(last) - int(first) + 1 if last else 0,
    )
