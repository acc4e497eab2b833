import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.board.wishes import Wishes


@pytest.fixture
def wishes() -> Wishes:
    return Wishes()


def test_two_jobs_want_the_same_piece(wishes: Wishes) -> None:
    wishes.update("j1", ("a", "b"))
    wishes.update("j2", ("b",))
    assert wishes.wanting("b") == ("j1", "j2")
    assert wishes.of("j1") == ("a", "b")


def test_what_nobody_wants_any_more_is_gone(wishes: Wishes) -> None:
    wishes.update("j1", ("a", "b"))
    wishes.update("j1", ("b",))
    assert "a" not in wishes
    wishes.update("j1", ())
    assert "b" not in wishes
    assert wishes.wanting("b") == ()


def test_only_jobs_that_something_happened_to_are_looked_at_again(wishes: Wishes) -> None:
    wishes.update("j1", ("a",))
    wishes.update("j2", ("b",))
    assert wishes.take_touched() == ("j1", "j2")
    assert wishes.take_touched() == ()
    wishes.touch(["b", "unheard of"])
    assert wishes.take_touched() == ("j2",)


def test_the_same_wishes_again_change_nothing(wishes: Wishes) -> None:
    wishes.update("j1", ("a",))
    wishes.take_touched()
    wishes.update("j1", ("a",))
    assert wishes.take_touched() == ()


@given(st.lists(st.tuples(st.sampled_from("123"), st.frozensets(st.sampled_from("abcd")))))
def test_both_directions_always_agree(updates: list[tuple[str, frozenset[str]]]) -> None:
    wishes, expected = Wishes(), {}
    for job_id, keys in updates:
        wishes.update(job_id, tuple(sorted(keys)))
        expected[job_id] = keys
    for key in "abcd":
        assert set(wishes.wanting(key)) == {job_id for job_id, keys in expected.items() if key in keys}
        assert (key in wishes) == any(key in keys for keys in expected.values())
