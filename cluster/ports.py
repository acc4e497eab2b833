"""What the dispatcher needs from outside, as protocols. Each comes with a real and a local or in-memory version."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from cluster.health import ClusterHealth, NodeHealth
from cluster.jobs import JobFailure, JobProgress, JobRequest, Product, WaitingJob
from cluster.storage import Entry, UploadForm
from cluster.work import CellSnapshot, Handle, Outcome, Task


class JobStore(Protocol):
    """The truth about jobs of both kinds. A change is a compare-and-swap; False means that somebody else was first.

    ``epoch`` fences writers: it grows each time the lease changes hands, and a write with an old one changes nothing.
    """

    def acquire_lease(self, holder: str, ttl_s: float) -> int | None:
        """The new epoch when ``holder`` became the one dispatcher, or None while another one's lease runs."""

    def renew_lease(self, holder: str, epoch: int, ttl_s: float) -> bool:
        """Extend the lease; False when it was lost."""

    def release_lease(self, holder: str, epoch: int) -> None:
        """Give the lease up, so that the next dispatcher need not wait for it to run out."""

    def waiting(self, limit: int) -> tuple[WaitingJob, ...]:
        """Queued jobs, oldest first."""

    def claim(self, job_id: str, epoch: int) -> JobRequest | None:
        """Take a queued job (queued → processing, attempt + 1); None when it is no longer there to take."""

    def take_over(self, epoch: int) -> tuple[JobRequest, ...]:
        """Jobs in processing that an earlier epoch left behind, now ours (attempt + 1)."""

    def cancelled(self, job_ids: Iterable[str]) -> frozenset[str]:
        """Which of these jobs have been cancelled meanwhile."""

    def record_progress(self, progress: Sequence[JobProgress], epoch: int) -> None:
        """Write how far our running jobs are, never lowering it, and when they and queued ones are expected to end."""

    def complete(self, request: JobRequest, output: Product, epoch: int) -> bool:
        """Processing → completed with its output and settled usage, in one transaction.

        A render ends with a ``JobOutput``, a preparation with a ``PreparedAsset``.
        """

    def fail(self, request: JobRequest, failure: JobFailure, epoch: int) -> bool:
        """Processing → failed with its reason and the reservation given back, in one transaction.

        An upload whose preparation fails as ``invalid_input`` is rejected for that reason.
        """


class ProgressSink(Protocol):
    """Rings the bell for those who watch. May lose messages; must not raise or block for long."""

    def publish(self, progress: JobProgress) -> None:
        """Tell subscribers."""


class HealthSink(Protocol):
    """Shows people how the cluster is. May lose messages; must not raise or block for long."""

    def publish(self, health: ClusterHealth) -> None:
        """Show this instead of the last one."""


class WakeUp(Protocol):
    """Lets the dispatcher hear of new and of cancelled jobs before its next look.

    Attributes:
        hears: Whether rings arrive; else what there is must be looked for often.
    """

    hears: bool

    def wait(self, timeout_s: float) -> bool:
        """Return True when rung, False after ``timeout_s`` at most. With 0 it only asks, and costs nothing.

        A bell that is out of order answers False, and sooner, so that the dispatcher looks for itself.
        """


class ObjectStore(Protocol):
    """Bytes under keys: a local directory or S3.

    Keys are made in ``cluster.keys``, never from user file names. Missing keys raise ``ObjectNotFoundError``.
    """

    def put_file(self, key: str, path: Path) -> None:
        """Store a file's bytes under ``key``, replacing what was there, atomically."""

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store bytes under ``key``, replacing what was there, atomically."""

    def create(self, key: str, data: bytes) -> bool:
        """Store bytes unless the key exists; False when it did. Atomic between processes."""

    def size(self, key: str) -> int | None:
        """Size in bytes, or None when the key does not exist."""

    def read(self, key: str) -> bytes:
        """The whole object."""

    def open_range(self, key: str, start: int, end: int) -> BinaryIO:
        """A stream of the bytes ``start`` … ``end`` (both included)."""

    def materialise(self, key: str) -> Path:
        """A readable local file with the object's bytes, kept in a local cache where the store is remote."""

    def copy(self, source: str, target: str) -> None:
        """Store an object's bytes under another key as well, atomically."""

    def download_url(self, key: str, *, mime_type: str, disposition: str, lifetime: timedelta) -> str | None:
        """An address under which anybody can read the object for a while; None where clients cannot reach the store.

        Args:
            key: Of the object.
            mime_type: What they are told it is.
            disposition: Whether to show or to save it, and its name (RFC 6266).
            lifetime: How long it opens.
        """

    def upload_form(self, key: str, size_bytes: int, lifetime: timedelta) -> UploadForm | None:
        """What lets a client put exactly so many bytes under exactly this key for a while; None as above."""

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens when it is not there."""

    def keys(self, prefix: str) -> Iterable[str]:
        """All keys that begin with ``prefix``."""

    def entries(self, prefix: str) -> Iterable[Entry]:
        """All objects whose keys begin with ``prefix``, with their sizes and last uses."""

    def touch(self, key: str) -> bool:
        """Note that the object is used now, to the hour at least; False when it does not exist."""

    def delete_unused(self, key: str, since: datetime) -> bool:
        """Remove the object unless it has been used after ``since``; False when it stays or was not there."""

    def sweep(self, before: datetime) -> int:
        """Remove what writes that were interrupted before then have left behind; says how many."""


class Runtime(Protocol):
    """The muscle: carries tasks out somewhere, and says how each ended. Ray, or a fake with verbs."""

    def submit(self, task: Task) -> Handle:
        """Start a task as soon as there is room for it."""

    def poll(self, timeout_s: float) -> tuple[Outcome, ...]:
        """Submissions that have ended since the last call; waits up to ``timeout_s`` for the first, or other news."""

    def cancel(self, handle: Handle) -> None:
        """End a submission: asked first, then by force. Its outcome need not be reported."""

    def snapshots(self) -> Mapping[str, CellSnapshot]:
        """Latest known progress by the key of the work. May be old or empty; never blocks for long."""

    def capacity(self) -> int:
        """CPUs there are now."""

    def nodes(self) -> tuple[NodeHealth, ...]:
        """The machines there are. May be a second old; never blocks for long."""

    def request(self, cpus: int) -> None:
        """Ask for so many CPUs in all, until the next call; 0 takes the wish back."""

    def close(self) -> None:
        """End everything that was started."""
