"""Opening still images, which may be hostile, through Pillow."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from render_core.errors import MediaError

MAX_IMAGE_PIXELS = 40_000_000
_FORMATS = ("PNG", "JPEG", "WEBP")


def is_image(path: Path) -> bool:
    """Whether the first bytes are those of a PNG, JPEG or WebP."""
    with path.open("rb") as file:
        head = file.read(12)
    return head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (head[:4] == b"RIFF" and head[8:] == b"WEBP")


@contextmanager
def opened_image(path: Path) -> Iterator[Image.Image]:
    """An image opened with its size checked; whatever Pillow raises inside becomes a MediaError."""
    Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as image:
                yield image
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        limit = f"At most {MAX_IMAGE_PIXELS // 1_000_000} million pixels are accepted"
        raise MediaError(path.name, f"The image is too large. {limit}: make it smaller.") from error
    except UnidentifiedImageError as error:
        raise MediaError(path.name, "This is no image. Choose a PNG, JPEG or WebP file.") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise MediaError(path.name, "The image is damaged or cut off. Export it again as PNG or JPEG.") from error


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height in pixels once the camera's orientation is applied."""
    orientation = image.getexif().get(0x0112, 1)
    return (image.height, image.width) if orientation in {5, 6, 7, 8} else (image.width, image.height)
