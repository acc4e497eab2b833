"""What was saved or rendered comes back into the form as it was."""

import pytest

from render_core.templates import checked_config, template_names
from webapp.ui.configs import captions_in, lists_in, values_in
from webapp.ui.fields import defaults_of, lists_of


@pytest.mark.parametrize("template", template_names())
def test_complete_defaults_are_what_an_empty_form_holds(template: str):
    complete = checked_config(template, {})
    assert values_in(complete, template) == values_in({}, template) == defaults_of(template)
    assert lists_in(complete, template) == lists_in({}, template) == lists_of(template)
    assert captions_in(complete, template) == captions_in({}, template) == ("", [])


def test_nested_settings_lists_and_captions_find_their_inputs():
    config = {
        "captionStyle": {"fontSize": 60},
        "captions": [{"text": "Hi", "start": 0, "end": 200}],
        "captionText": "Hi there",
    }
    assert values_in(config, "LipSyncTemplate")["captionStyle.fontSize"] == 60
    assert captions_in(config, "LipSyncTemplate") == ("Hi there", [("Hi", 0, 200)])
    news = {"items": [{"headline": "Ours"}], "ticker": ["a", "b"]}
    lists = lists_in(news, "NewsTemplate")
    assert [item["headline"] for item in lists["items"]] == ["Ours"]
    assert [item["text"] for item in lists["ticker"]] == ["a", "b"]
