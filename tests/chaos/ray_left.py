"""What a Ray cluster still holds, as a program: ``python -m tests.chaos.ray_left ADDRESS`` prints a JSON list.

A process of its own, because Ray reads its token once, from the environment at the start.
"""

import json
import sys

from ray._private.state import GlobalState
from ray._raylet import GcsClientOptions
from ray.autoscaler.v2.sdk import get_cluster_status


def what_is_left(address: str) -> list[str]:
    """Actors and drivers that live, demand that was not taken back."""
    state = GlobalState()
    state._initialize_global_state(
        GcsClientOptions.create(address, None, allow_cluster_id_nil=True, fetch_cluster_id_if_nil=False)
    )
    actors = [f"actor {each['ActorClassName']}" for each in state.actor_table(None).values() if each["State"] != "DEAD"]
    drivers = [f"driver {each['DriverPid']}" for each in state.job_table() if not each["IsDead"]]
    asked = get_cluster_status(address).resource_demands
    demands = [f"demand {each}" for each in (*asked.ray_task_actor_demand, *asked.cluster_constraint_demand)]
    return [*actors, *drivers, *demands]


if __name__ == "__main__":
    json.dump(what_is_left(sys.argv[1]), sys.stdout)
