"""How far jobs are within their work, and when they will end."""

from collections.abc import Sequence

from cluster.board.flights import Flights
from cluster.board.queue import courses
from cluster.board.running import RunningJob
from cluster.board.wishes import Wishes
from cluster.cost import CostModel
from cluster.fair import FairShare
from cluster.forecast import forecast
from cluster.jobs import WaitingJob


class Foresight:
    """Looks at who wants what and who is at it, and plays the schedule forward."""

    def __init__(self, costs: CostModel, wishes: Wishes, flights: Flights, share: FairShare) -> None:
        self._costs = costs
        self._wishes = wishes
        self._flights = flights
        self._share = share

    def shares(self) -> dict[str, dict[str, float]]:
        """For each job, how much is done, 0 … 1, of what it wants and somebody is at."""
        within: dict[str, dict[str, float]] = {}
        for key, share in self._flights.shares().items():
            for job_id in self._wishes.wanting(key):
                within.setdefault(job_id, {})[key] = share
        return within

    def ends(self, jobs: Sequence[RunningJob], queue: Sequence[WaitingJob], cpus: int, lanes: int) -> dict[str, float]:
        """Seconds until each job ends, claimed or not, by its id; nothing when there is no CPU."""
        within = self.shares()
        in_turn = sorted(jobs, key=lambda job: self._share.place(job.candidate, job.left_s))
        claimed = [
            job.course(self._flights.running_of(job.request.job_id), within.get(job.request.job_id, {}))
            for job in in_turn
        ]
        return forecast([*claimed, *courses(queue, self._costs)], cpus, lanes)
