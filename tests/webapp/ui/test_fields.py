"""The form that a template's schema describes."""

import math

import pytest

from render_core.errors import InvalidInputError
from render_core.templates import template_names, template_schema
from webapp.ui.fields import Field, defaults_of, fields_of, groups_of, nested, title_of

LIP_SYNC = "LipSyncTemplate"


@pytest.mark.parametrize("template", template_names())
def test_every_setting_with_a_known_widget_becomes_a_field(template: str):
    listed = {
        name
        for name, part in template_schema(template)["properties"].items()
        if part.get("type") not in {"array", None} or "anyOf" in part
    }
    assert listed <= set(fields_of(template))


@pytest.mark.parametrize("template", template_names())
def test_the_defaults_of_the_form_are_the_defaults_of_the_template(template: str):
    properties = template_schema(template)["properties"]
    for path, default in defaults_of(template).items():
        parent, _, name = path.rpartition(".")
        wanted = properties[parent]["default"][name] if parent else properties[name]["default"]
        assert default == wanted, path


def test_nested_settings_have_dotted_paths_in_their_own_group():
    assert fields_of(LIP_SYNC)["captionStyle.fontSize"].group == "Captions"
    assert fields_of(LIP_SYNC)["captionStyle.fontSize"].default == 48


def test_groups_keep_the_order_of_the_schema():
    assert list(groups_of(LIP_SYNC))[:2] == ["Text", "Timing"]


def test_a_colour_that_the_browsers_input_cannot_show_is_typed():
    assert fields_of(LIP_SYNC)["captionStyle.textColor"].widget == "color"
    assert fields_of(LIP_SYNC)["captionStyle.backgroundColor"].widget == "any-color"


def test_dotted_paths_become_nested_settings_and_unset_ones_disappear():
    values = {"mainText": "a", "captionStyle.fontSize": 20, "captionStyle.uppercase": True, "duration": None}
    assert nested(values) == {"mainText": "a", "captionStyle": {"fontSize": 20, "uppercase": True}}


@pytest.mark.parametrize(("typed", "read"), [("12", 12), ("1,5", 1.5), (" 0.25 ", 0.25), (7.0, 7), ("", None)])
def test_numbers_are_read_as_people_type_them(typed: str | float, read: float | None):
    assert fields_of(LIP_SYNC)["duration"].read(typed) == read


@pytest.mark.parametrize("typed", ["abc", "nan", "inf", "", "1e999", "1 2"])
def test_what_is_no_number_is_refused_by_name(typed: str):
    with pytest.raises(InvalidInputError, match=r"config.height.*must be a number"):
        fields_of(LIP_SYNC)["height"].read(typed)


def test_an_endless_text_is_cut_where_the_template_still_refuses_it():
    assert 10_000 < len(fields_of(LIP_SYNC)["mainText"].read("x" * 1_000_000)) < 100_000


def test_a_slider_has_some_steps_and_its_bounds_are_among_them():
    for field in fields_of(LIP_SYNC).values():
        if field.widget == "slider":
            steps = ((field.maximum or 0) - (field.minimum or 0)) / field.step
            assert steps >= 8, field.path
            assert math.isclose(steps, round(steps), abs_tol=1e-6), field.path


def test_people_read_titles_instead_of_paths():
    assert title_of("config.mainText") == "Headline"
    assert title_of("user_assets.backgroundVideos[2]") == "B-roll"
    assert title_of("somewhere.else") == "somewhere.else"


def test_ids_of_inputs_are_plain():
    field = Field(path="a.b", title="", description="", group="", widget="text", default="")
    assert field.element_id == "field-a-b"
