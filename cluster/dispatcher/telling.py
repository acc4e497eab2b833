"""Who is told how far jobs are, and how often: watchers at once, the rows of the database a little later."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from cluster.jobs import JobProgress, JobState
from cluster.ports import ProgressSink
from cluster.progress import Throttle

_SAME_END_S = 2.0
"""An expected end that moves by less is the same; and by less than a tenth of what is left."""


class Teller:
    """Passes progress on when there is news, as often as is enough. Times are seconds on the dispatcher's clock."""

    def __init__(self, sink: ProgressSink, *, tell_every_s: float, record_every_s: float) -> None:
        self._sink = sink
        self._telling = Throttle(tell_every_s)
        self._records = _Records()
        self._record_every_s = record_every_s
        self._record_at = float("-inf")

    def tell(self, progress: Iterable[JobProgress], now: float) -> None:
        """Tell those who watch."""
        for each in progress:
            if self._telling.is_due(each.job_id, (each.percent, each.cells_done), now):
                self._sink.publish(each)

    def worth_recording(self, progress: Iterable[JobProgress], now: float) -> tuple[JobProgress, ...]:
        """What the rows should say now, of all jobs at once, for that is one transaction; it is held to be written."""
        if now < self._record_at:
            return ()
        news = tuple(each for each in progress if self._records.is_news(each, now))
        if news:
            self._record_at = now + self._record_every_s
        return news

    def tell_end(self, progress: JobProgress, state: JobState) -> None:
        """A job has ended."""
        percent = 100 if state is JobState.COMPLETED else progress.percent
        self._sink.publish(replace(progress, state=state, percent=percent, eta_s=None))
        self.forget((progress.job_id,))

    def keep_only(self, job_ids: Container[str]) -> None:
        """Nothing more will come of other jobs."""
        self._records.keep_only(job_ids)

    def forget(self, job_ids: Iterable[str]) -> None:
        """Nothing more will come of these jobs."""
        for job_id in job_ids:
            self._telling.forget(job_id)
            self._records.forget(job_id)


@dataclass(frozen=True, slots=True)
class _Record:
    percent: int
    ends_at: float | None


class _Records:
    """What was last written of each job."""

    def __init__(self) -> None:
        self._last: dict[str, _Record] = {}

    def is_news(self, progress: JobProgress, now: float) -> bool:
        ends_at = None if progress.eta_s is None else now + progress.eta_s
        last = self._last.get(progress.job_id)
        if last is not None and not _is_news(last, progress, ends_at):
            return False
        self._last[progress.job_id] = _Record(progress.percent, ends_at)
        return True

    def forget(self, job_id: str) -> None:
        self._last.pop(job_id, None)

    def keep_only(self, job_ids: Container[str]) -> None:
        self._last = {job_id: record for job_id, record in self._last.items() if job_id in job_ids}


def _is_news(last: _Record, progress: JobProgress, ends_at: float | None) -> bool:
    if progress.percent != last.percent or (ends_at is None) != (last.ends_at is None):
        return True
    if ends_at is None or last.ends_at is None or progress.eta_s is None:
        return False
    return abs(ends_at - last.ends_at) > max(_SAME_END_S, progress.eta_s / 10)
