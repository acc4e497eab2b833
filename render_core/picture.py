"""Picture: planar YUV 4:2:0, 8 bits, BT.709, limited range, with an optional alpha plane."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from render_core.geometry import Region

Plane = NDArray[np.uint8]
"""One plane: shape (height, width), dtype uint8, rows top down."""

BLACK_Y, WHITE_Y, MID_CHROMA = 16, 235, 128

_SPARSE = 16
"""Most pictures that are not black show it in one row of so many."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Planes of one picture. The frame is frozen, the pixels are not: a canvas is painted in place.

    Attributes:
        y: Luma, shape (height, width); height and width are even.
        u: Cb, shape (height / 2, width / 2).
        v: Cr, shape (height / 2, width / 2).
        alpha: Coverage, shape (height, width), 0 clear … 255 opaque; None where everything is opaque.
            Colour is straight, not premultiplied.
        packed: The memory of the three planes one after the other as one array of the luma's width, as encoders take
            it; None where they lie apart.
    """

    y: Plane
    u: Plane
    v: Plane
    alpha: Plane | None = None
    packed: Plane | None = None

    @property
    def planes(self) -> tuple[Plane, Plane, Plane]:
        """Luma, Cb and Cr."""
        return self.y, self.u, self.v

    @property
    def is_black(self) -> bool:
        """Whether there is no light in it."""
        return bool(self.y[::_SPARSE].max() <= BLACK_Y and self.y.max() <= BLACK_Y)

    @property
    def width(self) -> int:
        """Pixels in a luma row."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Luma rows."""
        return int(self.y.shape[0])

    @classmethod
    def black(cls, width: int, height: int) -> "Picture":
        """An opaque black picture with planes of its own."""
        picture = cls.blank(width, height)
        picture.make_black()
        return picture

    @classmethod
    def blank(cls, width: int, height: int) -> "Picture":
        """An opaque picture with planes of its own to be written: their pixels are whatever was in memory."""
        packed, half = np.empty((height * 3 // 2, width), np.uint8), (height // 2, width // 2)
        chroma = packed[height:].reshape(2, *half)
        return cls(packed[:height], chroma[0], chroma[1], packed=packed)

    def make_black(self) -> None:
        """Write black into the planes."""
        self.y.fill(BLACK_Y)
        self.u.fill(MID_CHROMA)
        self.v.fill(MID_CHROMA)

    def region(self, x: int, y: int, width: int, height: int) -> "Picture":
        """A view (no copy) of a rectangle with even coordinates inside the picture."""
        rows, columns = slice(y, y + height), slice(x, x + width)
        half_rows, half_columns = slice(y // 2, (y + height) // 2), slice(x // 2, (x + width) // 2)
        return Picture(
            self.y[rows, columns],
            self.u[half_rows, half_columns],
            self.v[half_rows, half_columns],
            None if self.alpha is None else self.alpha[rows, columns],
        )

    def bands(self) -> "Iterator[tuple[slice, Picture]]":
        """The picture as views of a few rows each, with the rows: see ``Region.bands``."""
        for band in Region(0, 0, self.width, self.height).bands():
            yield slice(band.y, band.y + band.height), self.region(0, band.y, band.width, band.height)

    def copy(self) -> "Picture":
        """The same pixels in planes of their own."""
        alpha = None if self.alpha is None else self.alpha.copy()
        return Picture(self.y.copy(), self.u.copy(), self.v.copy(), alpha)


# BT.709 full-range RGB to limited-range YCbCr and back (ITU-R BT.709-6, items 3.2 to 3.5).
_KR, _KB = 0.2126, 0.0722
_TO_YUV = np.array(
    [
        [_KR * 219 / 255, (1 - _KR - _KB) * 219 / 255, _KB * 219 / 255, 16],
        [
            -_KR / (1 - _KB) / 2 * 224 / 255,
            -(1 - _KR - _KB) / (1 - _KB) / 2 * 224 / 255,
            0.5 * 224 / 255,
            128,
        ],
        [
            0.5 * 224 / 255,
            -(1 - _KR - _KB) / (1 - _KR) / 2 * 224 / 255,
            -_KB / (1 - _KR) / 2 * 224 / 255,
            128,
        ],
    ],
    np.float32,
)
_INVERSE = np.linalg.inv(_TO_YUV[:, :3].astype(np.float64))
_TO_RGB = np.hstack([_INVERSE, -_INVERSE @ _TO_YUV[:, 3:].astype(np.float64)]).astype(np.float32)


def from_rgb(pixels: NDArray[np.uint8]) -> Picture:
    """A picture from RGB or RGBA pixels, shape (height, width, 3 or 4), uint8; odd sides lose their last line."""
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    pixels = pixels[:height, :width]
    yuv = cv2.transform(np.ascontiguousarray(pixels[..., :3]), _TO_YUV)
    alpha = np.ascontiguousarray(pixels[..., 3]) if pixels.shape[2] == 4 else None
    half = _halved(np.asarray(yuv[..., 1:], np.uint8), alpha)
    return Picture(
        np.ascontiguousarray(yuv[..., 0]),
        np.ascontiguousarray(half[..., 0]),
        np.ascontiguousarray(half[..., 1]),
        alpha,
    )


def _halved(chroma: NDArray[np.uint8], alpha: Plane | None) -> NDArray[np.uint8]:
    """The mean of each four pixels, weighted by what is seen of them: clear ones lend no colour to an edge."""
    size = (chroma.shape[1] // 2, chroma.shape[0] // 2)
    if alpha is None:
        return np.asarray(cv2.resize(chroma, size, interpolation=cv2.INTER_AREA), np.uint8)
    weight = alpha.astype(np.float32)
    weighted = cv2.multiply(chroma, cv2.merge([weight, weight]), dtype=cv2.CV_32F)
    total = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA) / np.maximum(total, 1e-6)[..., None]
    return np.where(total[..., None] > 0, np.round(mean), MID_CHROMA).astype(np.uint8)


def to_rgb(picture: Picture) -> NDArray[np.uint8]:
    """RGB pixels, shape (height, width, 3), uint8; chroma is enlarged linearly, alpha is left out."""
    size = (picture.width, picture.height)
    u = cv2.resize(picture.u, size, interpolation=cv2.INTER_LINEAR)
    v = cv2.resize(picture.v, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.transform(cv2.merge([picture.y, u, v]), _TO_RGB), np.uint8)


def yuv_of(color: tuple[int, int, int]) -> tuple[int, int, int]:
    """The (Y, Cb, Cr) codes of an RGB colour, 0 … 255 each."""
    y, u, v = np.clip(np.round(_TO_YUV[:, :3] @ np.array(color, np.float32) + _TO_YUV[:, 3]), 0, 255)
    return int(y), int(u), int(v)


def yuv_matrix() -> NDArray[np.float32]:
    """Shape (3, 4), float32: from full-range RGB codes and 1 to limited-range (Y, Cb, Cr) codes."""
    return _TO_YUV


def rgb_matrix() -> NDArray[np.float32]:
    """Shape (3, 4), float32: from limited-range (Y, Cb, Cr) codes and 1 to full-range RGB codes."""
    return _TO_RGB
