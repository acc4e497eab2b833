import pytest

from render_core.text.clusters import clusters_of, has_joining_letters, is_emoji

FAMILY, THUMB, FLAG, KEY, ENGLAND = (
    "👨‍👩‍👧‍👦",
    "👍🏽",
    "🇩🇪",
    "1\ufe0f\u20e3",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
)


@pytest.mark.parametrize("emoji", [FAMILY, THUMB, FLAG, KEY, ENGLAND, "❤\ufe0f‍🔥", "👩🏽‍🚒"])
def test_an_emoji_is_one_character_with_all_that_belongs_to_it(emoji):
    assert clusters_of(f"a{emoji}b") == ("a", emoji, "b")
    assert is_emoji(emoji)


def test_letters_keep_their_marks():
    assert clusters_of("e\u0301ก็क्ष") == ("e\u0301", "ก็", "क्ष")


@pytest.mark.parametrize("text", ["1", "#", "©", "❤", "a", "©\ufe0e", "☺\ufe0e", "ж"])
def test_signs_stay_text_unless_they_ask_for_colour(text):
    assert not is_emoji(text)
    assert is_emoji("©\ufe0f")


@pytest.mark.parametrize(
    ("text", "joins"), [("سلام", True), ("नमस्ते", True), ("ខ្មែរ", True), ("שלום", False), ("ไทย", False)]
)
def test_scripts_whose_letters_join_are_known(text, joins):
    assert has_joining_letters(text) is joins
    assert not has_joining_letters("Latin, Кириллица, αβγ, 12")
