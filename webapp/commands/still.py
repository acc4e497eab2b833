"""`reelgrove still`: one frame, with nothing imported that it does not need."""

from pathlib import Path

import cv2

from render_core.errors import InvalidInputError
from render_core.media.pool import MediaPool
from render_core.picture import to_rgb
from render_core.render import render_frame
from render_core.spec import RenderSpec
from render_core.templates import build
from webapp.commands.output import refuse_unwritable


def render_still(spec: RenderSpec, frame: int, out: Path) -> None:
    """Write one frame as PNG, JPEG or WebP, by the ending of ``out``."""
    composition = build(spec)
    if not 0 <= frame < composition.frame_count:
        raise InvalidInputError("--frame", f"must be between 0 and {composition.frame_count - 1}, not {frame}")
    if out.suffix.lower() not in {".png", ".jpg", ".jpeg", ".webp"}:
        raise InvalidInputError("--output", "must end in .png, .jpg or .webp")
    refuse_unwritable(out)
    with MediaPool(lambda asset: Path(asset.key)) as media:
        picture = render_frame(composition, frame, media)
    pixels = cv2.cvtColor(to_rgb(picture), cv2.COLOR_RGB2BGR)
    if not cv2.imwrite(str(out), pixels):
        raise InvalidInputError("--output", f"cannot write {out}")
