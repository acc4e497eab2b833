"""What of one template's draft fits another."""

import pytest

from webapp.ui.carry import carried_values, source_of
from webapp.ui.fields import defaults_of
from webapp.ui.slots import slot_of

LIP_SYNC, NEWS = "LipSyncTemplate", "NewsTemplate"


def test_changed_settings_of_the_same_name_and_kind_come_along():
    values = defaults_of(LIP_SYNC) | {"musicVolume": 0.2, "circleLeftPx": 99}
    carried = carried_values(values, LIP_SYNC, NEWS)
    assert carried == defaults_of(NEWS) | {"musicVolume": 0.2}


def test_what_is_still_at_its_default_takes_the_new_templates_default():
    assert (defaults_of(LIP_SYNC)["width"], carried_values(defaults_of(LIP_SYNC), LIP_SYNC, NEWS)["width"]) == (
        1080,
        1920,
    )


@pytest.mark.parametrize(("text", "carried"), [("Short", "Short"), ("x" * 120, "Daily Brief")])
def test_a_text_that_is_too_long_for_the_other_template_stays_behind(text: str, carried: str):
    values = defaults_of(LIP_SYNC) | {"mainText": text}
    assert carried_values(values, LIP_SYNC, NEWS)["mainText"] == carried


def test_files_go_to_the_same_role_and_to_what_is_needed_but_a_cover_is_no_logo():
    chosen = {"lipSyncVideo": ["a"], "coverImage": ["c"], "backgroundVideos": ["x", "y"], "backgroundMusic": []}

    def source(role: str) -> list[str] | None:
        return source_of(slot_of(NEWS, role), chosen, LIP_SYNC)

    assert source("presenterVideo") == ["a"]
    assert source("backgroundVideos") == ["x", "y"]
    assert source("backgroundMusic") == []
    assert source("logo") is None
    assert source("studioBackground") is None
