import pytest

from render_core.text.direction import in_visual_order, is_right_to_left, levels_of


def shown(text: str) -> str:
    return "".join(in_visual_order(text, levels_of(text, is_right_to_left(text))))


@pytest.mark.parametrize(
    ("text", "expected"), [("مرحبا abc", True), ("abc مرحبا", False), ("12 …", False), ("“שלום”", True), ("", False)]
)
def test_the_first_letter_decides_the_direction(text, expected):
    assert is_right_to_left(text) is expected


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("abc", "abc"),
        ("אבג", "גבא"),
        ("ab אב גד cd", "ab דג בא cd"),
        ("אב ab cd גד", "דג ab cd בא"),
        ("אב 12.5 גד", "דג 12.5 בא"),
        ("אב 50% גד", "דג 50% בא"),
        ("ab אב 12 cd", "ab 12 בא cd"),
        ("אב, גד!", "!דג ,בא"),
        ("ab 🎉 cd", "ab 🎉 cd"),
        ("אב 🎉 גד", "דג 🎉 בא"),
        ("ab אב 🎉 גד", "ab דג 🎉 בא"),
        ("אב ab (cd)", "ab (cd) בא"),
        ("ab (אב) 1", "ab (בא) 1"),
        ("بك ٣٤ 12", "12 ٣٤ كب"),
        ("", ""),
    ],
)
def test_what_is_written_in_order_is_shown_in_the_order_of_its_directions(written, seen):
    assert shown(written) == seen


def test_joiners_stay_with_what_they_follow():
    assert levels_of("אב\u200d12", is_rtl=True) == (1, 1, 1, 2, 2)


def test_the_direction_of_a_line_can_be_given():
    assert in_visual_order("a!", levels_of("a!", is_rtl=True)) == ("!", "a")
