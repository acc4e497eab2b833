"""From a composition to pictures, cells, sound and a file."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

from render_core.audio.mix import mix
from render_core.cells import Cell
from render_core.composition import Composition
from render_core.layer import Drawing, MediaSource
from render_core.media.concat import concat
from render_core.media.delivery import deliver
from render_core.media.encode import encode_cell
from render_core.media.gif import join_gifs
from render_core.media.pool import MediaPool
from render_core.media.profiles import Profile
from render_core.media.sound import encode_sound
from render_core.picture import Picture
from render_core.process import prepare_process
from render_core.spec import Output


def render_frame(composition: Composition, frame: int, media: MediaSource) -> Picture:
    """The picture of frame ``frame`` (from 0); depends on its arguments alone. The caller owns the planes."""
    canvas = _canvas(composition)
    _paint(composition.drawings(frame), canvas, media)
    return canvas


def render_cell(
    composition: Composition,
    cell: Cell,
    media: MediaSource,
    profile: Profile,
    on_frame: Callable[[int], None] = lambda _: None,
) -> bytes:
    """A file with the cell's frames that needs no other to be decoded; the bytes depend on the cell's key alone.

    ``on_frame`` is told before each frame how many are done; what it raises ends the work.
    """
    step = profile.step(composition.format.fps)
    return encode_cell(render_frames(composition, cell, media, on_frame, step), composition.format, profile)


def render_sound(composition: Composition, media: MediaPool, profile: Profile, out: Path) -> None:
    """Write the whole sound track as a file: one continuous mix, encoded once, in the same memory at any length.

    Raises:
        ValueError: If the composition or the format is silent.
    """
    if composition.sound is None or profile.sound is None:
        raise ValueError("a silent composition has no sound track")
    prepare_process()
    encode = partial(encode_sound, profile=profile.sound)
    deliver(mix(composition.sound, media.sound), encode, out)


def assemble(
    cells: Sequence[Path],
    sound: Path | None,
    out: Path,
    fps: Fraction,
    output: Output = "mp4",
    lengths: Sequence[int] = (),
) -> None:
    """The finished file from its cells in order and its sound: packets are copied, nothing is encoded again.

    Args:
        cells: Files, at least one.
        sound: File, or None.
        out: Where to write.
        fps: Frame rate.
        output: Format of the cells and of the file.
        lengths: Frames of each cell, to find those that have lost some.

    Raises:
        MediaError: If a part is damaged.
    """
    if output == "gif":
        join_gifs(cells, out, fps)
    else:
        concat(cells, sound, out, fps, output, lengths)


def render_frames(
    composition: Composition,
    cell: Cell,
    media: MediaSource,
    on_frame: Callable[[int], None] = lambda _: None,
    step: int = 1,
) -> Iterator[Picture]:
    """The frames of a cell, one after the other in the same picture; what shows the same is not painted again.

    With a ``step`` only every so many-th is looked at, and those between are like it.
    """
    prepare_process()
    shown: tuple[Drawing, ...] | None = None
    canvas = _canvas(composition)
    for frame in range(cell.start, cell.stop):
        on_frame(frame - cell.start)
        drawings = composition.drawings(frame - (frame - cell.start) % step)
        if drawings != shown:
            _paint(drawings, canvas, media)
            shown = drawings
        yield canvas


def _canvas(composition: Composition) -> Picture:
    return Picture.blank(composition.format.width, composition.format.height)


def _paint(drawings: tuple[Drawing, ...], canvas: Picture, media: MediaSource) -> None:
    if not drawings or not drawings[0].hides_all_below(canvas.width, canvas.height):
        canvas.make_black()
    for drawing in drawings:
        drawing.paint(canvas, media)
