"""How an expected end is shown while its forecast is corrected."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.ui.waiting import seconds_left, steadied

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_first_forecast_is_shown_as_it_is():
    assert steadied(None, after(40), NOW) == after(40)
    assert steadied(None, None, NOW) is None


def test_small_corrections_leave_a_steady_countdown():
    assert steadied(after(100), after(108), NOW) == after(100)
    assert steadied(after(4), after(6), NOW) == after(4)


def test_silence_changes_nothing():
    assert steadied(after(40), None, NOW) == after(40)


def test_a_single_wrong_forecast_moves_it_by_less_than_half():
    assert steadied(after(40), after(400), NOW) == after(40 + 0.4 * 360)


@given(st.floats(0, 7200), st.floats(0, 7200))
def test_a_lasting_forecast_is_reached_without_passing_it(shown_s: float, forecast_s: float):
    shown, forecast = after(shown_s), after(forecast_s)
    for _ in range(20):
        before, shown = shown, steadied(shown, forecast, NOW) or shown
        assert min(before, forecast) <= shown <= max(before, forecast)
    assert abs(shown - forecast) <= timedelta(seconds=max(3.0, 0.12 * seconds_left(shown, NOW)))


def test_what_is_over_has_no_seconds_left():
    assert seconds_left(after(-5), NOW) == 0
    assert seconds_left(after(5), NOW) == 5
    assert seconds_left(None, NOW) is None
