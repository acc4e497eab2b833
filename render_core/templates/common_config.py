"""Settings that templates share: length, face, theme, sound and format.

A template's model inherits groups. The fields of bases come first, those of the last base at the very front, so the
bases read backwards are the order of the public fields.
"""

from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from render_core.templates.settings import Settings, even, frame_rate, hint

_FPS_SCHEMA: dict[str, Any] = {"enum": ["24", "25", "30", "50", "60", "30000/1001"], "type": "string"}

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
MusicVolume = Annotated[float, Field(ge=0, le=1, title="Music", json_schema_extra=hint("Sound", "slider"))]
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
    voice_volume: Annotated[float, Field(ge=0, le=2, title="Voice", json_schema_extra=hint("Sound", "slider"))] = 1.0
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
