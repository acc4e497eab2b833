"""`reelgrove still`: one frame, with nothing imported that it does not need."""

from pathlib import Path

from render_core.errors import InvalidInputError
from render_core.media.pool import MediaPool
from render_core.media.still import ENDINGS, encode_still
from render_core.render import render_frame
from render_core.spec import RenderSpec
from render_core.templates import build
from webapp.commands.output import refuse_unwritable

_DECODER_THREADS = 2
"""Somebody waits, and most of the wait is decoding from the keyframe before."""


def render_still(spec: RenderSpec, frame: int, out: Path) -> None:
    """Write one frame as PNG, JPEG or WebP, by the ending of ``out``."""
    composition = build(spec)
    if not 0 <= frame < composition.frame_count:
        raise InvalidInputError("--frame", f"must be between 0 and {composition.frame_count - 1}, not {frame}")
    form = ENDINGS.get(out.suffix.lower())
    if form is None:
        raise InvalidInputError("--output", "must end in .png, .jpg or .webp")
    refuse_unwritable(out)
    with MediaPool(lambda asset: Path(asset.key), decoder_threads=_DECODER_THREADS) as media:
        picture = render_frame(composition, frame, media)
    out.write_bytes(encode_still(picture, form))
