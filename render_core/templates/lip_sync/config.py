"""What can be set in LipSyncTemplate: names, ranges, and how an editor shows them."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from render_core.templates.caption_config import CaptionSettings
from render_core.templates.common_config import FaceSettings, FormatSettings, Length, SoundSettings
from render_core.templates.settings import Settings, hint, plain_text


class _Scene(Settings):
    """What is seen when, and where."""

    main_text: Annotated[
        str,
        Field(
            max_length=120,
            title="Headline",
            description="Shown in the upper third until the first b-roll",
            json_schema_extra=hint("Text", "textarea"),
        ),
        BeforeValidator(plain_text),
    ] = ""
    cover_duration: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            title="Cover",
            description="How long the cover is seen",
            json_schema_extra=hint("Timing", "slider", "s"),
        ),
    ] = 0.5
    segment_duration: Annotated[
        float,
        Field(
            ge=1,
            le=15,
            title="B-roll",
            description="How long each b-roll segment lasts",
            json_schema_extra=hint("Timing", "slider", "s"),
        ),
    ] = 4.0
    gap_duration: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            title="Gap",
            description="Time with the speaker alone between two segments",
            json_schema_extra=hint("Timing", "slider", "s"),
        ),
    ] = 1.5
    duration: Length = None
    circle_size_percent: Annotated[
        float,
        Field(
            ge=5,
            le=100,
            title="Size",
            description="Diameter of the badge, of the picture's height",
            json_schema_extra=hint("Badge", "slider", "%"),
        ),
    ] = 25.2
    circle_bottom_percent: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            title="Bottom",
            description="Distance from the bottom, of the picture's height",
            json_schema_extra=hint("Badge", "slider", "%"),
        ),
    ] = 15.0
    circle_left_px: Annotated[
        float,
        Field(
            ge=0,
            le=4096,
            title="Left",
            description="Distance from the left at a height of 1920",
            json_schema_extra=hint("Badge", "slider", "px"),
        ),
    ] = 40.0


class _Look(Settings):
    """The picture as a whole."""

    vignette_strength: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            title="Vignette",
            description="How dark the corners are",
            json_schema_extra=hint("Look", "slider"),
        ),
    ] = 0.7
    color_correction: Annotated[
        float,
        Field(
            ge=0.5,
            le=2,
            title="Brightness",
            description="Of the speaker and the b-roll",
            json_schema_extra=hint("Look", "slider"),
        ),
    ] = 1.2
    film_grain: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            title="Film grain",
            description="How strong the fine noise over the picture is",
            json_schema_extra=hint("Look", "slider"),
        ),
    ] = 0.3


class LipSyncConfig(FormatSettings, CaptionSettings, SoundSettings, _Look, FaceSettings, _Scene):
    """A talking head with b-roll: the speaker fills the screen and becomes a round badge while b-roll plays."""
