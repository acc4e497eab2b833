"""Animated GIFs: encoded by FFmpeg a cell at a time, each with a palette of its own, and joined by copying images.

The layout of a file (GIF89a, W3C 1990): header and screen descriptor, then blocks. In front of an image is a graphic
control block, which says for how many hundredths of a second it is shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.format import VideoFormat as PixelFormat
from av.video.frame import VideoFrame

from render_core.errors import MediaError
from render_core.media.profiles import GifProfile
from render_core.picture import Picture, to_rgb
from render_core.spec import VideoFormat

_SIZE_ENDS, _FLAGS, _HEAD = 10, 10, 13
"""Bytes of the header and screen descriptor: signature and size, flags, and where the palette begins."""
_HAS_PALETTE, _PALETTE_BITS = 0x80, 7
_NO_PALETTE = b"\x70\xff\x00"
_FOR_EVER = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
_CONTROL, _IMAGE, _END = b"\x21\xf9", b"\x2c", b"\x3b"


@dataclass(frozen=True, slots=True)
class _Image:
    """A graphic control block and the image it speaks of, as they are in a file."""

    control: bytes
    data: bytes

    @property
    def delay_cs(self) -> int:
        """For how many hundredths of a second it is shown."""
        return int.from_bytes(self.control[4:6], "little")

    def shown_for(self, delay_cs: int) -> "_Image":
        """The same with another delay."""
        return _Image(self.control[:4] + delay_cs.to_bytes(2, "little") + self.control[6:], self.data)

    def coloured(self, flags: int, palette: bytes) -> "_Image":
        """The same with a palette of its own: this one, if it relied on the file's."""
        if self.data[9] & _HAS_PALETTE:
            return self
        own = bytes([_HAS_PALETTE | flags & _PALETTE_BITS])
        return _Image(self.control, self.data[:9] + own + palette + self.data[10:])

    def __bytes__(self) -> bytes:
        return self.control + self.data


