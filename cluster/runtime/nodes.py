"""The machines of the cluster, looked up once a second."""

import time
from collections.abc import Mapping
from typing import Any

import ray
from ray._private.state import available_resources_per_node  # no public function tells the machines apart

from cluster.health import NodeHealth

_LOOK_EVERY_S = 1.0


class Nodes:
    """What Ray says about its machines; up to a second old."""

    def __init__(self) -> None:
        self._seen: tuple[NodeHealth, ...] = ()
        self._look_at = float("-inf")

    def all(self) -> tuple[NodeHealth, ...]:
        """Machines that are alive."""
        if time.monotonic() >= self._look_at:
            free: Mapping[str, Any] = available_resources_per_node()  # type: ignore[no-untyped-call]  # Ray has no types here
            nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]  # as above
            self._seen = tuple(_health(node, free.get(node["NodeID"], {})) for node in nodes if node["Alive"])
            self._look_at = time.monotonic() + _LOOK_EVERY_S
        return self._seen

    def cpus(self) -> int:
        """CPUs for tasks."""
        return sum(node.cpus for node in self.all())

    def largest_memory(self) -> int:
        """Bytes that a task can ask for on the machine with most of it; 0 without any machine for tasks."""
        return max((node.memory_bytes or 0 for node in self.all() if node.cpus), default=0)


def _health(node: Mapping[str, Any], free: Mapping[str, float]) -> NodeHealth:
    resources = node["Resources"]
    cpus = resources.get("CPU", 0)
    return NodeHealth(
        node_id=node["NodeID"],
        name=node["NodeManagerHostname"],
        cpus=int(cpus),
        cpus_busy=cpus - free.get("CPU", 0),
        memory_bytes=int(resources.get("memory", 0)),
    )
