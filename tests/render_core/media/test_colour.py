import numpy as np
import pytest
from av.video.frame import VideoFrame

from render_core.media.colour import picture_of, pixels_of
from render_core.picture import to_rgb

COLOUR = (200, 60, 30)
BT601, BT709, BT2020 = (0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593)
SD, HD = (64, 48), (1280, 720)


def coded(weights: tuple[float, float], *, is_full: bool, bits: int = 8) -> list[int]:
    """The colour by the definition in ITU-R BT.601, BT.709 and BT.2020: luma and both differences, quantised."""
    (kr, kb), (r, g, b) = weights, (c / 255 for c in COLOUR)
    luma = kr * r + (1 - kr - kb) * g + kb * b
    differences = (b - luma) / (1 - kb) / 2, (r - luma) / (1 - kr) / 2
    scale = 2 ** (bits - 8)
    if is_full:
        return [round(luma * 255 * scale), *(round((d * 255 + 128) * scale) for d in differences)]
    return [round((luma * 219 + 16) * scale), *(round((d * 224 + 128) * scale) for d in differences)]


def frame(name: str, size: tuple[int, int], values: list[int], matrix: int, colour_range: int) -> VideoFrame:
    made = VideoFrame(*size, name)
    for plane, value in zip(made.planes, values, strict=True):
        if "10" in name:
            np.frombuffer(plane, np.uint16)[:] = value
        else:
            pixels_of(plane)[:] = value
    made.colorspace, made.color_range = matrix, colour_range
    return made


@pytest.mark.parametrize(
    ("name", "size", "weights", "matrix", "is_full"),
    [
        ("yuv420p", HD, BT709, 1, False),
        ("yuv420p", SD, BT709, 1, False),
        ("yuv420p", SD, BT601, 6, False),
        ("yuv420p", HD, BT601, 5, False),
        ("yuv420p", SD, BT601, 2, False),
        ("yuv420p", HD, BT709, 2, False),
        ("yuv420p", HD, BT709, 1, True),
        ("yuvj420p", SD, BT601, 5, True),
        ("yuv444p", HD, BT709, 1, False),
        ("yuv422p", SD, BT601, 6, False),
        ("yuv420p10le", HD, BT709, 1, False),
        ("yuv420p10le", HD, BT2020, 9, False),
    ],
)
def test_every_coding_of_a_colour_becomes_the_same_colour(name, size, weights, matrix, is_full):
    values = coded(weights, is_full=is_full, bits=10 if "10" in name else 8)
    picture = picture_of(frame(name, size, values, matrix, 2 if is_full else 1))
    middle = to_rgb(picture)[size[1] // 2, size[0] // 2]
    assert np.abs(middle.astype(int) - COLOUR).max() <= 3


def test_the_usual_coding_is_not_copied():
    made = frame("yuv420p", HD, coded(BT709, is_full=False), 1, 1)
    picture = picture_of(made)
    pixels_of(made.planes[0])[100, 100] = 77
    assert picture.y[100, 100] == 77


@pytest.mark.parametrize(("size", "even"), [((65, 49), (64, 48)), ((1, 1), (2, 2)), ((3, 1), (2, 2)), ((2, 3), (2, 2))])
def test_sides_become_even(size, even):
    values = coded(BT601, is_full=False)
    picture = picture_of(frame("yuv420p", size, values, 6, 1))
    assert (picture.width, picture.height) == even
    assert picture.u.shape == picture.v.shape == (even[1] // 2, even[0] // 2)
    assert np.abs(to_rgb(picture).astype(int) - COLOUR).max() <= 3


def test_pixels_that_are_not_square_are_made_square():
    picture = picture_of(frame("yuv420p", SD, coded(BT601, is_full=False), 6, 1), pixel_aspect=4 / 3)
    assert (picture.width, picture.height) == (84, 48)
