"""What rings after a commit, as a protocol: the database says what is so, the bell only says it sooner."""

from typing import Protocol

from cluster.jobs import JobProgress

MESSAGES_CHANNEL = "reelgrove:messages"
"""Where the senders of webhooks listen, in Redis."""


class Bell(Protocol):
    """What rings after a commit."""

    def publish(self, progress: JobProgress) -> None:
        """A job was ordered or taken back: the dispatcher wakes up, and those who watch hear of it."""

    def ring_sender(self) -> None:
        """There may be messages for webhooks. Whoever publishes an end rings as well: it may be one to tell of."""
