import math

import pytest

from render_core.errors import InvalidInputError
from render_core.templates.lip_sync.config import LipSyncConfig
from render_core.templates.settings import parse_settings, plain_text

WORD = {"text": "hi", "start": 0, "end": 100}


@pytest.mark.parametrize(
    ("config", "field", "says"),
    [
        ({"vignetteStrength": 1.5}, "config.vignetteStrength", "from 0 to 1"),
        ({"vignetteStrength": -0.1}, "config.vignetteStrength", "from 0 to 1"),
        ({"vignetteStrength": math.nan}, "config.vignetteStrength", "from 0 to 1"),
        ({"vignetteStrength": math.inf}, "config.vignetteStrength", "from 0 to 1"),
        ({"vignetteStrength": "much"}, "config.vignetteStrength", "a number from 0 to 1"),
        (
            {"captions": [{"text": "a", "start": -5, "end": 3}]},
            "config.captions[0].start",
            "a whole number from 0 to 86400000",
        ),
        ({"vignetteStrength": None}, "config.vignetteStrength", "from 0 to 1"),
        ({"segmentDuration": 0.5}, "config.segmentDuration", "from 1 to 15"),
        ({"circleLeftPx": -1}, "config.circleLeftPx", "from 0"),
        ({"duration": 0}, "config.duration", "greater than 0"),
        ({"duration": 1e9}, "config.duration", "at most 1800"),
        ({"mainText": "x" * 10_000}, "config.mainText", "10000 characters long; at most 120"),
        ({"mainText": 5}, "config.mainText", "a text"),
        ({"width": 1081}, "config.width", "even"),
        ({"width": 10**6}, "config.width", "from 64 to 4096"),
        ({"fps": 29}, "config.fps", "24, 25, 30, 50, 60 or 30000/1001"),
        ({"fps": "1/0"}, "config.fps", "30000/1001"),
        ({"fps": [30]}, "config.fps", "30000/1001"),
        ({"duckMusic": "perhaps"}, "config.duckMusic", "true or false"),
        ({"captions": "words"}, "config.captions", "a list"),
        ({"captions": [WORD, {"text": "x", "start": 0}]}, "config.captions[1].end", "is needed"),
        ({"captions": [{"text": " ", "start": 0, "end": 1}]}, "config.captions[0].text", "1 to 60 characters"),
        ({"captions": [{"text": "x", "start": 5, "end": 1}]}, "config.captions[0]", "before it starts"),
        ({"captionStyle": {"fontSize": 500}}, "config.captionStyle.fontSize", "from 12 to 120"),
        ({"captionStyle": {"textColor": "red"}}, "config.captionStyle.textColor", "#ffffff"),
        ({"captionStyle": {"animation": "spin"}}, "config.captionStyle.animation", "pop, fade, slide, bounce, none"),
        ({"captionStyle": {"size": 5}}, "config.captionStyle.size", "no such setting"),
        ({"vignette": 1}, "config.vignette", "no such setting"),
        ({"main_text": "python's name"}, "config.main_text", "no such setting"),
    ],
)
def test_a_wrong_setting_is_named_with_its_limit(config, field, says):
    with pytest.raises(InvalidInputError) as caught:
        parse_settings(LipSyncConfig, config)
    assert caught.value.field == field
    assert says in caught.value.problem


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  two   words ", "two words"),
        ("line\nbreak\ttab", "line break tab"),
        ("nul\x00 and bell\x07", "nul and bell"),
        (" \u00a0 ", ""),
        ("e\u0301", "é"),
        ("lone \ud800 half", "lone half"),
    ],
)
def test_text_is_tidied(given, kept):
    assert plain_text(given) == kept
    assert parse_settings(LipSyncConfig, {"mainText": given}).main_text == kept


@pytest.mark.parametrize("rate", [24, 25, 30, 50, 60, "30000/1001", "25", 30.0])
def test_the_usual_frame_rates_are_accepted_and_survive_json(rate):
    parsed = parse_settings(LipSyncConfig, {"fps": rate})
    again = parse_settings(LipSyncConfig, parsed.model_dump(mode="json", by_alias=True))
    assert again == parsed


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="frozen"):
        parse_settings(LipSyncConfig, {}).main_text = "other"
