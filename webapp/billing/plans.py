"""The plans, as data."""

from dataclasses import dataclass

from webapp.models import PlanName

_GB = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a workspace may do.

    Attributes:
        videos_a_month: Renders that may be running or completed in a calendar month (UTC).
        longest_s: Longest video in seconds.
        storage_bytes: Uploads and finished videos together.
    """

    name: PlanName
    videos_a_month: int
    longest_s: int
    storage_bytes: int


PLANS = {
    plan.name: plan
    for plan in (
        Plan(name=PlanName.FREE, videos_a_month=5, longest_s=60, storage_bytes=1 * _GB),
        Plan(name=PlanName.PRO, videos_a_month=100, longest_s=300, storage_bytes=10 * _GB),
        Plan(name=PlanName.ENTERPRISE, videos_a_month=1000, longest_s=1800, storage_bytes=100 * _GB),
    )
}
