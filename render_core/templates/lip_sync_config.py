"""What can be set in LipSyncTemplate: names, ranges, and how an editor shows them."""

from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from render_core.templates.caption_config import CaptionSettings
from render_core.templates.settings import Settings, even, frame_rate, hint, plain_text

_FPS_SCHEMA: dict[str, Any] = {"enum": ["24", "25", "30", "50", "60", "30000/1001"], "type": "string"}

FrameRate = Annotated[
    Fraction, BeforeValidator(frame_rate), PlainSerializer(str, return_type=str), WithJsonSchema(_FPS_SCHEMA)
]


class _Scene(Settings):
    """What is seen and heard. Bases come first, and from the last to the first, in the order of the public fields."""

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
    duration: Annotated[
        float | None,
        Field(
            gt=0,
            le=1800,
            title="Length",
            description="Of the video; empty for the avatar's own. A shorter avatar stays on its last frame",
            json_schema_extra=hint("Timing", "number", "s"),
        ),
    ] = None
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
    face_offset_x: Annotated[
        float,
        Field(
            ge=-50,
            le=50,
            title="Face to the side",
            description="Shifts the picture in the badge",
            json_schema_extra=hint("Face", "slider", "%"),
        ),
    ] = 0.0
    face_offset_y: Annotated[
        float,
        Field(
            ge=-50,
            le=50,
            title="Face up or down",
            description="Shifts the picture in the badge",
            json_schema_extra=hint("Face", "slider", "%"),
        ),
    ] = 0.0
    face_scale: Annotated[
        float,
        Field(
            ge=1,
            le=3,
            title="Face size",
            description="Enlarges the picture in the badge",
            json_schema_extra=hint("Face", "slider"),
        ),
    ] = 1.0
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
        Field(ge=0, le=1, title="Film grain", json_schema_extra=hint("Look", "slider")),
    ] = 0.3
    music_volume: Annotated[float, Field(ge=0, le=1, title="Music", json_schema_extra=hint("Sound", "slider"))] = 0.5
    voice_volume: Annotated[float, Field(ge=0, le=2, title="Voice", json_schema_extra=hint("Sound", "slider"))] = 1.0
    duck_music: Annotated[
        bool,
        Field(
            title="Duck the music",
            description="Lowers the music while somebody speaks",
            json_schema_extra=hint("Sound", "switch"),
        ),
    ] = True
    fade_out: Annotated[
        float,
        Field(
            ge=0,
            le=5,
            title="Fade out",
            description="Of the sound, at the end",
            json_schema_extra=hint("Sound", "slider", "s"),
        ),
    ] = 1.0


class LipSyncConfig(CaptionSettings, _Scene):
    """A talking head with b-roll: the speaker fills the screen and becomes a round badge while b-roll plays."""

    fps: Annotated[FrameRate, Field(title="Frame rate", json_schema_extra=hint("Format", "select", "1/s"))] = Fraction(
        30
    )
    width: Annotated[
        int,
        Field(ge=64, le=4096, title="Width", json_schema_extra=hint("Format", "number", "px")),
        AfterValidator(even),
    ] = 1080
    height: Annotated[
        int,
        Field(ge=64, le=4096, title="Height", json_schema_extra=hint("Format", "number", "px")),
        AfterValidator(even),
    ] = 1920
