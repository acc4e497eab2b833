"""A video taken back to the editor: what it was made from, as far as that is still there."""

from uuid import UUID

from sqlmodel import Session

from webapp.accounts.service import Actor
from webapp.assets.resolve import sort_out
from webapp.renders.service import found_video
from webapp.renders.views import RenderDraft, order_of
from webapp.templates.service import titles_of
from webapp.workspaces.policy import Action


def draft_of(session: Session, actor: Actor, video_id: UUID) -> RenderDraft:
    """The order of a video, to be edited and asked for anew, under its present title.

    Raises:
        NotFoundError: There is no such video for the actor.
        ConflictError: It was asked for in a form that is no longer known.
    """
    video, _job = found_video(session, actor, video_id, Action.READ_VIDEOS)
    order = order_of(video)
    usable, missing = sort_out(session, actor, order.user_assets)
    kept = {
        "user_assets": usable,
        "video_title": video.video_title,
        "workspace_id": video.workspace_id,
        "template_id": _readable(session, actor, video.template_id),
    }
    return RenderDraft(order=order.model_copy(update=kept), missing=missing)


def _readable(session: Session, actor: Actor, config_id: UUID | None) -> UUID | None:
    """The same, where the actor may still see what it names."""
    return config_id if config_id is not None and config_id in titles_of(session, actor, [config_id]) else None
