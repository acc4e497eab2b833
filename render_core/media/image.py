"""Still images as Pictures: upright, in sRGB, with alpha where there is transparency."""

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from render_core.errors import MediaError
from render_core.media.image_file import opened_image
from render_core.picture import Picture, from_rgb


def read_image(path: Path) -> Picture:
    """The image, with alpha where the file has transparency.

    Raises:
        MediaError: If it is no PNG, JPEG or WebP, is damaged, or has more than ``MAX_IMAGE_PIXELS`` pixels.
    """
    return from_rgb(_at_least_two(np.asarray(read_pixels(path))))


def read_pixels(path: Path) -> Image.Image:
    """The image as RGB or RGBA in sRGB, turned as its camera was held.

    Raises:
        MediaError: As ``read_image``.
    """
    with opened_image(path) as image:
        upright = ImageOps.exif_transpose(image)
        profile = image.info.get("icc_profile")
        mode = "RGBA" if upright.has_transparency_data else "RGB"
        return _in_srgb(_eight_bits(upright).convert(mode), profile)


def read_gif_image(path: Path, part: Fraction) -> Picture:
    """What an animated GIF that we made shows when ``part`` of its images (0 … less than 1) have been seen.

    Raises:
        MediaError: If it is damaged.
    """
    try:
        with Image.open(path, formats=("GIF",)) as image:
            image.seek(int(part * getattr(image, "n_frames", 1)))
            return from_rgb(np.asarray(image.convert("RGB")))
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise MediaError(path.name, "This GIF is damaged or cut off: it has to be made again.") from error


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits keeps its upper eight; Pillow alone would clip it."""
    if not image.mode.startswith("I;16"):
        return image
    return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as the embedded profile means them: phones photograph in Display P3. A broken profile is ignored."""
    if not profile:
        return image
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return image
    return converted or image


def _at_least_two(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A single row or column is doubled: a picture has two at least."""
    if min(pixels.shape[:2]) >= 2:
        return pixels
    height, width = pixels.shape[:2]
    return np.pad(pixels, ((0, max(0, 2 - height)), (0, max(0, 2 - width)), (0, 0)), mode="edge")
