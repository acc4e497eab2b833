from cluster.board.pieces import Made, Pieces
from cluster.work import FaultKind


def test_a_blamed_piece_rests_and_then_goes_alone() -> None:
    pieces = Pieces()
    pieces.blame("a", FaultKind.STORAGE, 5.0)
    assert pieces.is_resting("a", 4.9)
    assert not pieces.is_resting("a", 5.0)
    assert pieces["a"].faults == (FaultKind.STORAGE,)
    assert pieces.alone(["a", "b"]) == {"a"}


def test_the_end_of_a_rest_is_told_once() -> None:
    pieces = Pieces()
    pieces.blame("a", FaultKind.STORAGE, 5.0)
    pieces.blame("b", FaultKind.STORAGE, 3.0)
    assert list(pieces.rested(2.9)) == []
    assert list(pieces.rested(5.0)) == ["b", "a"]
    assert list(pieces.rested(5.0)) == []


def test_a_suspect_goes_alone_without_a_fault() -> None:
    pieces = Pieces()
    pieces.suspect(["a", "b"])
    assert pieces.alone(["a", "b", "c"]) == {"a", "b"}
    assert pieces["a"].faults == ()


def test_the_number_of_an_attempt_is_new_to_all_that_take_part() -> None:
    pieces = Pieces()
    assert pieces.begin(["a"]) == 1
    assert pieces.begin(["a", "b"]) == 2
    assert pieces.begin(["b"]) == 3


def test_what_nobody_wants_is_forgotten() -> None:
    pieces = Pieces()
    pieces.begin(["a", "b"])
    pieces.keep_only({"b"})
    assert (pieces["a"].attempts, pieces["b"].attempts) == (0, 1)


def test_what_was_made_while_a_plan_was_made_is_known() -> None:
    made = Made()
    made.add("old", 1.0)
    made.add("new", 3.0)
    assert made.since(2.0) == {"new"}
    made.forget_before(2.0)
    assert made.since(0.0) == {"new"}
