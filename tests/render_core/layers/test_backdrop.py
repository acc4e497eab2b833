import numpy as np
import pytest

from render_core.layers.backdrop import Drift, Studio
from render_core.picture import Picture, to_rgb
from tests.scenes import FakeMedia

NAVY, BLUE, AMBER = (11, 23, 54), (40, 100, 235), (245, 158, 11)


def painted(drawing, width: int = 64, height: int = 48, media=None) -> Picture:
    canvas = Picture.blank(width, height)
    drawing.paint(canvas, media or FakeMedia())
    return canvas


def studio(part: float) -> Studio:
    return Studio(base=NAVY, light=BLUE, part=part)


def test_the_light_of_the_studio_wanders_from_left_to_right():
    left, right = (to_rgb(painted(studio(part))).astype(int)[:32] for part in (0, 1))
    assert left[:, :32].mean() > left[:, 32:].mean()
    assert right[:, 32:].mean() > right[:, :32].mean()


def test_between_its_ends_the_light_is_a_mixture():
    ends = [painted(studio(part)).y.astype(float) for part in (0, 1)]
    assert np.abs(painted(studio(0.25)).y - (0.75 * ends[0] + 0.25 * ends[1])).max() < 2


def test_the_studio_has_the_colours_it_is_given():
    rgb = to_rgb(painted(Studio(base=(60, 10, 10), light=(240, 60, 60), part=0.5))).astype(int)
    assert rgb[..., 0].mean() > 2 * rgb[..., 2].mean()


def test_the_studio_is_drawn_once_for_each_side():
    media = FakeMedia()
    for part in np.linspace(0, 1, 7):
        painted(studio(float(part)), media=media)
    assert len(media.memory) == 2


def test_colours_drift_without_a_jump_and_come_round():
    def at(turn):
        return painted(Drift(base=NAVY, accent=AMBER, turn=turn)).y.astype(int)

    steps = [np.abs(at(n / 600) - at((n + 1) / 600)).max() for n in (0, 100, 299, 599)]
    assert max(steps) <= 3
    assert np.array_equal(at(0.0), at(1.0))
    assert np.abs(at(0.0) - at(0.5)).mean() > 5


@pytest.mark.parametrize("drawing", [studio(0.5), Drift(base=NAVY, accent=AMBER, turn=0.2)])
@pytest.mark.parametrize(("width", "height"), [(16, 16), (16, 90), (90, 16), (130, 74)])
def test_backdrops_fill_any_canvas(drawing, width, height):
    canvas = painted(drawing, width, height)
    assert drawing.hides_all_below(width, height)
    assert canvas.y.std() > 0.5
