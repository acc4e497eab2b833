"""What rings after a commit, as a protocol: the database says what is so, the bell only says it sooner."""

from typing import Protocol

from cluster.jobs import JobProgress


class Bell(Protocol):
    """What rings after a commit, and what the dispatcher tells of its work."""

    def ring(self) -> None:
        """There may be new work for the dispatcher."""

    def publish(self, progress: JobProgress) -> None:
        """A job has moved on."""
