"""Single pictures as files: PNG, JPEG, WebP."""

import io
from typing import Any, Literal

from PIL import Image

from render_core.picture import Picture, to_rgb

StillFormat = Literal["png", "jpeg", "webp"]
ENDINGS: dict[str, StillFormat] = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}
"""Which format a file's name asks for."""

_OPTIONS: dict[StillFormat, dict[str, Any]] = {
    "png": {"compress_level": 4},
    "jpeg": {"quality": 90, "subsampling": "4:2:0"},
    "webp": {"quality": 90, "method": 4},
}


def encode_still(picture: Picture, form: StillFormat, quality: int | None = None) -> bytes:
    """Encode a picture in sRGB, as it would be seen on a screen; alpha is left out.

    Args:
        picture: Any size.
        form: PNG keeps every pixel; JPEG and WebP are smaller.
        quality: 1–100 of JPEG or WebP instead of 90.

    Returns:
        The file. Equal pictures give equal bytes.
    """
    options = _OPTIONS[form] | ({} if quality is None or form == "png" else {"quality": quality})
    file = io.BytesIO()
    Image.fromarray(to_rgb(picture)).save(file, form, **options)
    return file.getvalue()
