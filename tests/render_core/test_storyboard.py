import io
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from render_core.cells import Cell
from render_core.errors import MediaError
from render_core.media.encode import encode_cell
from render_core.media.profiles import profile_of
from render_core.picture import Picture
from render_core.spec import SpriteSheet, VideoFormat
from render_core.storyboard import storyboard, webvtt
from tests.factories import numbered_picture, read_number
from tests.scenes import flat_picture

LENGTH = 4
SIZE = VideoFormat(width=64, height=96, fps=Fraction(2))


def cells_of(folder, pictures, output="mp4"):
    """Cells of four frames that show these pictures, as files."""
    found, profile = [], profile_of(output, "draft")
    for start in range(0, len(pictures), LENGTH):
        part = pictures[start : start + LENGTH]
        path = folder / f"{start}.{output}"
        path.write_bytes(encode_cell(part, SIZE, profile))
        found.append((Cell(index=start // LENGTH, start=start, stop=start + len(part), key=""), path))
    return found


def numbers(count):
    return [numbered_picture(number, 64, 96) for number in range(count)]


def opened(jpeg):
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.format == "JPEG"
        return np.asarray(image.convert("L"))


def number_on(luma):
    return read_number(Picture(luma, luma[::2, ::2], luma[::2, ::2]))


@pytest.mark.parametrize("output", ["mp4", "webm", "gif"])
def test_the_poster_is_the_frame_that_was_asked_for(tmp_path, output):
    made = storyboard(cells_of(tmp_path, numbers(10), output), SIZE.fps, output, 6)
    assert opened(made.poster).shape == (96, 64)
    assert number_on(opened(made.poster)) == 6


def test_a_poster_is_never_blank_while_anything_is_to_be_seen(tmp_path):
    black = [flat_picture(64, 96, (0, 0, 0))] * LENGTH
    cells = cells_of(tmp_path, [*black, *black, *numbers(7)[3:], *black])
    assert number_on(opened(storyboard(cells, SIZE.fps, "mp4", 5).poster)) == 3
    (tmp_path / "dark").mkdir()
    assert storyboard(cells_of(tmp_path / "dark", black), SIZE.fps, "mp4", 0).poster


@pytest.mark.parametrize("output", ["mp4", "webm", "gif"])
def test_the_sheet_shows_the_first_frame_of_each_cell_row_by_row(tmp_path, output):
    made = storyboard(cells_of(tmp_path, numbers(46), output), SIZE.fps, output, 0)
    assert made.sheet == SpriteSheet(width=64, height=96, columns=10, count=12, every_s=2.0, duration_s=23.0)
    sheet = opened(made.sprites)
    assert sheet.shape == (192, 640)
    tiles = [sheet[96 * (n // 10) : 96 * (n // 10 + 1), 64 * (n % 10) : 64 * (n % 10 + 1)] for n in range(12)]
    assert [number_on(tile) for tile in tiles] == list(range(0, 48, LENGTH))


def test_a_long_video_has_a_hundred_thumbnails_at_most(tmp_path):
    (cell, path), *_ = cells_of(tmp_path, numbers(LENGTH))
    many = [(Cell(index=n, start=LENGTH * n, stop=LENGTH * (n + 1), key=""), path) for n in range(201)]
    sheet = storyboard(many, SIZE.fps, "mp4", 0).sheet
    assert (cell.stop, sheet.count, sheet.every_s, sheet.duration_s) == (4, 67, 6.0, 402.0)


def test_pictures_are_no_larger_than_they_need_be(tmp_path):
    size = VideoFormat(width=1440, height=2560, fps=Fraction(30))
    path = tmp_path / "large.mp4"
    path.write_bytes(encode_cell([numbered_picture(9, 1440, 2560)], size, profile_of("mp4", "draft")))
    made = storyboard([(Cell(index=0, start=0, stop=1, key=""), path)], size.fps, "mp4", 0)
    assert opened(made.poster).shape == (1280, 720)
    assert (made.sheet.width, made.sheet.height) == (90, 160)


def test_equal_cells_give_equal_pictures(tmp_path):
    cells = cells_of(tmp_path, numbers(9))
    assert storyboard(cells, SIZE.fps, "mp4", 3) == storyboard(cells, SIZE.fps, "mp4", 3)


@pytest.mark.parametrize("output", ["mp4", "webm", "gif"])
def test_a_damaged_cell_is_named(tmp_path, output):
    cells = cells_of(tmp_path, numbers(8), output)
    path = cells[1][1]
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(MediaError, match=path.name):
        storyboard(cells, SIZE.fps, output, 0)


def test_webvtt_names_the_part_of_the_sheet_for_each_stretch_of_time():
    sheet = SpriteSheet(width=90, height=160, columns=2, count=3, every_s=2.002, duration_s=3605.5)
    assert webvtt(sheet, "sprites") == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:02.002\nsprites#xywh=0,0,90,160\n\n"
        "00:00:02.002 --> 00:00:04.004\nsprites#xywh=90,0,90,160\n\n"
        "00:00:04.004 --> 01:00:05.500\nsprites#xywh=0,160,90,160\n"
    )
