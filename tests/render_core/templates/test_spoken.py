from fractions import Fraction

import pytest

from render_core.errors import InvalidInputError
from render_core.templates import build, make_spec
from render_core.templates.lip_sync.config import LipSyncConfig
from render_core.templates.spoken import spoken_frames, spoken_sound
from tests.scenes import invented_asset

THIRTY = Fraction(30)


@pytest.mark.parametrize(
    ("frames", "fps", "duration", "expected"),
    [(900, 30, None, 900), (750, 25, None, 900), (900, 30, 2.5, 75), (30, 30, 10.0, 300), (1, 60, None, 1)],
)
def test_the_video_is_as_long_as_the_speaker_or_as_asked(frames, fps, duration, expected):
    speaker = invented_asset("speaker", frames=frames, fps=Fraction(fps))
    assert spoken_frames(duration, THIRTY, speaker, "avatarVideo") == expected


def test_a_speaker_who_speaks_too_long_is_refused_unless_the_length_is_set():
    hours = invented_asset("hours", frames=60_000)
    with pytest.raises(InvalidInputError, match=r"user_assets.avatarVideo: is longer than 1800 s; set config.duration"):
        spoken_frames(None, THIRTY, hours, "avatarVideo")
    assert spoken_frames(60.0, THIRTY, hours, "avatarVideo") == 1800


def test_the_sound_is_what_was_set():
    voice, music = invented_asset("voice"), invented_asset("music", "audio")
    settings = LipSyncConfig(music_volume=0.2, voice_volume=1.5, duck_music=False, fade_out=2.0)
    sound = spoken_sound(settings, (45, THIRTY), voice, music)
    assert (sound.voice, sound.music, sound.duration_s) == (voice, music, Fraction(3, 2))
    assert (sound.voice_volume, sound.music_volume, sound.duck, sound.fade_out_s) == (1.5, 0.2, False, 2)


@pytest.mark.parametrize(
    ("template", "role", "expected"),
    [("NewsTemplate", "presenterVideo", 210), ("SplitTalkingHead", "avatarVideo", 60), ("PromoTemplate", None, 45)],
)
def test_the_poster_shows_the_first_picture_with_its_words(template, role, expected):
    clips = {"backgroundVideos": (invented_asset("clip 1"), invented_asset("clip 2"))}
    speaker = {role: (invented_asset("speaker", frames=600),)} if role else {}
    composition = build(
        make_spec(
            template,
            clips | speaker,
            {"items": 2 * [{"headline": "One", "duration": 6}]} if template == "NewsTemplate" else {},
        )
    )
    assert composition.poster_frame == expected
