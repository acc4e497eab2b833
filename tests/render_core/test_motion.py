from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.motion import STANDARD_EASE, cubic_bezier, eased, interp, settled, spring


def by_bisection(x: float, x1: float, y1: float, x2: float, y2: float) -> float:
    """The CSS definition, slowly: the curve's y where its x is x."""

    def at(t: float, a: float, b: float) -> float:
        return 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3

    low, high = 0.0, 1.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle, x1, x2) < x else (low, middle)
    return at(low, y1, y2)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-1, 2), st.floats(0, 1), st.floats(-1, 2))
def test_a_bezier_easing_is_exact_to_a_millionth(x, x1, y1, x2, y2):
    # Where the curve stands upright its y is not determined by x to this accuracy; the definition says no more.
    slack = abs(by_bisection(min(1, x + 1e-9), x1, y1, x2, y2) - by_bisection(max(0, x - 1e-9), x1, y1, x2, y2))
    assert cubic_bezier(x1, y1, x2, y2)(x) == pytest.approx(by_bisection(x, x1, y1, x2, y2), abs=1e-6 + 2 * slack)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (1, 1), (-3, 0), (4, 1)])
def test_an_easing_ends_where_it_should_and_is_clamped(x, y):
    assert STANDARD_EASE(x) == y


def test_interpolation_is_linear_between_points_and_constant_outside():
    xs, ys = (0, 10, 20), (0, 1, 0.5)
    assert [interp(x, xs, ys) for x in (-5, 0, 5, 10, 15, 20, 99)] == [0, 0, 0.5, 1, 0.75, 0.5, 0.5]


def test_where_two_points_meet_the_later_value_counts():
    assert interp(5, (0, 5, 5, 10), (0, 1, 3, 4)) == 3


def test_each_piece_is_eased_for_itself():
    assert eased(5, (0, 10, 20), (0, 1, 2)) == pytest.approx(STANDARD_EASE(0.5))
    assert eased(15, (0, 10, 20), (0, 1, 2)) == pytest.approx(1 + STANDARD_EASE(0.5))


def test_a_spring_starts_at_rest_swings_over_and_settles_at_one():
    path = [spring(step / 100) for step in range(500)]
    assert path[0] == 0
    assert max(path) > 1.05
    assert path[-1] == pytest.approx(1, abs=1e-3)
    assert max(abs(b - a) for a, b in pairwise(path)) < 0.15


def test_a_settled_spring_rests_exactly_at_one_without_a_visible_jump():
    assert settled(0) == 0
    assert settled(0.5) == 1
    assert settled(0.499) == pytest.approx(1, abs=0.02)
