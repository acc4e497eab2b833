"""The draft of a tab: settings, variables, captions, as one order."""

import asyncio

import pytest

from render_core.errors import InvalidInputError
from tests.webapp.ui.tabs import Tab
from webapp.errors import ConflictError
from webapp.ui.states.captions import CaptionsState
from webapp.ui.states.draft import blame
from webapp.ui.states.form import FormState
from webapp.ui.states.page import PageState
from webapp.ui.states.studio import StudioState
from webapp.ui.states.undo import UndoState


def test_an_order_holds_only_what_differs_from_the_defaults(tab: Tab):
    tab.fill("musicVolume", 0.25)
    tab.fill("captionStyle.fontSize", "60")
    order = tab.order()
    assert order.config == {"musicVolume": 0.25, "captionStyle": {"fontSize": 60}}
    assert order.video_title == "Untitled video"


def test_the_headline_is_the_title_unless_one_is_given(tab: Tab):
    tab.fill("mainText", "Привет")
    assert tab.order().video_title is None
    tab.do(StudioState, "set_title", " Mine ")
    assert tab.order().video_title == "Mine"


def test_what_cannot_be_read_is_neither_previewed_nor_ordered(tab: Tab):
    tab.fill("height", "tall")
    assert tab.form.problems == {"height": "must be a number"}
    with pytest.raises(InvalidInputError, match=r"config\.height: must be a number"):
        tab.order()
    tab.fill("height", "1280")
    assert tab.form.problems == {}
    assert tab.order().config == {"height": 1280}


def test_a_reset_keeps_the_texts(tab: Tab):
    tab.fill("mainText", "Stays")
    tab.fill("musicVolume", 0.1)
    tab.do(UndoState, "reset_settings")
    assert tab.order().config == {"mainText": "Stays"}


def test_a_shape_keeps_the_size_and_a_size_keeps_the_shape(tab: Tab):
    tab.do(FormState, "choose_size", "720")
    tab.do(FormState, "choose_shape", "4:5")
    assert (tab.form.values["width"], tab.form.values["height"]) == (720, 900)
    assert (tab.form.shape, tab.form.size) == ("4:5", 720)


def test_variables_are_listed_as_the_texts_name_them_and_filled_ones_go_along(tab: Tab):
    tab.fill("mainText", "Hello {{first}} {{last}}")
    assert tab.order().variables == {}
    assert tab.form.variables == ["first", "last"]
    tab.do(FormState, "set_variable", "first", "Anna")
    tab.do(FormState, "set_variable", "stranger", "x")
    assert tab.order().variables == {"first": "Anna"}
    tab.fill("mainText", "Hello")
    assert tab.order().variables == {}


def test_kind_and_quality_of_the_file_go_along(tab: Tab):
    tab.do(FormState, "set_output", "gif")
    tab.do(FormState, "set_quality", "high")
    assert (tab.order().output, tab.order().quality) == ("gif", "high")
    tab.do(FormState, "set_output", "exe")
    assert tab.order().output == "mp4"


def test_words_take_the_place_of_the_text_they_were_made_of(tab: Tab):
    tab.do(CaptionsState, "set_text", "1\n00:00:00,500 --> 00:00:01,500\nHello world\n")
    assert set(tab.order().config) == {"captionText"}
    tab.do(CaptionsState, "spread")
    words = tab.order().config["captions"]
    assert [word["text"] for word in words] == ["Hello", "world"]
    assert (words[0]["start"], words[-1]["end"]) == (500, 1500)
    tab.do(CaptionsState, "clear_words")
    assert set(tab.order().config) == {"captionText"}
    tab.do(CaptionsState, "undo")
    assert len(tab.order().config["captions"]) == 2


def test_a_text_that_cannot_be_spread_is_answered_with_a_sentence(tab: Tab):
    tab.do(CaptionsState, "set_text", "Nobody is there to say this")
    tab.do(CaptionsState, "spread")
    assert "choose an avatar" in tab.captions.problem
    assert tab.captions.word_count == 0


def test_a_word_with_a_bad_time_says_so_and_holds_the_order_up(tab: Tab):
    tab.put_words(("one", 0, 500), ("two", 600, 900))
    tab.word("edit_time", 2, "start", "soon")
    assert tab.captions.rows[1].problem == "“soon” is no time: write 0:03.100, or 3100 for milliseconds."
    assert tab.captions.problem_count == 1
    with pytest.raises(InvalidInputError, match=r"config\.captions\[1\]"):
        tab.order()
    tab.word("edit_time", 2, "start", "0:00.700")
    assert tab.captions.problem_count == 0
    assert tab.order().config["captions"][1]["start"] == 700


