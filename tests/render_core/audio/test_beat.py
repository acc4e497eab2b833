import numpy as np
import pytest

from render_core.audio.beat import beat_of
from render_core.audio.samples import SAMPLE_RATE
from render_core.spec import Beat
from tests.factories import noise, sound_of, tone
from tests.sounds import drummed


def steady(per_minute: float, first: float, seconds: float) -> np.ndarray:
    return np.arange(first, seconds - 0.1, 60 / per_minute)


def error_s(beat: Beat | None, moments: np.ndarray) -> float:
    """How far the grid is from the moments at most; it must have one beat for each of them."""
    assert beat is not None
    numbers = np.round((moments - float(beat.first_s)) / float(beat.period_s))
    assert set(np.diff(numbers)) == {1.0}
    return float(np.abs(float(beat.first_s) + numbers * float(beat.period_s) - moments).max())


@pytest.mark.parametrize("kind", ["click", "drum"])
@pytest.mark.parametrize("per_minute", [60, 72.3, 90, 101.7, 120, 128, 150, 174, 180])
def test_the_grid_lies_on_the_beats(per_minute, kind):
    moments = steady(per_minute, 0.25, 30)
    beat = beat_of([drummed(moments, 30, kind)])
    assert error_s(beat, moments) < 0.01
    assert 0 <= beat.first_s < beat.period_s


def test_it_does_not_drift_over_many_minutes():
    moments = steady(123.4, 0.2, 300)
    assert error_s(beat_of([drummed(moments, 300)]), moments) < 0.01


def test_a_beat_at_the_very_start_is_the_first():
    beat = beat_of([drummed(steady(100, 0, 20), 20)])
    assert beat.first_s < 0.01


def test_music_may_begin_with_silence_and_have_offbeats():
    moments = steady(110, 6.1, 30)
    beat = beat_of([drummed(moments, 30, "drum") + 0.1 * drummed(moments + 0.2727, 30)])
    assert error_s(beat, moments) < 0.01


def test_beats_are_found_under_chords():
    moments = steady(96, 0.4, 20)
    chords = tone(220, 20, 0.1) + tone(330, 20, 0.1)
    assert error_s(beat_of([drummed(moments, 20, "drum") + chords]), moments) < 0.02


NO_BEAT = {
    "silence": np.zeros((SAMPLE_RATE * 10, 2), np.float32),
    "noise": noise(10),
    "a tone": tone(300, 10),
    "irregular clicks": drummed(np.cumsum(np.random.default_rng(5).uniform(0.2, 1, 30)), 30),
    "a tempo that changes": drummed(np.cumsum(60 / np.linspace(100, 110, 50)), 30),
    "two tempi": np.concatenate([drummed(steady(bpm, 0.2, 12), 12) for bpm in (100, 128)]),
    "three seconds": drummed(steady(120, 0.2, 3), 3),
    "a tenth of a second": drummed([0.05], 0.1),
    "nothing": np.zeros((0, 2), np.float32),
}


@pytest.mark.parametrize("sound", NO_BEAT.values(), ids=NO_BEAT)
def test_without_a_clear_and_steady_beat_there_is_none(sound):
    assert beat_of([sound]) is None


def test_speech_has_no_beat(request):
    assert beat_of([sound_of(request.config.rootpath / "demo" / "avatar.mp4")]) is None


def test_the_beat_of_the_demo_music_is_the_one_it_was_made_with(request):
    beat = beat_of([sound_of(request.config.rootpath / "demo" / "music.mp3")])
    assert error_s(beat, np.arange(32) * 0.75) < 0.02


def test_real_music_and_speech_are_told_apart(shared_media):
    assert float(beat_of([sound_of(shared_media / "music.mp3")]).period_s) == pytest.approx(0.5, abs=0.0005)
    assert beat_of([sound_of(shared_media / "avatar.mp4")]) is None


def test_a_beat_survives_json():
    beat = beat_of([drummed(steady(101.7, 0.25, 12), 12)])
    assert Beat.model_validate_json(beat.model_dump_json()) == beat