def encode_gif(pictures: Iterable[Picture], video_format: VideoFormat, profile: GifProfile) -> bytes:
    """Encode pictures as a GIF with one palette; of each picture only what has changed is stored.

    Args:
        pictures: One per frame, each of the format's size; every ``profile.step``-th is shown.
        video_format: Size, and the rate of the video's frames.
        profile: Palette, dithering and rate.
    """
    step, count = profile.step(video_format.fps), 0
    graph = _graph(video_format, profile)
    for picture in pictures:
        if count % step == 0:
            graph.vpush(_frame_of(picture, count // step))
        count += 1
    graph.vpush(None)
    data = b"".join(_packets(graph, video_format))
    frames = [*range(0, count, step), count]
    images = zip(_images(data), pairwise(frames), strict=True)
    head = data[: _HEAD + len(_palette(data))]
    return head + b"".join(bytes(_timed(image, span, video_format.fps)) for image, span in images) + _END


def join_gifs(cells: Sequence[Path], out: Path, fps: Fraction) -> None:
    """Write one GIF, repeated for ever, from cells in order: images are copied, nothing is encoded again.

    Args:
        cells: Files made by ``encode_gif`` with one profile and format; at least one.
        out: Where to write. Equal inputs give equal bytes.
        fps: Rate of the video's frames: delays follow its grid, so that rounding them to hundredths never adds up.

    Raises:
        MediaError: If a cell is damaged, or of another size than the first.
        OSError: If ``out`` cannot be written.
    """
    (size, _), start = _read(cells[0]), 0
    with out.open("wb") as file:
        file.write(size + _NO_PALETTE + _FOR_EVER)
        for cell in cells:
            own_size, images = _read(cell)
            if own_size != size:
                raise MediaError(cell.name, "This cell was encoded with other settings than the first.")
            for image, span in _placed(images, fps, start):
                file.write(bytes(_timed(image, span, fps)))
                start = span[1]
        file.write(_END)


def _graph(video_format: VideoFormat, profile: GifProfile) -> Graph:
    """Pictures go in, and are held until the palette is known, then come out with its colours."""
    graph = Graph()
    graph.threads = 1
    dither = f"dither=bayer:bayer_scale={profile.bayer_scale}:diff_mode=rectangle"
    source = graph.add_buffer(
        width=video_format.width, height=video_format.height, format=PixelFormat("bgra"), time_base=Fraction(1, 100)
    )
    split, sink = graph.add("split"), graph.add("buffersink")
    palette, use = graph.add("palettegen", f"max_colors={profile.colours}"), graph.add("paletteuse", dither)
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph


def _frame_of(picture: Picture, number: int) -> VideoFrame:
    pixels = cv2.cvtColor(to_rgb(picture), cv2.COLOR_RGB2BGRA)
    frame = VideoFrame.from_ndarray(np.asarray(pixels, np.uint8), format="bgra")
    frame.pts, frame.time_base = number, Fraction(1, 100)
    return frame


def _packets(graph: Graph, video_format: VideoFormat) -> Iterator[bytes]:
    """What the encoder makes of the graph's pictures: the head of a file and its blocks."""
    encoder = VideoCodecContext.create("gif", "w")
    encoder.width, encoder.height, encoder.pix_fmt = video_format.width, video_format.height, "pal8"
    encoder.time_base = Fraction(1, 100)
    for frame in _pulled(graph):
        yield from map(bytes, encoder.encode(frame))
    yield from map(bytes, encoder.encode(None))


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (av.EOFError, av.BlockingIOError):
            return


def _timed(image: _Image, span: tuple[int, int], fps: Fraction) -> _Image:
    """An image that is shown from one frame to another."""
    start, stop = (round(100 * frame / fps) for frame in span)
    return image.shown_for(stop - start)


def _placed(images: Iterable[_Image], fps: Fraction, start: int) -> Iterator[tuple[_Image, tuple[int, int]]]:
    """The images of a cell that begins with frame ``start``, each with the frames from and to which it is shown.

    Frames are further apart than hundredths of a second, so the delays within a cell tell them exactly.
    """
    clock_cs, begin = 0, start
    for image in images:
        clock_cs += image.delay_cs
        end = start + round(clock_cs * fps / 100)
        yield image, (begin, end)
        begin = end


def _read(cell: Path) -> tuple[bytes, list[_Image]]:
    """The beginning of a file, which tells its size, and its images, each with its palette."""
    data = cell.read_bytes()
    try:
        palette = _palette(data)
        images = [image.coloured(data[_FLAGS], palette) for image in _images(data)]
    except IndexError:
        images = []
    if not images or data[-1:] != _END:
        raise MediaError(cell.name, "This cell is damaged or cut off: it has to be made again.")
    return data[:_SIZE_ENDS], images


def _images(data: bytes) -> Iterator[_Image]:
    """The images of a file, in order; other blocks are passed over."""
    at, control = _HEAD + len(_palette(data)), b""
    while data[at : at + 1] not in {_END, b""}:
        end = _image_end(data, at) if data[at : at + 1] == _IMAGE else _blocks_end(data, at + 2)
        if data[at : at + 2] == _CONTROL:
            control = data[at:end]
        elif data[at : at + 1] == _IMAGE:
            yield _Image(control, data[at:end])
        at = end


def _image_end(data: bytes, at: int) -> int:
    """Behind an image: its descriptor of 10 bytes, its palette, a byte, and compressed blocks."""
    return _blocks_end(data, at + 10 + _palette_size(data[at + 9]) + 1)


def _palette(data: bytes) -> bytes:
    """The palette of the whole file."""
    return data[_HEAD : _HEAD + _palette_size(data[_FLAGS])]


def _palette_size(flags: int) -> int:
    return 3 << (flags & _PALETTE_BITS) + 1 if flags & _HAS_PALETTE else 0


def _blocks_end(data: bytes, at: int) -> int:
    """Behind a chain of blocks, each with its length in front, that ends with an empty one."""
    while length := data[at]:
        at += length + 1
    return at + 1
