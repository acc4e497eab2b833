"""What templates share in which somebody speaks: the clip of the speaker gives the length and the voice."""

from fractions import Fraction

from render_core.audio.mix import Sound
from render_core.errors import InvalidInputError
from render_core.geometry import Focus
from render_core.layers.video import clip_seconds
from render_core.spec import AssetRef
from render_core.templates.common_config import FaceSettings, SoundSettings
from render_core.timing import exact, nearest_frames, seconds_at

LONGEST_S = 1800


def spoken_frames(duration: float | None, fps: Fraction, speaker: AssetRef, role: str) -> int:
    """How many frames the video has: those of ``duration``, else those of the speaker's picture; at least one.

    Raises:
        InvalidInputError: If the clip in ``role`` is longer than a video may be.
    """
    seconds = clip_seconds(speaker.info) if duration is None else exact(duration)
    if seconds > LONGEST_S:
        raise InvalidInputError(f"user_assets.{role}", f"is longer than {LONGEST_S} s; set config.duration")
    return max(1, nearest_frames(seconds, fps))


def spoken_sound(
    settings: SoundSettings, length: tuple[int, Fraction], voice: AssetRef, music: AssetRef | None
) -> Sound:
    """The voice with music under it; ``length`` is the number of frames and their rate."""
    return Sound(
        duration_s=seconds_at(*length),
        voice=voice,
        voice_volume=settings.voice_volume,
        music=music,
        music_volume=settings.music_volume,
        duck=settings.duck_music,
        fade_out_s=settings.fade_out,
    )


def face_of(settings: FaceSettings) -> Focus:
    """Which part of the speaker's picture is wanted."""
    return Focus(x=settings.face_offset_x / 100, y=settings.face_offset_y / 100, scale=settings.face_scale)
