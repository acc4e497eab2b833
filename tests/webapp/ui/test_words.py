"""Numbers as people read them."""

import pytest

from webapp.ui.words import clock, duration, megabytes, remaining, until_ready


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (750, "12:30"), (None, "0:00")]
)
def test_durations(seconds: float | None, text: str):
    assert duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00.0"), (7.44, "0:07.4"), (59.96, "1:00.0"), (61.25, "1:01.2")])
def test_moments(seconds: float, text: str):
    assert clock(seconds) == text


@pytest.mark.parametrize(("size", "text"), [(1, "1 kB"), (850_000, "850 kB"), (4_200_000, "4.2 MB")])
def test_sizes(size: int, text: str):
    assert megabytes(size) == text


@pytest.mark.parametrize(
    ("seconds", "left", "ready"),
    [
        (None, "", ""),
        (0, "a few seconds left", "ready in a few seconds"),
        (6, "about 5 s left", "ready in about 5 s"),
        (42, "about 40 s left", "ready in about 40 s"),
        (200, "about 3 min left", "ready in about 3 min"),
        (5400, "about 2 h left", "ready in about 2 h"),
    ],
)
def test_what_remains(seconds: float | None, left: str, ready: str):
    assert (remaining(seconds), until_ready(seconds)) == (left, ready)
