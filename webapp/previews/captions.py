"""The words of a text, with times: what the editor shows before anything is rendered."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlmodel import Session

from render_core.errors import InvalidInputError
from render_core.templates import asset_roles, template_schema
from render_core.templates.caption_config import CaptionSettings, CaptionWord
from render_core.templates.captions import caption_words
from render_core.templates.settings import parse_settings
from webapp.accounts.service import Actor
from webapp.assets.kinds import AssetType
from webapp.assets.resolve import ChosenAssets, resolve_assets
from webapp.plain import require_plain


class CaptionOrder(BaseModel):
    """A text to make words of, for a template and its inputs.

    Attributes:
        caption_text: SRT, WebVTT or plain text.
        duration: Of the video, in seconds; a plain text is spread over it where nobody speaks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)
