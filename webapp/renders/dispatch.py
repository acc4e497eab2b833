"""The dispatcher's process: wires ``cluster.dispatcher`` to the job store. ``python -m webapp.renders.dispatch``."""

import os
import signal
import socket
import sys
import threading
from types import FrameType

import structlog

from cluster.dispatcher import Dispatcher, DispatcherOptions, Surroundings
from cluster.logs import configure_logging
from cluster.ports import WakeUp
from cluster.runtime import ClusterLostError, RayRuntime, RaySettings
from webapp.container import Container, build_container
from webapp.renders.signals import PollingWakeUp, RedisWakeUp
from webapp.renders.store import SqlJobStore
from webapp.settings import ClusterSettings, load_settings

_log = structlog.get_logger()


def main() -> int:
    """Dispatch until SIGTERM or SIGINT; what is unfinished then is taken up by the next dispatcher.

    Returns the exit code: 1 when the cluster was lost, so that whoever looks after this process starts it again.
    """
    configure_logging()
    stop = _stop_signal()
    container = build_container(load_settings())
    try:
        _dispatch(container, stop)
    except ClusterLostError as error:
        _log.error("dispatcher.cluster_lost", reason=str(error))
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
    runtime = RayRuntime(container.objects, _ray_settings(container.settings.cluster))
    holder = f"{socket.gethostname()}:{os.getpid()}"
    _log.info("dispatcher.started", holder=holder, cpus=runtime.capacity(), dashboard=runtime.dashboard)
    try:
        around = Surroundings(
            store=SqlJobStore(container.engine),
            objects=container.objects,
            runtime=runtime,
            sink=container.bell,
            wake_up=_wake_up(container),
        )
        Dispatcher(around, DispatcherOptions(holder=holder, lease_ttl_s=container.settings.cluster.lease_s)).run(stop)
    finally:
        runtime.close()
        _log.info("dispatcher.stopped", holder=holder)


def _wake_up(container: Container) -> WakeUp:
    return PollingWakeUp() if container.redis is None else RedisWakeUp(container.redis)


def _ray_settings(settings: ClusterSettings) -> RaySettings:
    return RaySettings(
        address=settings.ray_address or None,
        num_cpus=settings.ray_cpus or None,
        include_dashboard=settings.ray_dashboard,
        dashboard_port=settings.ray_dashboard_port or None,
    )


if __name__ == "__main__":
    sys.exit(main())
