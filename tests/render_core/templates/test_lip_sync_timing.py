from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render_core.templates.lip_sync.config import LipSyncConfig
from render_core.templates.lip_sync.timing import (
    badge_size,
    segments_of,
    speaker_opacity,
    speaker_roundness,
    speaker_scale,
    way_to_screen,
)
from tests.scenes import invented_asset

CLIPS = tuple(invented_asset(f"clip {number}") for number in range(12))


def spans(frames: int, clips: int, **config: object):
    found = segments_of(LipSyncConfig(**config), frames, CLIPS[:clips])
    return [(float(segment.start), float(segment.start + segment.length)) for segment in found]


@pytest.mark.parametrize(
    ("frames", "clips", "config", "expected"),
    [
        (900, 4, {}, [(60, 180), (225, 345), (390, 510), (555, 675)]),
        (900, 0, {}, []),
        (900, 12, {}, [(60, 180), (225, 345), (390, 510), (555, 675), (720, 840)]),
        (100, 4, {}, [(60, 100)]),
        (61, 4, {}, [(60, 61)]),
        (60, 4, {}, []),
        (10, 4, {"cover_duration": 5.0}, []),
        (300, 2, {"cover_duration": 0, "gap_duration": 0}, [(0, 120), (120, 240)]),
        (300, 1, {"segment_duration": 2.01, "cover_duration": 0.99, "gap_duration": 0.5}, [(44, 104.3)]),
    ],
)
def test_segments_follow_the_rule(frames, clips, config, expected):
    assert spans(frames, clips, **config) == expected


def test_segments_of_an_odd_rate_are_exact():
    config = LipSyncConfig(fps=Fraction(30000, 1001))
    first = segments_of(config, 899, CLIPS[:1])[0]
    assert first.start == 14 + Fraction(3, 2) * Fraction(30000, 1001)
    assert first.length == 4 * Fraction(30000, 1001)


@given(
    st.integers(1, 2000),
    st.integers(0, 12),
    st.floats(0, 5).map(lambda value: round(value, 2)),
    st.floats(1, 15).map(lambda value: round(value, 2)),
    st.floats(0, 5).map(lambda value: round(value, 2)),
)
def test_segments_never_overlap_or_leave_the_video(frames, clips, cover, length, gap):
    found = spans(frames, clips, cover_duration=cover, segment_duration=length, gap_duration=gap)
    assert all(start < stop <= frames for start, stop in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))


def test_the_speaker_shrinks_to_the_circle_and_comes_back():
    path = [speaker_scale(at, 120, 30, 0.252) for at in (0, 11.88, 23.76, 60, 96.24, 108.12, 120)]
    assert path == pytest.approx([1, 0.75, 0.252, 0.252, 0.252, 0.75, 1])


def test_the_speaker_fades_from_half_a_second_before_the_segment():
    path = [speaker_opacity(at, 120, 30) for at in (-15, -0.15, 14.7, 60, 90.3, 105.15, 120)]
    assert path == pytest.approx([1, 0.75, 0.25, 0.25, 0.25, 0.75, 1])


def test_the_badge_pops_up_and_goes():
    path = [badge_size(at, 120, 30) for at in (0, 10.5, 31.5, 70, 103.5, 124.5, 159)]
    assert path == pytest.approx([0, 0.3, 0.85, 0.85, 0.85, 0.3, 0])


@given(st.floats(0.5, 60), st.floats(0, 1))
def test_in_a_short_segment_the_ways_in_and_out_share_what_there_is(length, part):
    at = part * length
    assert 0.252 <= speaker_scale(at, length, 30, 0.252) <= 1
    assert 0.25 <= speaker_opacity(at, length, 30) <= 1
    assert 0 <= badge_size(at, length, 30) <= 0.85


def test_the_corners_go_from_round_to_sharp_in_their_steps():
    scales = (0.252, 0.5, 0.75, 1)
    assert [speaker_roundness(scale, 0.252) for scale in scales] == pytest.approx([0.5, 0.35, 0.15, 0])


@pytest.mark.parametrize("circle", [0.05, 0.252, 0.5, 0.6, 0.75, 0.8, 0.95])
def test_a_circle_of_any_size_is_reached_without_a_jump(circle):
    scales = [speaker_scale(at / 8, 120, 30, circle) for at in range(961)]
    for shown in (way_to_screen, speaker_roundness):
        path = [shown(scale, circle) for scale in scales]
        assert max(abs(a - b) for a, b in pairwise(path)) < 0.15
        assert min(path) >= 0
        assert max(path) <= 1
    assert (way_to_screen(circle, circle), speaker_roundness(circle, circle)) == (0, 0.5)


def test_a_circle_as_high_as_the_picture_is_the_full_screen():
    assert (way_to_screen(0.75, 1), speaker_roundness(0.75, 1)) == (1, 0)


def test_a_badge_that_has_gone_makes_room_for_the_next():
    first, second = segments_of(LipSyncConfig(gap_duration=0), 900, CLIPS[:2])
    gone = int(first.start + first.length) + 24
    assert not first.badge_holds(gone, Fraction(30))
    assert second.badge_holds(gone, Fraction(30))
