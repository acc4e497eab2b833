import pytest

from render_core.text.pages import Measure, Word, pages_of, word_places

MEASURE = Measure(family="Inter", weight=700, size=40, width=400)


def said(text: str, every_ms: int = 200, start: int = 0):
    return [Word(word, start + i * every_ms, start + (i + 1) * every_ms) for i, word in enumerate(text.split())]


def shown(words):
    return [" ".join(word.text for word in page.words) for page in pages_of(words, MEASURE)]


def test_a_page_ends_when_a_word_starts_more_than_1200_ms_after_it_began():
    assert shown(said("a b c d e f g h i", 300)) == ["a b c d e", "f g h i"]


def test_a_pause_of_800_ms_begins_a_page():
    assert shown([Word("a", 0, 100), Word("b", 899, 950), Word("c", 1750, 1800)]) == ["a b", "c"]


@pytest.mark.parametrize(("start", "pages"), [(1200, ["a b c"]), (1201, ["a b", "c"])])
def test_1200_ms_after_it_began_a_page_still_takes_a_word(start, pages):
    assert shown([Word("a", 0, 500), Word("b", 500, 1000), Word("c", start, 1500)]) == pages


@pytest.mark.parametrize(("start", "pages"), [(899, ["a b"]), (900, ["a", "b"])])
def test_a_pause_is_800_ms_of_silence(start, pages):
    assert shown([Word("a", 0, 100), Word("b", start, 1000)]) == pages


def test_while_somebody_speaks_there_is_no_pause():
    assert shown([Word("looong", 0, 1000), Word("b", 50, 100), Word("c", 1100, 1150)]) == ["looong b c"]


def test_a_page_ends_when_two_lines_are_full():
    pages = shown(said("extraordinarily complicated circumstances nevertheless", 100))
    assert pages == ["extraordinarily complicated", "circumstances nevertheless"]


def test_words_that_overflow_a_page_are_shared_out_evenly_and_move_no_other_page():
    before = shown(said("a b c d e f g h i j k l", 300))
    after = shown(said("a b complicated circumstances nevertheless f g h i j k l", 300))
    assert before == ["a b c d e", "f g h i j", "k l"]
    assert after == ["a b complicated", "circumstances nevertheless", "f g h i j", "k l"]


def test_a_page_is_seen_until_the_next_but_not_through_a_pause():
    pages = pages_of([Word("a", 0, 100), Word("b", 3000, 3100), Word("c", 4250, 4300)], MEASURE)
    assert [(page.start, page.end) for page in pages] == [(0, 900), (3000, 3900), (4250, 5100)]


@pytest.mark.parametrize(("time", "index"), [(-1, None), (0, 0), (199, 0), (200, 1), (9999, 2)])
def test_the_latest_word_that_has_begun_is_the_spoken_one(time, index):
    page = pages_of(said("a b c"), MEASURE)[0]
    assert page.spoken_at(time) == index


def test_words_in_any_order_are_put_in_order():
    assert shown(said("a b c")[::-1]) == ["a b c"]


def test_words_stand_side_by_side_about_the_middle():
    page = pages_of(said("left right"), MEASURE)[0]
    (left, _), (right, _) = word_places(page, MEASURE)
    assert left < 0
    assert right > left + MEASURE.of("left")
    assert -left == pytest.approx(right + MEASURE.of("right"))


def test_a_right_to_left_line_is_filled_from_the_right():
    (first, _), (second, _) = word_places(pages_of(said("مرحبا بكم"), MEASURE)[0], MEASURE)
    assert first > second


def test_right_to_left_words_inside_a_left_to_right_line_keep_their_order():
    one, two, three, four = (x for x, _ in word_places(pages_of(said("ab שלום עולם cd"), MEASURE)[0], MEASURE))
    assert one < three < two < four


def test_a_word_of_several_words_is_one_place():
    page = pages_of([Word("New York", 0, 200), Word("🎉", 200, 400)], MEASURE)[0]
    (first, _), (second, _) = word_places(page, MEASURE)
    assert second > first + MEASURE.of("New York")


def test_no_words_make_no_pages():
    assert pages_of([], MEASURE) == ()