def test_a_chosen_word_is_what_the_preview_shows(tab: Tab):
    tab.put_words(("one", 0, 500), ("two", 2000, 3000))
    tab.moment.frame_count = 300
    tab.word("choose_word", 2)
    assert tab.moment.frame == 75
    assert tab.captions.selected == 2


def test_many_words_come_a_page_at_a_time(tab: Tab):
    tab.put_words(*((f"w{at}", 100 * at, 100 * at + 90) for at in range(45)))
    tab.do(CaptionsState, "turn_page", 99)
    assert (tab.captions.page, tab.captions.page_count) == (3, 3)
    assert [row.number for row in tab.captions.rows] == [41, 42, 43, 44, 45]
    tab.moment.frame_count, tab.moment.frame = 300, 63
    tab.do(CaptionsState, "find_moment")
    assert (tab.captions.page, tab.captions.selected) == (2, 22)


def test_what_was_typed_into_a_word_is_one_step_to_undo(tab: Tab):
    tab.put_words(("one", 0, 500), ("two", 600, 900))
    for text in ("o", "on", "once"):
        tab.word("edit_text", 1, text)
    tab.word("edit_time", 2, "end", "1000")
    tab.do(CaptionsState, "undo")
    assert [(row.text, row.end) for row in tab.captions.rows] == [("once", "0:00.500"), ("two", "0:00.900")]
    tab.word("edit_text", 2, "tw")
    tab.word("edit_text", 2, "twice")
    tab.do(CaptionsState, "undo")
    assert [row.text for row in tab.captions.rows] == ["once", "two"]


def test_each_template_keeps_its_draft_and_takes_over_what_fits_at_first(tab: Tab):
    tab.fill("mainText", "Mine")
    tab.do(CaptionsState, "set_text", "Said in the reel")
    tab.do(PageState, "choose_template", "NewsTemplate")
    assert tab.order().config == {"mainText": "Mine"}
    tab.fill("mainText", "News")
    tab.do(PageState, "choose_template", "SplitTalkingHead")
    assert tab.order().config == {"mainText": "News", "captionText": "Said in the reel"}
    tab.do(PageState, "choose_template", "LipSyncTemplate")
    assert tab.order().config == {"mainText": "Mine", "captionText": "Said in the reel"}
    tab.do(PageState, "choose_template", "NewsTemplate")
    assert tab.order().config == {"mainText": "News"}


def test_items_of_a_list_are_added_filled_moved_and_taken_away(tab: Tab):
    def headlines() -> list[str]:
        return [item["headline"] for item in tab.order().config["items"]]

    tab.do(PageState, "choose_template", "NewsTemplate")
    tab.do(FormState, "add_item", "items")
    added = tab.form.lists["items"][-1].id
    tab.do(FormState, "set_item", "items", added, "headline", "Ours")
    tab.do(FormState, "move_item", "items", added, False)
    assert headlines()[2] == "Ours"
    for item in list(tab.form.lists["items"])[:2]:
        tab.do(FormState, "remove_item", "items", item.id)
    assert headlines()[0] == "Ours"
    assert len(headlines()) == 2


def test_a_text_of_a_list_that_is_still_blank_is_left_out(tab: Tab):
    tab.do(PageState, "choose_template", "NewsTemplate")
    tab.do(FormState, "add_item", "ticker")
    assert "ticker" not in tab.order().config
    tab.do(FormState, "set_item", "ticker", tab.form.lists["ticker"][-1].id, "text", "Fresh")
    assert tab.order().config["ticker"][-1] == "Fresh"


def test_an_error_of_an_item_is_shown_in_that_item(tab: Tab):
    tab.do(PageState, "choose_template", "NewsTemplate")
    second = tab.form.lists["items"][1].id
    asyncio.run(blame(tab.form, InvalidInputError("config.items[1].duration", "must be from 1 to 600")))
    assert tab.form.problems == {f"items.{second}.duration": "must be from 1 to 600"}
    asyncio.run(blame(tab.form, None))
    assert tab.form.problems == {}


def test_a_list_takes_no_more_than_the_template_does(tab: Tab):
    tab.do(PageState, "choose_template", "NewsTemplate")
    for _ in range(37):
        tab.do(FormState, "add_item", "ticker")
    with pytest.raises(ConflictError, match="at most 40"):
        tab.do(FormState, "add_item", "ticker")
