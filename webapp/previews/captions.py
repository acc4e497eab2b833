"""The words of a text, with times: what the editor shows before anything is rendered."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from render_core.errors import InvalidInputError
from render_core.spec import AssetRef
from render_core.templates import asset_roles, template_schema
from render_core.templates.caption_config import CaptionSettings, CaptionWord
from render_core.templates.captions import caption_words
from render_core.templates.settings import parse_settings
from webapp.accounts.service import Actor
from webapp.assets.resolve import ChosenAssets, resolve_assets
from webapp.models import AssetType
from webapp.plain import require_plain


class CaptionOrder(BaseModel):
    """A text to make words of, as the renderer would with this template and these inputs.

    Attributes:
        user_assets: As in a render; the avatar is who speaks.
        caption_text: SRT, WebVTT or plain text.
        duration: Of the video in seconds, over which a plain text is spread where nobody speaks; by default the
            avatar's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    template_name: Annotated[str, Field(max_length=100)]
    user_assets: dict[str, ChosenAssets] = {}
    caption_text: Annotated[str, Field(alias="captionText")]
    duration: Annotated[float | None, Field(gt=0, le=1800)] = None


def ordered_words(session: Session, actor: Actor, order: CaptionOrder) -> tuple[CaptionWord, ...]:
    """The words that a template's captions would have.

    Raises:
        InvalidInputError: The template has no captions, or as ``spoken_words``.
        NotFoundError: The actor may not use the avatar.
    """
    if "captionText" not in template_schema(order.template_name)["properties"]:
        raise InvalidInputError("template_name", f"{order.template_name} has no captions; choose another template")
    avatars = {role.name for role in asset_roles(order.template_name) if role.asset_type == AssetType.AVATAR}
    chosen = {name: ids for name, ids in order.user_assets.items() if name in avatars}
    speakers = next(iter(resolve_assets(session, actor, chosen).values()), ())
    length_ms = None if order.duration is None else round(1000 * order.duration)
    return _words(order.caption_text, speakers, length_ms, field="captionText")


def spoken_words(
    session: Session, actor: Actor, text: str, speaker: UUID | None, length_ms: int | None = None
) -> tuple[CaptionWord, ...]:
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
    speakers = resolve_assets(session, actor, {"speaker": speaker}).get("speaker", ())
    return _words(text, speakers, length_ms, field="config.captionText")


def _words(text: str, speakers: tuple[AssetRef, ...], length_ms: int | None, *, field: str) -> tuple[CaptionWord, ...]:
    require_plain(text, field)
    length = length_ms or sum(round(1000 * speaker.info.duration_s) for speaker in speakers)
    speech = speakers[0].info.speech if speakers else ()
    try:
        words = caption_words(parse_settings(CaptionSettings, {"captionText": text}), speech, length)
    except InvalidInputError as error:
        raise InvalidInputError(field, error.problem) from None
    if not words:
        raise InvalidInputError(field, "has no words; write what is said")
    if words[-1].end == 0:
        raise InvalidInputError(field, "can only be spread over a voice; choose an avatar first")
    return words
