"""Settings that templates share: length, face, theme, sound and format.

A template's model inherits groups. The fields of bases come first, those of the last base at the very front, so the
bases read backwards are the order of the public fields.
"""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from render_core.templates.caption_config import HEX_COLOR
from render_core.templates.settings import Settings, even, frame_rate, hint

_FPS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"enum": ["24", "25", "30", "50", "60", "30000/1001"], "type": "string"},
        {"enum": [24, 25, 30, 50, 60], "type": "number"},
    ]
}

FrameRate = Annotated[
    Fraction, BeforeValidator(frame_rate), PlainSerializer(str, return_type=str), WithJsonSchema(_FPS_SCHEMA)
]

Length = Annotated[
    float | None,
    Field(
        gt=0,
        le=1800,
        title="Length",
        description="Of the video; empty for the avatar's own. A shorter avatar stays on its last frame",
        json_schema_extra=hint("Timing", "number", "s"),
    ),
]
MusicVolume = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        title="Music",
        description="Against the voice; 0 for silence",
        json_schema_extra=hint("Sound", "slider"),
    ),
]
FadeOut = Annotated[
    float,
    Field(
        ge=0,
        le=5,
        title="Fade out",
        description="Of the sound, at the end",
        json_schema_extra=hint("Sound", "slider", "s"),
    ),
]

Side = Annotated[int, Field(ge=64, le=4096, json_schema_extra=hint("Format", "number", "px")), AfterValidator(even)]
Movement = Annotated[
    float,
    Field(
        ge=0,
        le=30,
        title="Movement",
        description="How far images move in and out",
        json_schema_extra=hint("Look", "slider", "%"),
    ),
]


class FaceSettings(Settings):
    """Which part of the speaker's picture is wanted."""

    face_offset_x: Annotated[
        float,
        Field(
            ge=-50,
            le=50,
            title="Face to the side",
            description="Shifts the picture in its frame",
            json_schema_extra=hint("Face", "slider", "%"),
        ),
    ] = 0.0
    face_offset_y: Annotated[
        float,
        Field(
            ge=-50,
            le=50,
            title="Face up or down",
            description="Shifts the picture in its frame",
            json_schema_extra=hint("Face", "slider", "%"),
        ),
    ] = 0.0
    face_scale: Annotated[
        float,
        Field(
            ge=1,
            le=3,
            title="Face size",
            description="Enlarges the picture in its frame",
            json_schema_extra=hint("Face", "slider"),
        ),
    ] = 1.0


class SoundSettings(Settings):
    """A voice with music under it."""

    music_volume: MusicVolume = 0.5
    voice_volume: Annotated[
        float,
        Field(
            ge=0,
            le=2,
            title="Voice",
            description="Against the music; 1 as it was recorded",
            json_schema_extra=hint("Sound", "slider"),
        ),
    ] = 1.0
    duck_music: Annotated[
        bool,
        Field(
            title="Duck the music",
            description="Lowers the music while somebody speaks",
            json_schema_extra=hint("Sound", "switch"),
        ),
    ] = True
    fade_out: FadeOut = 1.0


class FormatSettings(Settings):
    """Size and frame rate of the video; upright unless a template says otherwise."""

    fps: Annotated[
        FrameRate,
        Field(
            title="Frame rate",
            description="Pictures a second; 30000/1001 is 29.97",
            json_schema_extra=hint("Format", "select", "1/s"),
        ),
    ] = Fraction(30)
    width: Annotated[Side, Field(title="Width", description="Of the video; an even number")] = 1080
    height: Annotated[Side, Field(title="Height", description="Of the video; an even number")] = 1920


class ThemeSettings(Settings):
    """Colours and letters."""

    accent_color: Annotated[
        str,
        Field(
            pattern=HEX_COLOR,
            title="Accent",
            description="a colour such as #e11d48",
            json_schema_extra=hint("Theme", "color"),
        ),
    ] = "#e11d48"
    base_color: Annotated[
        str,
        Field(
            pattern=HEX_COLOR,
            title="Ground",
            description="a colour such as #0b1736",
            json_schema_extra=hint("Theme", "color"),
        ),
    ] = "#0b1736"
    text_color: Annotated[
        str,
        Field(
            pattern=HEX_COLOR,
            title="Text",
            description="a colour such as #ffffff",
            json_schema_extra=hint("Theme", "color"),
        ),
    ] = "#ffffff"
    font_family: Annotated[
        str,
        Field(
            max_length=60,
            title="Font",
            description="Of all texts; what it lacks comes from others",
            json_schema_extra=hint("Theme", "font"),
        ),
    ] = "Montserrat"


class TransitionSettings(Settings):
    """How one picture becomes the next."""

    transition: Annotated[
        Literal["crossfade", "slide", "wipe"],
        Field(
            title="Transition",
            description="How one picture becomes the next",
            json_schema_extra=hint("Transition", "select"),
        ),
    ] = "crossfade"
    transition_direction: Annotated[
        Literal["left", "right", "up", "down"],
        Field(
            title="Direction",
            description="Where a slide or a wipe goes",
            json_schema_extra=hint("Transition", "select"),
        ),
    ] = "left"
    transition_duration: Annotated[
        float,
        Field(
            ge=0,
            le=2,
            title="Duration",
            description="0 is a hard cut",
            json_schema_extra=hint("Transition", "slider", "s"),
        ),
    ] = 0.6


class LogoSettings(Settings):
    """Where a logo is and how large."""

    logo_corner: Annotated[
        Literal["top left", "top right", "bottom left", "bottom right"],
        Field(title="Corner", description="Where the logo stands", json_schema_extra=hint("Logo", "select")),
    ] = "top right"
    logo_size_percent: Annotated[
        float,
        Field(
            ge=2,
            le=40,
            title="Size",
            description="Its longer side, of the picture's shorter side",
            json_schema_extra=hint("Logo", "slider", "%"),
        ),
    ] = 12.0
    logo_opacity: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            title="Opacity",
            description="1 hides what lies behind the logo",
            json_schema_extra=hint("Logo", "slider"),
        ),
    ] = 1.0
