from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from render_core.errors import MediaError
from render_core.media.gif import encode_gif, join_gifs
from render_core.media.profiles import GifProfile, profile_of
from render_core.picture import Picture, to_rgb
from render_core.spec import VideoFormat
from tests.factories import numbered_picture, read_number
from tests.scenes import moving_noise, smooth_picture

SIZE = VideoFormat(width=96, height=64, fps=Fraction(30))
EVERY_FRAME = GifProfile(name="test", shorter_side=480, most_fps=Fraction(30), bayer_scale=3)
STANDARD = profile_of("gif", "standard")
assert isinstance(STANDARD, GifProfile)


def write_cells(folder, lists, profile=EVERY_FRAME, size=SIZE):
    paths = [folder / f"{number}.gif" for number in range(len(lists))]
    for path, pictures in zip(paths, lists, strict=True):
        path.write_bytes(encode_gif(pictures, size, profile))
    return paths


def shown(path):
    with av.open(str(path), format="gif") as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_joined_cells_show_what_each_shows_alone(tmp_path):
    """Palettes differ from cell to cell, and pictures are stored as changes: neither may leak."""
    lists = [
        moving_noise(4, 96, 64),
        [smooth_picture(96, 64, phase / 3) for phase in range(5)],
        moving_noise(3),
    ]
    cells = write_cells(tmp_path, lists)
    join_gifs(cells, tmp_path / "out.gif", SIZE.fps)
    alone = [picture for cell in cells for picture in shown(cell)]
    together = shown(tmp_path / "out.gif")
    assert len(together) == 12
    assert all((a == b).all() for a, b in zip(alone, together, strict=True))


@pytest.mark.parametrize("colours", [256, 64])
def test_colours_are_near_those_of_the_picture(tmp_path, colours):
    profile = GifProfile(name="test", shorter_side=480, most_fps=Fraction(30), colours=colours, bayer_scale=3)
    pictures = [smooth_picture(96, 64, phase / 5) for phase in range(6)]
    (cell,) = write_cells(tmp_path, [pictures], profile)
    for picture, found in zip(pictures, shown(cell), strict=True):
        assert np.abs(to_rgb(picture).astype(int) - found).mean() < 600 / colours + 6


def test_one_in_so_many_frames_is_shown(tmp_path):
    (cell,) = write_cells(tmp_path, [[numbered_picture(number) for number in range(11)]], STANDARD)
    with Image.open(cell) as image:
        numbers = []
        for index in range(image.n_frames):
            image.seek(index)
            luma = np.asarray(image.convert("L"))
            numbers.append(read_number(Picture(luma, luma[::2, ::2], luma[::2, ::2])))
    assert numbers == [0, 2, 4, 6, 8, 10]


def test_a_picture_that_stands_still_costs_next_to_nothing(tmp_path):
    still, moving = smooth_picture(96, 64), [smooth_picture(96, 64, phase) for phase in range(20)]
    cells = write_cells(tmp_path, [[still] * 20, moving])
    assert cells[0].stat().st_size * 4 < cells[1].stat().st_size
    assert len(shown(cells[0])) == 20


def test_rounded_delays_never_add_up_to_a_drift(tmp_path):
    """At 30000/1001 a cell of 60 frames lasts 200.2 hundredths."""
    fps = Fraction(30000, 1001)
    size = VideoFormat(width=32, height=32, fps=fps)
    cells = write_cells(tmp_path, [[numbered_picture(n, 32, 32) for n in range(60)]], STANDARD, size)
    join_gifs(cells * 12, tmp_path / "out.gif", fps)
    with Image.open(tmp_path / "out.gif") as image:
        total = 0
        for index in range(image.n_frames):
            image.seek(index)
            total += round(image.info["duration"] / 10)
        assert (image.n_frames, total, image.info["loop"]) == (360, round(100 * 720 / fps), 0)


@pytest.mark.parametrize("keep", [0, 1000, -1])
def test_a_cell_that_was_cut_off_is_named(tmp_path, keep):
    cells = write_cells(tmp_path, [moving_noise(3)] * 2)
    cells[1].write_bytes(cells[1].read_bytes()[:keep])
    with pytest.raises(MediaError, match=r"1\.gif.*cut off"):
        join_gifs(cells, tmp_path / "out.gif", SIZE.fps)


def test_a_cell_damaged_inside_is_named(tmp_path):
    cells = write_cells(tmp_path, [moving_noise(3)])
    data = cells[0].read_bytes()
    cells[0].write_bytes(data[:1500] + b"\xff" * 40 + data[-60:])
    with pytest.raises(MediaError, match="cut off"):
        join_gifs(cells, tmp_path / "out.gif", SIZE.fps)


def test_a_cell_of_another_size_is_refused(tmp_path):
    (small,) = write_cells(tmp_path, [moving_noise(3)])
    large = tmp_path / "large.gif"
    large.write_bytes(
        encode_gif(moving_noise(3, 128, 64), VideoFormat(width=128, height=64, fps=SIZE.fps), EVERY_FRAME)
    )
    with pytest.raises(MediaError, match=r"large\.gif.*other settings"):
        join_gifs([small, large], tmp_path / "out.gif", SIZE.fps)
