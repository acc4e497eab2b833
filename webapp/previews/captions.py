"""The words of a text, with times: what the editor shows before anything is rendered."""

from uuid import UUID

from sqlmodel import Session

from render_core.errors import InvalidInputError
from render_core.text.pages import Word
from render_core.text.spread import CaptionTextError
from render_core.text.subtitles import timed_words
from webapp.accounts.service import Actor
from webapp.assets.resolve import resolve_assets


def spoken_words(
    session: Session, actor: Actor, text: str, speaker: UUID | None, length_ms: int | None = None
) -> tuple[Word, ...]:
    """The words of SRT, WebVTT or plain text; plain text is spread over what the speaker says.

    Args:
        session: Of the database.
        actor: Who asks.
        text: As it was pasted.
        speaker: The asset whose voice is heard.
        length_ms: Of the video, over which the text is spread where nobody speaks; the speaker's own unless given.

    Raises:
        InvalidInputError: The text is none of these, or there is nothing to spread it over.
        NotFoundError: The actor may not use the speaker.
    """
    files = resolve_assets(session, actor, {"speaker": speaker}).get("speaker", ())
    length = length_ms or sum(round(1000 * file.info.duration_s) for file in files)
    speech = files[0].info.speech if files else ()
    try:
        words = timed_words(text, speech or (((0, length),) if length else ()))
    except CaptionTextError as error:
        raise InvalidInputError("config.captionText", str(error)) from error
    if not words:
        problem = "has no words" if length else "can only be spread over a voice: choose an avatar first"
        raise InvalidInputError("config.captionText", problem)
    return words
