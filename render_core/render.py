"""From a composition to pictures, cells, sound and a file."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import cv2

from render_core.audio.mix import mix
from render_core.cells import Cell
from render_core.composition import Composition
from render_core.layer import Drawing, MediaSource
from render_core.media.concat import concat
from render_core.media.encode import EncoderProfile, encode_cell
from render_core.media.pool import MediaPool
from render_core.media.sound import encode_aac
from render_core.picture import Picture


def render_frame(composition: Composition, frame: int, media: MediaSource) -> Picture:
    """The picture of frame ``frame`` (from 0); depends on its arguments alone. The caller owns the planes."""
    return _paint(composition.drawings(frame), composition, media)


def render_cell(
    composition: Composition,
    cell: Cell,
    media: MediaSource,
    profile: EncoderProfile,
    on_frame: Callable[[int], None] = lambda _: None,
) -> bytes:
    """An MP4 with the cell's frames as one closed GOP; the bytes depend on the cell's key alone.

    A task has one processor: OpenCV's own threads are switched off for the process. ``on_frame`` is told before each
    frame how many are done; what it raises ends the work.
    """
    cv2.setNumThreads(1)
    return encode_cell(render_frames(composition, cell, media, on_frame), composition.format, profile)


def render_sound(composition: Composition, media: MediaPool, profile: EncoderProfile) -> bytes:
    """The whole sound track as an M4A: one continuous mix, encoded once.

    Raises:
        ValueError: If the composition is silent.
    """
    if composition.sound is None:
        raise ValueError("a silent composition has no sound track")
    return encode_aac(mix(composition.sound, media.sound), profile.audio_bit_rate)


def assemble(cells: Sequence[Path], sound: Path | None, out: Path, fps: Fraction) -> None:
    """The finished MP4 from its cells in order and its sound: packets are copied, nothing is encoded again."""
    concat(cells, sound, out, fps)


def render_frames(
    composition: Composition, cell: Cell, media: MediaSource, on_frame: Callable[[int], None] = lambda _: None
) -> Iterator[Picture]:
    """The frames of a cell; one that shows the same as the one before is the same picture, not painted again."""
    shown: tuple[Drawing, ...] | None = None
    picture = None
    for frame in range(cell.start, cell.stop):
        on_frame(frame - cell.start)
        drawings = composition.drawings(frame)
        if picture is None or drawings != shown:
            picture, shown = _paint(drawings, composition, media), drawings
        yield picture


def _paint(drawings: tuple[Drawing, ...], composition: Composition, media: MediaSource) -> Picture:
    width, height = composition.format.width, composition.format.height
    is_filled = bool(drawings) and drawings[0].hides_all_below(width, height)
    canvas = Picture.blank(width, height) if is_filled else Picture.black(width, height)
    for drawing in drawings:
        drawing.paint(canvas, media)
    return canvas
