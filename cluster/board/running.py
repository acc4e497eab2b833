"""A job that the dispatcher carries out, whatever it is for: what it wants next, and how it ended."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from cluster.cost import CostModel
from cluster.fair import Candidate, weight_of
from cluster.forecast import Course
from cluster.jobs import CellResult, JobFailure, JobProgress, JobRequest, Product
from cluster.policies import Decision, GiveUp
from cluster.work import FaultKind, Result, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a job should know to choose its next task.

    Attributes:
        cpus: There are now.
        others_s: CPU seconds of other jobs' work.
        alone: Keys of work that goes without company.
    """

    cpus: int
    others_s: float
    alone: Collection[str]


@dataclass(slots=True, kw_only=True)
class RunningJob(ABC):
    """One claimed job.

    Attributes:
        costs: What work takes.
        since: When it was taken up, on the dispatcher's clock, as all times here.
        product: What it ended with, if well.
        ends_at: When it is expected to end.
        too_long: What its user is told when it is beyond its deadline.
    """

    request: JobRequest
    costs: CostModel
    since: float = 0.0
    deadline: float = float("inf")
    product: Product | None = None
    failure: JobFailure | None = None
    ends_at: float | None = None
    candidate: Candidate = field(init=False)
    too_long: ClassVar[str]

    def __post_init__(self) -> None:
        request = self.request
        self.candidate = Candidate(
            job_id=request.job_id, workspace_id=request.workspace_id, plan=request.plan, kind=request.kind
        )

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.product is None and self.failure is None

    def wanted(self) -> tuple[str, ...]:
        """Keys of the work that would bring it on now, in order."""
        return self._wanted() if self.is_open else ()

    def take_fault(self, kind: FaultKind, decision: Decision) -> None:
        """Work that it wants has failed."""
        if isinstance(decision, GiveUp):
            self.failure = decision.failure
        else:
            self._go_again(kind)

    @property
    @abstractmethod
    def is_between(self) -> bool:
        """Whether its next step is one short task between its phases, with nothing to share."""

    @property
    @abstractmethod
    def megapixels(self) -> float:
        """Of a frame, 0 where that is not known: what the memory of rendering it depends on."""

    @property
    @abstractmethod
    def left_s(self) -> float:
        """CPU seconds that it is expected to need until it is done, work in flight included."""

    @abstractmethod
    def next_task(self, ready: Sequence[str], outlook: Outlook) -> Task:
        """The task to start now. ``ready``: those of the wanted keys that nobody is at; not empty."""

    @abstractmethod
    def expected_s(self, task: Task) -> float:
        """CPU seconds that a task of its own will need."""

    @abstractmethod
    def learn(self, task: Task, result: Result) -> None:
        """Tell the model what a task of its own took."""

    @abstractmethod
    def take(self, result: Result) -> None:
        """One of its own tasks has ended with what only this job needs."""

    @abstractmethod
    def take_cell(self, result: CellResult) -> None:
        """An object that it wants is in the store, whoever made it."""

    @abstractmethod
    def weigh(self) -> None:
        """Look again at what its work will cost, for the model has learnt."""

    @abstractmethod
    def part(self, key: str) -> str:
        """What a user would call the work under ``key``."""

    @abstractmethod
    def course(self, running: Sequence[Sequence[str]], shares: Mapping[str, float]) -> Course:
        """What is still to be done.

        Args:
            running: Keys of each of its tasks that has a CPU.
            shares: How much is done of keys that somebody is at.
        """

    @abstractmethod
    def progress(self, shares: Mapping[str, float], now: float) -> JobProgress:
        """Where it is. ``shares``: how much is done of the unfinished keys that somebody is at."""

    def _course(
        self,
        *,
        before_s: float = 0.0,
        running: Sequence[float] = (),
        waiting: Sequence[float] = (),
        after_s: float = 0.0,
    ) -> Course:
        return Course(
            job_id=self.request.job_id,
            group=self.candidate.group,
            weight=weight_of(self.request.plan, self.request.kind),
            before_s=before_s,
            running=running,
            waiting=waiting,
            after_s=after_s,
        )

    def eta_s(self, now: float) -> float | None:
        """Seconds until its expected end."""
        return None if self.ends_at is None else max(0.0, self.ends_at - now)

    @abstractmethod
    def _go_again(self, kind: FaultKind) -> None:
        """What has failed will be done again."""

    @abstractmethod
    def _wanted(self) -> tuple[str, ...]:
        """See ``wanted``; of an open job."""
