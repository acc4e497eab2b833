from fractions import Fraction
from itertools import pairwise

import pytest

from render_core.composition import Group
from render_core.geometry import Box
from render_core.layers.shape import Panel
from render_core.layers.transition import Transition
from render_core.templates.footage import ken_burns
from render_core.templates.timeline import Cut, Shot, Timeline

BOX = Box(left=0, top=0, width=100, height=200)


def shot(index: int, start: int, stop: int) -> Shot:
    return Shot(
        start=Fraction(start),
        stop=Fraction(stop),
        show=lambda frame: Group((Panel(box=BOX, color=(index, frame, 0)),)),
    )


def timeline(frames: float = 10, stops=(0, 30, 60, 64)) -> Timeline:
    shots = [shot(n, a, b) for n, (a, b) in enumerate(pairwise(stops))]
    return Timeline(tuple(shots), Cut(kind="wipe", towards="up", frames=Fraction(frames)))


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (0, (0, 0, 0)),
        (25, (0, 0, 0)),
        (30, (0, 1, pytest.approx(0.775, abs=0.01))),
        (35, (1, 1, 0)),
        (58, (1, 1, 0)),
        (59, (1, 2, pytest.approx(0.15, abs=0.1))),
        (62, (2, 2, 0)),
        (99, (2, 2, 0)),
    ],
)
def test_which_shot_goes_and_which_comes(frame, expected):
    assert timeline().moment(frame) == expected


def test_a_transition_stands_about_the_moment_of_the_cut():
    moments = [timeline().moment(frame) for frame in range(40)]
    assert [n for n, (a, b, _) in enumerate(moments) if a != b] == list(range(26, 35))
    parts = [part for a, b, part in moments if a != b]
    assert parts == sorted(parts)


def test_both_sides_play_on_while_one_becomes_the_other():
    for frame in (27, 33):
        (drawing,) = timeline().at(frame).drawings
        assert isinstance(drawing, Transition)
        assert [side.drawings[0].color for side in (drawing.before, drawing.after)] == [(0, frame, 0), (1, frame, 0)]
        assert (drawing.kind, drawing.towards) == ("wipe", "up")


def test_transitions_of_short_shots_are_shortened_so_that_two_never_meet():
    short = timeline(frames=60, stops=(0, 4, 8, 100))
    assert [short.moment(frame)[:2] for frame in range(10)] == [
        *[(0, 0), (0, 0), (0, 0), (0, 1), (0, 1), (0, 1), (1, 1), (1, 2), (1, 2), (1, 2)]
    ]


def test_a_hard_cut_is_one():
    cut = timeline(frames=0)
    assert [cut.moment(frame)[:2] for frame in (29, 30)] == [(0, 0), (1, 1)]


def test_a_shot_is_seen_from_the_middle_of_its_transitions_on():
    assert timeline().reach(0) == (0, 35)
    assert timeline().reach(1) == (25, 62)
    assert timeline().settled_until(1) == 58
    assert timeline().settled_until(2) == 64


@pytest.mark.parametrize("strength", [0.05, 0.3])
@pytest.mark.parametrize("part", [0, 0.3, 1])
@pytest.mark.parametrize("index", range(5))
def test_ken_burns_never_uncovers_its_box(index, part, strength):
    move = ken_burns(index, part, BOX, strength)
    for shift, length in ((move.shift_x, BOX.width), (move.shift_y, BOX.height)):
        assert abs(shift) * move.zoom <= (move.zoom - 1) * length / 2 + 1e-9


def test_ken_burns_moves_evenly_and_in_turn():
    zooms = [ken_burns(0, part, BOX, 0.2).zoom for part in (0, 0.5, 1)]
    assert zooms == pytest.approx([1, 1.1, 1.2])
    assert len({ken_burns(index, 0.3, BOX, 0.2) for index in range(5)}) == 5
    assert ken_burns(0, 0.3, BOX, 0.2) == ken_burns(5, 0.3, BOX, 0.2)
