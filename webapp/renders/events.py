"""What webhooks hear of renders."""

from sqlmodel import Session

from webapp.models import RenderJob, RenderStatus, UserVideo
from webapp.renders.views import VideoView
from webapp.webhooks.messages import EventType, record

_ENDS = {
    RenderStatus.COMPLETED: EventType.RENDER_COMPLETED,
    RenderStatus.FAILED: EventType.RENDER_FAILED,
    RenderStatus.CANCELLED: EventType.RENDER_CANCELLED,
}


def record_end(session: Session, video: UserVideo, job: RenderJob) -> None:
    """Note how a render has ended, as its status would be answered at this moment."""
    payload = VideoView.of(video, job).model_dump(mode="json", by_alias=True)
    record(session, video.workspace_id, _ENDS[video.render_status], payload)
