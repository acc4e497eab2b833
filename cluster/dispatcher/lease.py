"""The right to be the one dispatcher, and patience with a store that fails."""

from cluster.ports import JobStore


class Lease:
    """Keeps one holder's lease. Times are seconds on the dispatcher's clock."""

    def __init__(self, store: JobStore, holder: str, ttl_s: float) -> None:
        self._store = store
        self._holder = holder
        self._ttl_s = ttl_s
        self._epoch: int | None = None
        self._next_at = float("-inf")

    def keep(self, now: float) -> int | None:
        """Acquire or renew when it is time. The present epoch, or None while another dispatcher is at work."""
        if now < self._next_at:
            return self._epoch
        if self._epoch is None or not self._store.renew_lease(self._holder, self._epoch, self._ttl_s):
            self._epoch = self._store.acquire_lease(self._holder, self._ttl_s)
        self._next_at = now + self._ttl_s / (3 if self._epoch is not None else 15)
        return self._epoch

    def doubt(self) -> None:
        """A write may or may not have happened: take a new epoch next, and look at what the rows say."""
        self._epoch = None
        self._next_at = float("-inf")

    def release(self) -> None:
        """Let the next dispatcher begin at once."""
        if self._epoch is not None:
            self._store.release_lease(self._holder, self._epoch)
        self.doubt()


class Backoff:
    """A rest that doubles with each failure in a row. Times are seconds on the dispatcher's clock."""

    def __init__(self, first_s: float = 0.1, longest_s: float = 5.0) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._failures = 0
        self._over_at = float("-inf")

    def is_over(self, now: float) -> bool:
        """Whether to try again."""
        return now >= self._over_at

    def failed(self, now: float) -> None:
        """It failed once more."""
        self._over_at = now + min(self._longest_s, self._first_s * 2.0**self._failures)
        self._failures += 1

    def succeeded(self) -> None:
        """It works again."""
        self._failures = 0
