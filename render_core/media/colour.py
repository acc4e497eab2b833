"""Decoded frames of any format become Pictures: planar YUV 4:2:0, 8 bits, BT.709, limited range, upright."""

from fractions import Fraction
from typing import cast

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from render_core.media.display import UPRIGHT, Turn, displayed_width
from render_core.picture import Picture, Plane

_BT709, _UNTAGGED, _RGB = 1, 2, 0
"""Values of ITU-T H.273 (matrix coefficients), as decoders report them."""
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
_SCALING = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


def picture_of(frame: VideoFrame, pixel_aspect: Fraction = Fraction(1), turn: Turn = UPRIGHT) -> Picture:
    """The frame as it is displayed.

    The usual case (yuv420p, BT.709, limited range) is a read-only view of the decoder's planes, not a copy.

    Args:
        frame: A decoded frame.
        pixel_aspect: Width of a pixel over its height.
        turn: From ``turn_of`` a frame of the clip.
    """
    width = displayed_width(frame.width, pixel_aspect)
    if width != frame.width or not _is_native(frame):
        frame = _converted(frame, width)
    planes = [_view(plane) for plane in frame.planes[:3]]
    return _even(*_upright(planes, turn))


def _is_native(frame: VideoFrame) -> bool:
    return (
        frame.format.name == "yuv420p" and frame.color_range != ColorRange.JPEG and _matrix(frame) == Colorspace.ITU709
    )


def _matrix(frame: VideoFrame) -> Colorspace:
    """The tagged matrix; where there is no tag, BT.601 for small pictures and BT.709 for others, as players do."""
    is_small = frame.height < 720 and frame.width < 1280
    return _MATRICES.get(int(frame.colorspace), Colorspace.ITU601 if is_small else Colorspace.ITU709)


def _converted(frame: VideoFrame, width: int) -> VideoFrame:
    is_full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj") or frame.format.is_rgb
    return frame.reformat(
        width=width,
        format="yuv420p",
        src_colorspace=_matrix(frame),
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG if is_full else ColorRange.MPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=_SCALING,
        threads=1,
    )


def pixels_of(plane: VideoPlane) -> Plane:
    """The memory of an av plane as an array, shape (height, width), uint8: no copy, padding of its lines left out."""
    buffer = cast("memoryview", plane)  # av's stubs do not say that planes have the buffer protocol
    lines = np.frombuffer(buffer, np.uint8).reshape(plane.height, abs(plane.line_size))
    return lines[::-1, : plane.width] if plane.line_size < 0 else lines[:, : plane.width]


def _view(plane: VideoPlane) -> Plane:
    view = pixels_of(plane)
    view.flags.writeable = False  # the decoder still predicts from these pixels
    return view


def _upright(planes: list[Plane], turn: Turn) -> list[Plane]:
    if turn == UPRIGHT:
        return planes
    return [np.asarray(_turned(plane, turn), np.uint8) for plane in planes]


def _turned(plane: cv2.typing.MatLike, turn: Turn) -> cv2.typing.MatLike:
    plane = cv2.transpose(plane) if turn.is_transposed else plane
    plane = cv2.flip(plane, 1) if turn.is_mirrored else plane
    return cv2.flip(plane, 0) if turn.is_flipped else plane


def _even(y: Plane, u: Plane, v: Plane) -> Picture:
    """Odd sides lose their last line; a single line is doubled, for a picture has two at least."""
    if min(y.shape) < 2:
        y = np.repeat(np.repeat(y, 2 if y.shape[0] < 2 else 1, axis=0), 2 if y.shape[1] < 2 else 1, axis=1)
    rows, columns = y.shape[0] // 2, y.shape[1] // 2
    return Picture(y[: rows * 2, : columns * 2], u[:rows, :columns], v[:rows, :columns])
