"""`reelgrove workspace`: plans given by hand, and months counted again."""

from uuid import UUID

from webapp.billing.limits import current_usage, set_plan
from webapp.billing.months import rebuild_months
from webapp.commands.services import open_services
from webapp.db import unit_of_work
from webapp.errors import NotFoundError
from webapp.models import PlanName, Workspace


def give_plan(workspace_id: UUID, plan: str) -> int:
    """Put a workspace on a plan and say what it may do now. Returns the exit code."""
    with open_services() as container, unit_of_work(container.engine) as session:
        try:
            former = set_plan(session, workspace_id, PlanName(plan))
        except NotFoundError as error:
            print(error)
            return 1
        usage = current_usage(session, session.get_one(Workspace, workspace_id))
    print(
        f"{workspace_id}: {former} → {plan}; {usage.videos_used} of {usage.videos_a_month} videos this month, "
        f"{usage.storage_used / 1e9:.1f} of {usage.storage_bytes / 1e9:.0f} GB, videos of up to {usage.longest_s} s"
    )
    return 0


def recount_months() -> int:
    """Write every user's months anew from the ledger. Returns the exit code."""
    with open_services() as container, unit_of_work(container.engine) as session:
        count = rebuild_months(session)
    print(f"{count} months of users were counted again.")
    return 0
