"""A preparation that the dispatcher carries out: one task, whatever the upload is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cluster.board.running import Outlook, RunningJob
from cluster.forecast import Course
from cluster.jobs import CellResult, JobProgress, JobState, PreparedAsset, PrepareRequest
from cluster.work import FaultKind, PrepareTask, Result, Task


@dataclass(slots=True, kw_only=True)
class RunningPreparation(RunningJob):
    """One claimed upload.

    Attributes:
        percent: The largest that was told.
    """

    request: PrepareRequest
    percent: int = 0
    too_long = "Preparing the file took too long and was stopped. Upload a shorter or smaller one."

    @property
    def is_between(self) -> bool:
        """Its one task takes a CPU like any other."""
        return False

    @property
    def megapixels(self) -> float:
        """Nothing is known of its pictures yet."""
        return 0.0

    @property
    def left_s(self) -> float:
        """CPU seconds that it is expected to need until it is done, work in flight included."""
        return self.costs.step_s("prepare", self.request.size_bytes / 1e6)

    def next_task(self, ready: Sequence[str], outlook: Outlook) -> PrepareTask:
        """All of it."""
        request = self.request
        labels = {"job": request.job_id, "asset": request.asset_id, "plan": request.plan}
        return PrepareTask(
            keys=(ready[0],),
            label=f"prepare:{request.job_id}",
            labels=labels,
            asset_type=request.asset_type,
            source=request.source,
            target=request.target,
        )

    def expected_s(self, task: Task) -> float:
        """CPU seconds that its task will need."""
        return self.left_s

    def learn(self, task: Task, result: Result) -> None:
        """Tell the model what it took."""
        if isinstance(result, PreparedAsset):
            self.costs.learn_step("prepare", self.request.size_bytes / 1e6, result.seconds)

    def take(self, result: Result) -> None:
        """The prepared asset."""
        if isinstance(result, PreparedAsset):
            self.product = result

    def take_cell(self, result: CellResult) -> None:
        """It has no parts."""

    def weigh(self) -> None:
        """Its cost is looked up when it is asked for."""

    def part(self, key: str) -> str:
        """What a user would call its work."""
        return "the file ready"

    def course(self, running: Sequence[Sequence[str]], shares: Mapping[str, float]) -> Course:
        """What is still to be done."""
        left_s = self.left_s * (1 - sum(shares.values()))
        running_s, waiting_s = ((left_s,), ()) if running else ((), (left_s,))
        return self._course(running=running_s, waiting=waiting_s)

    def progress(self, shares: Mapping[str, float], now: float) -> JobProgress:
        """Where it is."""
        self.percent = max(self.percent, min(99, int(100 * sum(shares.values()))))
        return JobProgress(
            job_id=self.request.job_id,
            video_id="",
            asset_id=self.request.asset_id,
            kind=self.request.kind,
            attempt=self.request.attempt,
            state=JobState.PROCESSING,
            percent=self.percent,
            cells_done=0,
            cells_total=1,
            cells_cached=0,
            eta_s=self.eta_s(now),
        )

    def _go_again(self, kind: FaultKind) -> None:
        """Nothing is lost but time."""

    def _wanted(self) -> tuple[str, ...]:
        return (f"prepare:{self.request.asset_id}",)
