from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from render_core.composition import Composition, Group, Scripted
from render_core.geometry import Box
from render_core.layers.shape import Panel
from render_core.picture import Picture
from render_core.render import render_frame
from render_core.spec import VideoFormat
from tests.scenes import FakeMedia

FORMAT = VideoFormat(width=64, height=48, fps=Fraction(30))
SCREEN = Box(left=0, top=0, width=64, height=48)
RED, BLUE = Panel(box=SCREEN, color=(255, 0, 0)), Panel(box=SCREEN, color=(0, 0, 255))
SPOT = Panel(box=Box(left=10, top=10, width=20, height=20), color=(255, 255, 255))


def composition(*drawings: object, frames: int = 10) -> Composition:
    layers = tuple(Scripted(lambda _, drawing=drawing: drawing) for drawing in drawings)
    return Composition(format=FORMAT, frame_count=frames, layers=layers)


def test_what_an_opaque_drawing_hides_is_left_out():
    assert composition(RED, SPOT, BLUE, SPOT).drawings(0) == (BLUE, SPOT)


def test_a_layer_that_is_not_seen_leaves_no_drawing():
    assert composition(None, SPOT, None).drawings(3) == (SPOT,)


def test_groups_are_opened_so_that_their_hidden_parts_are_left_out_too():
    assert composition(Group((RED, Group((SPOT, BLUE)), SPOT))).drawings(0) == (BLUE, SPOT)


@pytest.mark.parametrize("frame", [-1, 10])
def test_there_are_no_frames_outside_the_video(frame):
    with pytest.raises(IndexError, match="10"):
        composition(RED).drawings(frame)
    assert composition(RED).at(frame) is None


def test_a_composition_is_a_layer_itself():
    inner = composition(BLUE, SPOT)
    outer = Composition(format=FORMAT, frame_count=10, layers=(Scripted(lambda _: RED), inner))
    assert outer.drawings(0) == (BLUE, SPOT)
    assert np.array_equal(render_frame(outer, 0, FakeMedia()).y, render_frame(inner, 0, FakeMedia()).y)


def test_what_no_layer_paints_is_black():
    picture = render_frame(composition(SPOT), 0, FakeMedia())
    assert (picture.y[0, 0], picture.u[0, 0], picture.v[0, 0]) == (16, 128, 128)


def test_culling_does_not_change_the_picture():
    @dataclass(frozen=True)
    class Open:
        inner: Panel

        def paint(self, canvas, media):
            self.inner.paint(canvas, media)

        def hides_all_below(self, width, height):
            return False

    culled = render_frame(composition(RED, SPOT, BLUE, SPOT), 0, FakeMedia())
    whole = render_frame(composition(*(Open(panel) for panel in (RED, SPOT, BLUE, SPOT))), 0, FakeMedia())
    assert np.array_equal(culled.y, whole.y)
    assert np.array_equal(culled.u, whole.u)


def test_a_frame_belongs_to_its_caller():
    first = render_frame(composition(RED), 0, FakeMedia())
    first.y[:] = 0
    assert isinstance(first, Picture)
    assert render_frame(composition(RED), 0, FakeMedia()).y.min() > 16
