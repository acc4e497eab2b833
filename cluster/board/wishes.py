"""Which jobs want which work. Two jobs that miss the same cell wait for the same piece of work."""

from collections.abc import Iterable


class Wishes:
    """An index in both directions, and whose wishes should be looked at again."""

    def __init__(self) -> None:
        self._of_job: dict[str, tuple[str, ...]] = {}
        self._jobs: dict[str, dict[str, None]] = {}
        self._touched: dict[str, None] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._jobs

    def of(self, job_id: str) -> tuple[str, ...]:
        """The keys that a job wants, in its order."""
        return self._of_job.get(job_id, ())

    def wanting(self, key: str) -> tuple[str, ...]:
        """The jobs that want a piece of work, in the order in which they came to want it."""
        return tuple(self._jobs.get(key, ()))

    def update(self, job_id: str, keys: tuple[str, ...]) -> None:
        """From now on the job wants exactly these."""
        before = self.of(job_id)
        if keys == before:
            return
        for key in set(before).difference(keys):
            self._forget(job_id, key)
        for key in keys:
            self._jobs.setdefault(key, {})[job_id] = None
        if keys:
            self._of_job[job_id] = keys
        else:
            self._of_job.pop(job_id, None)
        self._touched[job_id] = None

    def touch(self, keys: Iterable[str]) -> None:
        """Something has changed about these pieces of work."""
        for key in keys:
            self._touched.update(self._jobs.get(key, {}))

    def take_touched(self) -> tuple[str, ...]:
        """Jobs for which something has changed since the last call."""
        touched = tuple(self._touched)
        self._touched.clear()
        return touched

    def _forget(self, job_id: str, key: str) -> None:
        jobs = self._jobs[key]
        del jobs[job_id]
        if not jobs:
            del self._jobs[key]
