"""Still images as Pictures."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from render_core.media.image_file import opened_image
from render_core.picture import Picture, from_rgb


def read_image(path: Path) -> Picture:
    """The image, upright, with alpha where the file has transparency.

    Raises:
        MediaError: If it is no PNG, JPEG or WebP, is damaged, or has more than ``MAX_IMAGE_PIXELS`` pixels.
    """
    with opened_image(path) as image:
        upright = ImageOps.exif_transpose(image)
        mode = "RGBA" if upright.has_transparency_data else "RGB"
        pixels = np.asarray(upright.convert(mode))
    return from_rgb(_at_least_two(pixels))


def _at_least_two(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A single row or column is doubled: a picture has two at least."""
    if min(pixels.shape[:2]) >= 2:
        return pixels
    return np.pad(pixels, ((0, pixels.shape[0] % 2), (0, pixels.shape[1] % 2), (0, 0)), mode="edge")
