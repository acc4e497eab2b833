"""Templates over REST."""

from fastapi import APIRouter
from pydantic import BaseModel

from render_core.templates.caption_config import CaptionWord
from webapp.api.edge import Asking
from webapp.previews.captions import CaptionOrder, ordered_words
from webapp.templates.service import SaveConfig, SavedConfigView, TemplateView, list_templates, save_config

router = APIRouter(prefix="/api/templates", tags=["templates"])


class TemplateList(BaseModel):
    """All templates."""

    templates: tuple[TemplateView, ...]


@router.get("")
def templates(caller: Asking) -> TemplateList:
    """The templates with the schemas of their settings."""
    caller.actor()
    return TemplateList(templates=list_templates())


class CaptionWords(BaseModel):
    """The words of captions, with times in milliseconds."""

    words: tuple[CaptionWord, ...]


@router.post("/caption-words")
def make_caption_words(caller: Asking, order: CaptionOrder) -> CaptionWords:
    """Words of SRT, WebVTT or plain text; plain text is spread over what the template's speaker says."""
    with caller.transaction() as (session, actor):
        return CaptionWords(words=ordered_words(session, actor, order))


@router.post("/save-config", status_code=201)
def save(caller: Asking, order: SaveConfig) -> SavedConfigView:
    """Keep settings under a title."""
    with caller.transaction() as (session, actor):
        return save_config(session, actor, order)
