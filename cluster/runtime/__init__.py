"""Ray: the only package that starts or joins it, and that applies ``ray.remote``, options and names."""

from cluster.runtime.connection import RaySettings, process_environment
from cluster.runtime.faults import ClusterLostError
from cluster.runtime.meters import RayMetrics
from cluster.runtime.ray_runtime import RayRuntime

__all__ = ["ClusterLostError", "RayMetrics", "RayRuntime", "RaySettings", "process_environment"]
