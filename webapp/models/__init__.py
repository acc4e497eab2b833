"""Tables, one file an aggregate."""

from webapp.models.assets import AssetStatus, AssetType, PreparationJob, VideoAsset
from webapp.models.base import metadata, utc_now
from webapp.models.billing import Subscription, UsageEntry, UsageState, UserUsage, WebhookEvent
from webapp.models.drafts import TabDraft
from webapp.models.jobs import Job, heads_of_queues
from webapp.models.templates import VideoTemplate, VideoTemplateVersion
from webapp.models.users import ApiKey, LoginAttempt, Scope, SpentProof, User, UserSession
from webapp.models.videos import (
    IdempotencyKey,
    Lease,
    NoteKind,
    RenderJob,
    RenderStatus,
    UserVideo,
    VideoNote,
    VideoShare,
)
from webapp.models.webhooks import (
    DeliveryState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from webapp.models.workspaces import PlanName, Role, Room, Task, Workspace, WorkspaceInvite, WorkspaceMember

__all__ = [
    "ApiKey",
    "AssetStatus",
    "AssetType",
    "DeliveryState",
    "IdempotencyKey",
    "Job",
    "Lease",
    "LoginAttempt",
    "NoteKind",
    "PlanName",
    "PreparationJob",
    "RenderJob",
    "RenderStatus",
    "Role",
    "Room",
    "Scope",
    "SpentProof",
    "Subscription",
    "TabDraft",
    "Task",
    "UsageEntry",
    "UsageState",
    "User",
    "UserSession",
    "UserUsage",
    "UserVideo",
    "VideoAsset",
    "VideoNote",
    "VideoShare",
    "VideoTemplate",
    "VideoTemplateVersion",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "WebhookMessage",
    "Workspace",
    "WorkspaceInvite",
    "WorkspaceMember",
    "heads_of_queues",
    "metadata",
    "utc_now",
]
