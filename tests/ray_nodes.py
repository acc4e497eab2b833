"""Nodes of a Ray cluster that outlives its drivers: one program each, all on this machine."""

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.programs import Program
from tests.webapp.servers import free_port

_SHARED_MEMORY = 100_000_000
_AGENTS = ("dashboard-agent-listen", "dashboard-agent-grpc", "metrics-export", "runtime-env-agent")
"""Ports that a node must be given: for those that its agents choose it waits 15 s, and a busy machine takes longer."""


def head_node(
    folder: Path,
    address: str,
    environment: Mapping[str, str],
    *,
    dashboard_port: int | None = None,
    autoscaling: Path | None = None,
) -> Program:
    """The node that keeps the cluster's books and has no CPU for tasks; ``autoscaling``: configuration of the rest."""
    has_dashboard = str(dashboard_port is not None).lower()
    options = ["--head", f"--port={address.rpartition(':')[2]}"]
    options += [f"--include-dashboard={has_dashboard}", f"--ray-client-server-port={free_port()}"]
    options += [f"--dashboard-port={dashboard_port or free_port()}"]  # it is taken in any case
    if autoscaling is not None:
        options += [f"--autoscaling-config={autoscaling}"]
    return _node("head", folder, 0, options, environment)


def worker_node(name: str, folder: Path, address: str, environment: Mapping[str, str], *, cpus: int) -> Program:
    """A node that renders, for the cluster whose head listens at ``address``."""
    return _node(name, folder, cpus, [f"--address={address}"], environment)


def _node(name: str, folder: Path, cpus: int, options: list[str], environment: Mapping[str, str]) -> Program:
    ray = str(Path(sys.executable).with_name("ray"))
    shared = ["--block", "--disable-usage-stats", f"--object-store-memory={_SHARED_MEMORY}"]
    # Nodes that start at the same time in one folder would take the same names for their sockets.
    shared += [f"--temp-dir={folder / name}", "--min-worker-port=0", "--max-worker-port=0"]
    shared += [f"--{agent}-port={free_port()}" for agent in _AGENTS]
    return Program(
        name,
        [ray, "start", *options, f"--num-cpus={cpus}", *shared],
        environment=environment,
        folder=folder,
        is_ready=lambda node: "Ray runtime started" in node.printed(),
        tries=10,  # Ray gives a node and its agents from 15 to 30 s to start, and a busy machine takes longer
    )
