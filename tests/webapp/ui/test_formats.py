"""Presets of shape and size."""

from itertools import product

import pytest

from render_core.templates import template_schema
from webapp.ui.formats import SHAPES, SIZES, shape_of, size_of


@pytest.mark.parametrize(("shape", "size"), list(product(SHAPES, SIZES)))
def test_every_preset_is_even_and_known_by_its_shape(shape: str, size: int):
    width, height = size_of(shape, size)
    assert width % 2 == height % 2 == 0
    assert min(width, height) == size
    assert shape_of(width, height) == shape


def test_the_full_sizes_are_the_usual_ones():
    assert [size_of(shape, 1080) for shape in SHAPES] == [(1080, 1920), (1080, 1350), (1080, 1080), (1920, 1080)]


@pytest.mark.parametrize("size", [(1000, 3000), (0, 0), ("x", None)])
def test_other_sizes_have_no_shape(size: tuple[object, object]):
    assert shape_of(*size) == ""


def test_every_preset_is_within_the_limits_of_the_templates():
    limits = template_schema("LipSyncTemplate")["properties"]
    sides = [side for shape, size in product(SHAPES, SIZES) for side in size_of(shape, size)]
    assert limits["width"]["minimum"] <= min(sides) <= max(sides) <= limits["height"]["maximum"]
