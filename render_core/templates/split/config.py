"""What can be set in SplitTalkingHead: names, ranges, and how an editor shows them."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from render_core.templates.caption_config import HEX_COLOR, CaptionSettings, CaptionStyle
from render_core.templates.common_config import (
    FaceSettings,
    FormatSettings,
    Length,
    Movement,
    SoundSettings,
    TransitionSettings,
)
from render_core.templates.settings import Settings, hint, plain_text


class _Scene(Settings):
    """What is seen when, and where."""

    main_text: Annotated[
        str,
        Field(
            max_length=120,
            title="Headline",
            description="Stands at the top, over the b-roll",
            json_schema_extra=hint("Text", "textarea"),
        ),
        BeforeValidator(plain_text),
    ] = "Your story, in seconds"
    headline_font: Annotated[
        str, Field(max_length=60, title="Font", description="Of the headline", json_schema_extra=hint("Text", "font"))
    ] = "Montserrat"
    segment_duration: Annotated[
        float,
        Field(
            ge=1,
            le=15,
            title="B-roll",
            description="How long each clip or image is seen; they come again when all were seen",
            json_schema_extra=hint("Timing", "slider", "s"),
        ),
    ] = 4.0
    duration: Length = None
    split_percent: Annotated[
        float,
        Field(
            ge=30,
            le=70,
            title="Share of the b-roll",
            description="Of the picture's height; of its width where it is wider than high",
            json_schema_extra=hint("Look", "slider", "%"),
        ),
    ] = 50.0
    seam_width: Annotated[
        float,
        Field(
            ge=0,
            le=60,
            title="Seam",
            description="Width of the line between the two pictures, at a shorter side of 1080",
            json_schema_extra=hint("Look", "slider", "px"),
        ),
    ] = 10.0
    seam_color: Annotated[
        str,
        Field(
            pattern=HEX_COLOR,
            title="Colour of the seam",
            description="a colour such as #f59e0b",
            json_schema_extra=hint("Look", "color"),
        ),
    ] = "#f59e0b"
    movement: Movement = 12.0


class _SeamCaptions(CaptionSettings):
    """Captions are larger here and have a place of their own."""

    caption_style: Annotated[CaptionStyle, Field(title="Style", json_schema_extra=hint("Captions", "group"))] = (
        CaptionStyle(font_size=62)
    )

    captions_on_seam: Annotated[
        bool,
        Field(
            title="On the seam",
            description="Where one picture is above the other; else as high above the bottom as their style says",
            json_schema_extra=hint("Captions", "switch"),
        ),
    ] = True


class SplitConfig(FormatSettings, _SeamCaptions, SoundSettings, FaceSettings, TransitionSettings, _Scene):
    """A talking head below and b-roll above it, with captions on the seam."""
