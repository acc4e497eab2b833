"""The dispatcher's process: wires ``cluster.dispatcher`` to the job store. ``python -m webapp.renders.dispatch``."""

import gc
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

import structlog

from cluster.alarms import AlarmLimits, AlarmWatch
from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.logs import configure_logging
from cluster.memory import InMemoryHealth
from cluster.ports import HealthSink, ProgressSink, WakeUp
from cluster.runtime import ClusterLostError, RayMetrics, RayRuntime, RaySettings
from cluster.scaling import ScalingPolicy
from webapp.assets.clearing import clear_abandoned, clear_preparations, clear_strays
from webapp.assets.orphans import clear_asset_orphans
from webapp.assets.walls import wall_problem
from webapp.container import Container, build_container
from webapp.renders.clearing import clear_orphans
from webapp.renders.expiry import clear_ended
from webapp.renders.housekeeping import Housekeeping, holds_lease, prune_cells, retention_of, sweep_leftovers
from webapp.renders.notes import clear_notes
from webapp.renders.outbox import Outbox, RedisHealth, RedisProgress
from webapp.renders.signals import PollingWakeUp, RedisWakeUp, SilentBell
from webapp.renders.store import SqlJobStore
from webapp.renders.tabs import clear_drafts
from webapp.settings import ClusterSettings, Settings, load_settings
from webapp.webhooks.clearing import clear_messages

_CLEAR_EVERY_S = 5.0
_log = structlog.get_logger()


def main() -> int:
    """Dispatch until SIGTERM or SIGINT; what is unfinished then is taken up by the next dispatcher.

    Returns the exit code: 1 when the cluster was lost or did not start, so that whoever looks after this process starts
    it again.
    """
    configure_logging()
    stop = _stop_signal()
    container = build_container(load_settings())
    try:
        _dispatch(container, stop)
    except ClusterLostError as error:
        _log.error("dispatcher.cluster_lost", reason=str(error))
        return 1
    except Exception:  # noqa: BLE001 - told as one line of the log like all else; the next process tries again
        _log.exception("dispatcher.failed")
        return 1
    finally:
        container.close()
    return 0


def _stop_signal() -> threading.Event:
    stop = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    return stop


def _dispatch(container: Container, stop: threading.Event) -> None:
    settings, holder = container.settings, f"{socket.gethostname()}:{os.getpid()}"
    _look_at_walls(settings)
    runtime = RayRuntime(container.objects, _ray_settings(settings))
    _log.info("dispatcher.started", holder=holder, cpus=runtime.capacity(), dashboard=runtime.dashboard)
    housekeeping, clearing = _keep_house(container, holder), _clear_uploads(container, holder)
    try:
        with _voice(container, runtime) as voice:
            around = Surroundings(
                store=SqlJobStore(container.engine),
                objects=container.objects,
                runtime=runtime,
                sink=voice.progress,
                wake_up=voice.wake_up,
                health=_alarmed(voice.health, settings),
                metrics=RayMetrics(),
            )
            dispatcher = Dispatcher(around, _options(holder, settings.cluster))
            _spare_collections()
            dispatcher.run(stop)
    finally:
        housekeeping.close()
        clearing.close()
        runtime.close()
        _log.info("dispatcher.stopped", holder=holder)


def _spare_collections() -> None:
    """What has been loaded stays until the end: looking through it for garbage would take 60 ms each time."""
    gc.collect()
    gc.freeze()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    """How the dispatcher speaks to others, and how it is spoken to."""

    progress: ProgressSink
    health: HealthSink
    wake_up: WakeUp


@contextmanager
def _voice(container: Container, runtime: RayRuntime) -> Iterator[_Voice]:
    """Through Redis, from threads that nobody waits for; without it, others look at the database."""
    if container.redis is None:
        yield _Voice(progress=SilentBell(), health=InMemoryHealth(), wake_up=PollingWakeUp())
        return
    outbox, wake_up = Outbox(container.redis), RedisWakeUp(container.redis, runtime.wake)
    health = RedisHealth(outbox, runtime.dashboard)
    try:
        yield _Voice(progress=RedisProgress(outbox), health=health, wake_up=wake_up)
    finally:
        health.withdraw()
        outbox.close()
        wake_up.close()


def _look_at_walls(settings: Settings) -> None:
    """Say it where uploads would be read on this very machine; workers elsewhere say it of theirs."""
    if not settings.cluster.ray_address and (problem := wall_problem(settings)):
        log = _log.error if settings.needs_wall else _log.warning
        log("dispatcher.unwalled", reason=problem)


def _keep_house(container: Container, holder: str) -> Housekeeping:
    chores = (
        partial(prune_cells, container.engine, container.objects, retention_of(container.settings.cells)),
        partial(sweep_leftovers, container.objects),
        partial(clear_abandoned, container.engine, container.objects),
        partial(clear_strays, container.engine, container.objects),
        partial(clear_orphans, container.engine, container.objects),
        partial(clear_asset_orphans, container.engine, container.objects),
        partial(clear_messages, container.engine),
        partial(clear_notes, container.engine),
        partial(clear_drafts, container.engine),
        partial(clear_ended, container.engine),
    )
    return Housekeeping(partial(holds_lease, container.engine, holder), chores)


def _clear_uploads(container: Container, holder: str) -> Housekeeping:
    """What has been prepared is gone from quarantine within seconds."""
    chores = (partial(clear_preparations, container.engine, container.objects),)
    is_ours = partial(holds_lease, container.engine, holder)
    return Housekeeping(is_ours, chores, first_s=_CLEAR_EVERY_S, every_s=_CLEAR_EVERY_S)


def _alarmed(health: HealthSink, settings: Settings) -> HealthSink:
    limits = AlarmLimits(queue_age_s=settings.cluster.queue_alarm_s)
    return AlarmWatch(health, limits, partial(_free_bytes, settings.app.data_dir))


def _free_bytes(data_dir: Path) -> int:
    """Where objects are, and where files are while they are made."""
    folders = (data_dir, Path(tempfile.gettempdir()))
    return min(shutil.disk_usage(folder).free for folder in folders if folder.is_dir())


def _options(holder: str, settings: ClusterSettings) -> DispatcherOptions:
    scaling = ScalingPolicy(most_cpus=settings.ray_max_cpus)
    return DispatcherOptions(holder=holder, lease_ttl_s=settings.lease_s, scaling=scaling)


def _ray_settings(settings: Settings) -> RaySettings:
    cluster = settings.cluster
    return RaySettings(
        address=cluster.ray_address or None,
        num_cpus=cluster.ray_cpus or None,
        include_dashboard=cluster.ray_dashboard,
        dashboard_port=cluster.ray_dashboard_port or None,
        needs_wall=settings.needs_wall,
    )


if __name__ == "__main__":
    sys.exit(main())
