"""Tables, one file an aggregate."""

from webapp.models.assets import AssetStatus, AssetType, PreparationJob, VideoAsset
from webapp.models.base import metadata, utc_now
from webapp.models.billing import Subscription, UsageEntry, UsageState, UserUsage, WebhookEvent
from webapp.models.jobs import Job, heads_of_queues
from webapp.models.templates import VideoTemplate
from webapp.models.users import ApiKey, User, UserSession
from webapp.models.videos import IdempotencyKey, Lease, RenderJob, RenderStatus, UserVideo
from webapp.models.workspaces import PlanName, Role, Room, Task, Workspace, WorkspaceMember

__all__ = [
    "ApiKey",
    "AssetStatus",
    "AssetType",
    "IdempotencyKey",
    "Job",
    "Lease",
    "PlanName",
    "PreparationJob",
    "RenderJob",
    "RenderStatus",
    "Role",
    "Room",
    "Subscription",
    "Task",
    "UsageEntry",
    "UsageState",
    "User",
    "UserSession",
    "UserUsage",
    "UserVideo",
    "VideoAsset",
    "VideoTemplate",
    "WebhookEvent",
    "Workspace",
    "WorkspaceMember",
    "heads_of_queues",
    "metadata",
    "utc_now",
]
