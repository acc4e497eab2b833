"""What a web process counts, in Prometheus' terms.

Several processes behind one address write to files in the folder of ``PROMETHEUS_MULTIPROC_DIR``; whichever of them is
asked tells the sum of all.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from webapp.errors import as_app_error

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_registry = CollectorRegistry(auto_describe=True)

ANSWERED = Histogram(
    "reelgrove_http_seconds",
    "Seconds until an answer began, by route and class of status.",
    ["method", "route", "status"],
    buckets=_SECONDS,
    registry=_registry,
)
LIMITED = Counter(
    "reelgrove_rate_limited", "Requests that were refused for their number.", ["quota"], registry=_registry
)
REFUSED_UPLOADS = Counter(
    "reelgrove_uploads_refused", "Uploads that were refused at the door, by reason.", ["reason"], registry=_registry
)
WATCHERS = Gauge(
    "reelgrove_stream_watchers",
    "Programs and tabs that follow the live updates.",
    multiprocess_mode="livesum",
    registry=_registry,
)


@contextmanager
def counting_refusals() -> Iterator[None]:
    """Count an upload that ends with a refusal of ours, by its code."""
    try:
        yield
    except Exception as error:
        if known := as_app_error(error):
            REFUSED_UPLOADS.labels(known.code).inc()
        raise


def exposition() -> str:
    """All that was counted, in the text format."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return generate_latest(_registry).decode()
    forget_the_dead(Path(folder))
    shared = CollectorRegistry()
    MultiProcessCollector(shared, folder)  # type: ignore[no-untyped-call] # the library's own signature
    return generate_latest(shared).decode()


def forget_the_dead(folder: Path) -> None:
    """Let go of what processes had under way that are no more; what they have counted stays."""
    for file in folder.glob("gauge_live*_*.db"):
        with suppress(ValueError):
            pid = int(file.stem.rpartition("_")[2])
            if not Path(f"/proc/{pid}").exists():
                mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call] # the library's own signature
