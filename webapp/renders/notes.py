"""What happens to videos beside their rendering, written down for those who watch."""

from datetime import timedelta

import structlog
from sqlalchemy import Engine, delete
from sqlmodel import Session, col

from webapp.db import unit_of_work
from webapp.models import NoteKind, UserVideo, VideoNote, utc_now

KEPT = timedelta(days=1)
_log = structlog.get_logger()


def write_note(session: Session, video: UserVideo, kind: NoteKind) -> None:
    """Note what has been done to a video, with the title that it has now."""
    note = VideoNote(
        video_id=video.id,
        workspace_id=video.workspace_id,
        user_id=video.user_id,
        kind=kind,
        video_title=video.video_title,
        video_description=video.video_description,
    )
    session.add(note)


def clear_notes(engine: Engine) -> None:
    """Remove notes that nobody will come back for any more."""
    with unit_of_work(engine) as session:
        gone = session.execute(
            delete(VideoNote).where(col(VideoNote.created_at) < utc_now() - KEPT).returning(col(VideoNote.id))
        ).all()
    if gone:
        _log.info("videos.notes_cleared", count=len(gone))
