"""What all orders to the cluster have in common."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, BindParameter, Subquery, func, select
from sqlmodel import Field, col

from cluster.jobs import JobState
from webapp.models.base import Identified, words


class Job(Identified):
    """One order to the cluster. ``epoch`` is the lease it was last claimed under: older writers change nothing."""

    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    job_status: JobState = Field(default=JobState.QUEUED, sa_type=words(JobState))
    worker_id: str | None = Field(default=None, max_length=200)
    epoch: int = Field(default=0, sa_type=BigInteger)
    attempt: int = 0
    error_code: str | None = Field(default=None, max_length=50)
    error_message: str | None = Field(default=None, max_length=2000)
    started_at: datetime | None = None
    completed_at: datetime | None = None


def heads_of_queues(job: type[Job], limit: BindParameter[int]) -> Subquery:
    """Queued jobs with their ``place`` among those of their workspace, from 1 on; the first of each come first.

    Whoever takes a part of a long queue in this order sees something of everybody's.
    """
    oldest_first = (col(job.created_at), col(job.id))
    place = func.row_number().over(partition_by=col(job.workspace_id), order_by=oldest_first).label("place")
    queued = select(col(job.id), place).where(col(job.job_status) == JobState.QUEUED)
    return queued.order_by(place, col(job.created_at)).limit(limit).subquery()
