"""Pictures that stand for a finished video: a poster, and a sheet of thumbnails for the bar of a player."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path

from render_core.cells import Cell
from render_core.media.decode import VideoReader
from render_core.media.image import read_gif_image
from render_core.media.still import encode_still
from render_core.picture import Picture
from render_core.spec import Output, SpriteSheet
from render_core.thumbnail import contrast, is_blank, within

COLUMNS = 10
MOST_TILES = 100
_TILE_SIDE, _POSTER_SIDE = 160, 1280
_QUALITY = 82


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """The pictures of a video, as JPEG files, and how to read the sheet."""

    poster: bytes
    sprites: bytes
    sheet: SpriteSheet


def storyboard(cells: Sequence[tuple[Cell, Path]], fps: Fraction, output: Output, poster_frame: int) -> Storyboard:
    """Make the pictures of a video from its cells. For the sheet only first frames are decoded, of 100 cells at most.

    Args:
        cells: All of the video, in order.
        fps: Frame rate.
        output: Format of the cells.
        poster_frame: The frame to show; where it is blank, the thumbnail of most contrast is shown larger instead.

    Raises:
        MediaError: If a cell is damaged.
    """
    chosen = cells[:: ceil(len(cells) / MOST_TILES)]
    tiles = [within(_TILE_SIDE, _frame(cell, path, cell.start, output)) for cell, path in chosen]
    cell, path = next(found for found in cells if poster_frame < found[0].stop)
    shown = _frame(cell, path, poster_frame, output)
    if is_blank(shown):
        cell, path = chosen[max(range(len(tiles)), key=lambda number: contrast(tiles[number]))]
        shown = _frame(cell, path, cell.start, output)
    starts = [cell.start / fps for cell, _ in chosen]
    return Storyboard(
        poster=encode_still(within(_POSTER_SIDE, shown), "jpeg", _QUALITY),
        sprites=encode_still(_sheet_of(tiles), "jpeg", _QUALITY),
        sheet=_description(tiles, [*starts, cells[-1][0].stop / fps]),
    )


def _description(tiles: Sequence[Picture], moments: Sequence[Fraction]) -> SpriteSheet:
    """What there is to say of thumbnails that begin at ``moments``, and of the end, which is the last of these."""
    return SpriteSheet(
        width=tiles[0].width,
        height=tiles[0].height,
        columns=min(COLUMNS, len(tiles)),
        count=len(tiles),
        every_s=float(moments[1]),
        duration_s=float(moments[-1]),
    )


def webvtt(sheet: SpriteSheet, image: str) -> str:
    """Thumbnails as players read them: WebVTT whose cues name a part of ``image`` (W3C Media Fragments, ``xywh``)."""
    moments = [*(number * sheet.every_s for number in range(sheet.count)), sheet.duration_s]
    cues = (
        f"{_moment(start)} --> {_moment(end)}\n{image}#xywh={_part(number, sheet)}\n"
        for number, (start, end) in enumerate(pairwise(moments))
    )
    return "\n".join(["WEBVTT\n", *cues])


def _part(number: int, sheet: SpriteSheet) -> str:
    row, column = divmod(number, sheet.columns)
    return f"{column * sheet.width},{row * sheet.height},{sheet.width},{sheet.height}"


def _moment(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _frame(cell: Cell, path: Path, number: int, output: Output) -> Picture:
    """Frame ``number`` of the video, which is in this cell."""
    if output == "gif":
        return read_gif_image(path, Fraction(number - cell.start, cell.stop - cell.start))
    with VideoReader(path) as reader:
        return reader.frame(number - cell.start).copy()


def _sheet_of(tiles: Sequence[Picture]) -> Picture:
    """Thumbnails of one size row by row; black where the last row has none left."""
    width, height, columns = tiles[0].width, tiles[0].height, min(COLUMNS, len(tiles))
    sheet = Picture.black(columns * width, ceil(len(tiles) / columns) * height)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        place = sheet.region(column * width, row * height, width, height)
        place.y[:], place.u[:], place.v[:] = tile.y, tile.u, tile.v
    return sheet
