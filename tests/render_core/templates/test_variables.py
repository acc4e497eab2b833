from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.errors import InvalidInputError
from render_core.spec import RenderSpec
from render_core.templates import make_spec, variables_in
from render_core.templates.variables import MOST_CHARACTERS, fill
from tests.scenes import invented_asset

AVATAR = {"lipSyncVideo": (invented_asset("avatar"),)}
WORD = {"start": 0, "end": 100}


def spec_with(text: str, **variables: str) -> RenderSpec:
    return make_spec("LipSyncTemplate", AVATAR, {"mainText": text}, variables=variables)


@pytest.mark.parametrize(
    ("text", "variables", "filled"),
    [
        ("Hello {{name}}!", {"name": "Anna"}, "Hello Anna!"),
        ("{{ name }} and {{name}}", {"name": "Anna"}, "Anna and Anna"),
        ("{{a}}{{b}}", {"a": "1", "b": "2", "unused": "3"}, "12"),
        (
            "{{имя}} {{नाम}} {{名前}} {{1}} {{_x}}",
            {"имя": "а", "नाम": "b", "名前": "c", "1": "d", "_x": "e"},
            "а b c d e",
        ),
        ("{{cafe\u0301}}", {"caf\u00e9": "open"}, "open"),
        ("{{name}}", {"name": "{{other}} \\{{x}} \\1"}, "{{other}} \\{{x}} \\1"),
        ("{{name}}", {"name": ""}, ""),
        (r"\{{name}} is {{name}}", {"name": "A"}, "{{name}} is A"),
        ("{one} }} { {two} }", {}, "{one} }} { {two} }"),
    ],
)
def test_variables_become_their_values_as_they_are(text, variables, filled):
    assert fill({"mainText": text}, variables) == {"mainText": filled}


def test_every_text_is_filled_however_deep_and_nothing_else_changes():
    config = {"captions": [{"text": "{{a}}", "start": 1}], "captionStyle": {"textColor": "{{color}}"}, "fps": 30}
    assert fill(config, {"a": "one", "color": "#ff0000"}) == {
        "captions": [{"text": "one", "start": 1}],
        "captionStyle": {"textColor": "#ff0000"},
        "fps": 30,
    }
    assert variables_in(config) == ("a", "color")


def test_variables_are_named_once_in_order_and_escaped_or_broken_ones_are_not():
    assert variables_in({"a": r"{{x}} {{ y }} {{x}} \{{z}} {{no name}} {{", "b": ["{{w}}"]}) == ("x", "y", "w")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{name}}", "“name” has no value"),
        ("{{Name}} {{other}}", "“Name” has no value"),
        ("{{first name}}", "“{{first name}}” is no variable"),
        ("{{first-name}}", "is no variable"),
        ("{{}}", "is no variable"),
        ("{{{name}}}", "is no variable"),
        ("{{name", "“{{” is no variable"),
    ],
)
def test_what_cannot_be_filled_is_an_error_with_the_field_and_the_variable(text, says):
    with pytest.raises(InvalidInputError) as caught:
        fill({"captions": [{"text": "fine"}, {"text": text}]}, {"NAME": "x"})
    assert caught.value.field == "config.captions[1].text"
    assert says in caught.value.problem


def test_the_spec_holds_the_filled_text():
    assert spec_with("Hello {{name}}", name="Anna").config["mainText"] == "Hello Anna"
    assert spec_with(r"\{{name}}").config["mainText"] == "{{name}}"


def test_limits_hold_for_what_is_filled_in():
    assert spec_with("{{a_very_long_name_for_a_short_value}}" * 4, a_very_long_name_for_a_short_value="x")
    with pytest.raises(InvalidInputError, match=r"config.mainText: is 125 characters long; at most 120"):
        spec_with("Dear {{name}}", name="x" * 120)
    with pytest.raises(InvalidInputError, match=r"captions\[0\].text: must be a text of 1 to 60"):
        make_spec("LipSyncTemplate", AVATAR, {"captions": [WORD | {"text": "{{a}}"}]}, variables={"a": " "})


def test_a_glyph_that_no_font_has_is_found_in_a_value_too():
    with pytest.raises(InvalidInputError, match=r"config\.mainText"):
        spec_with("{{name}}", name="\U0001fadf\U000e0fff")


def test_a_short_draft_cannot_grow_without_bounds():
    with pytest.raises(InvalidInputError, match=f"config.mainText: .* {MOST_CHARACTERS} characters"):
        fill({"mainText": "{{x}}" * 100_000}, {"x": "y" * 100_000})


def test_a_value_is_a_text():
    with pytest.raises(InvalidInputError, match=r"variables.age: must be a text"):
        fill({}, {"age": 7})  # type: ignore[dict-item]  # what a JSON file may hold


TEXTS = st.text(st.sampled_from("ab_{} \\é1-"), max_size=30)


@given(TEXTS, st.dictionaries(st.sampled_from(["a", "b", "ab", "é", "1"]), TEXTS))
def test_any_text_is_filled_or_refused_by_its_field_and_never_half_filled(text, variables):
    names = variables_in({"mainText": text})
    if not set(names) <= set(variables):
        with pytest.raises(InvalidInputError, match=r"^config\.mainText: "):
            fill({"mainText": text}, variables)
        return
    with suppress(InvalidInputError):  # other braces that are no variables
        filled = fill({"mainText": text}, variables)["mainText"]
        assert all(variables[name] in filled for name in names)


@given(st.text(max_size=50))
def test_any_text_can_be_written_with_backslashes(text):
    escaped = text.replace("{{", r"\{{")
    assert fill({"mainText": escaped}, {})["mainText"] == text or "\\{{" in text
