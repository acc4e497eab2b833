"""What a still process does: keep decoders and compositions at hand, paint, compress."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from multiprocessing import parent_process
from pathlib import Path

from PIL import Image

from cluster.ports import ObjectStore
from render_core.composition import Composition
from render_core.media.pool import MediaPool
from render_core.media.still import StillFormat, encode_still
from render_core.picture import Picture, to_rgb
from render_core.render import render_frame
from render_core.spec import AssetRef, RenderSpec
from render_core.templates import build
from webapp.previews.still import Still

_JPEG_QUALITY = 84
_THUMBNAIL_SIZE = (240, 240)
_DECODER_THREADS = 2
"""Somebody waits, and most of the wait is decoding from the keyframe before."""


class _Desk:
    """What the process works with; laid out once, by the pool's initialiser."""

    media: MediaPool
    limit_s: float


def open_desk(open_store: Callable[[], ObjectStore], limit_s: float) -> None:
    """Run first in each process, which ends with the one that started it, however that one ends.

    Args:
        open_store: Opens the object store here.
        limit_s: A picture that takes longer ends the process: no decoder can hold it for ever.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    store = open_store()

    def locate(asset: AssetRef) -> Path:
        return store.materialise(asset.key)

    _Desk.media, _Desk.limit_s = MediaPool(locate, decoder_threads=_DECODER_THREADS), limit_s


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


@contextmanager
def _time_limit() -> Iterator[None]:
    # The signal's default action ends the process also while it is in somebody's C code.
    signal.setitimer(signal.ITIMER_REAL, _Desk.limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@_time_limit()
def paint_still(spec_json: str, frame: int) -> Still:
    """Frame ``frame`` of the spec (the last one when there are fewer)."""
    composition = _composition(spec_json)
    number = min(max(frame, 0), composition.frame_count - 1)
    picture = render_frame(composition, number, _Desk.media)
    return Still(
        jpeg=encode_still(picture, "jpeg", _JPEG_QUALITY),
        frame=number,
        frame_count=composition.frame_count,
        fps=composition.format.fps,
        width=picture.width,
        height=picture.height,
    )


@_time_limit()
def paint_picture(spec_json: str, frame: int, form: StillFormat) -> bytes:
    """The same frame as a file of this format."""
    composition = _composition(spec_json)
    return encode_still(render_frame(composition, min(frame, composition.frame_count - 1), _Desk.media), form)


@_time_limit()
def paint_thumbnail(asset_json: str) -> bytes:
    """A small JPEG of an image, or of a clip half a second after its start."""
    asset = AssetRef.model_validate_json(asset_json)
    if asset.info.kind == "image":
        return _thumbnail(_Desk.media.image(asset))
    moment = min(Fraction(1, 2), asset.info.duration_s / 2)
    return _thumbnail(_Desk.media.video_frame(asset, moment))


@lru_cache(maxsize=16)
def _composition(spec_json: str) -> Composition:
    return build(RenderSpec.model_validate_json(spec_json))


def _thumbnail(picture: Picture) -> bytes:
    image = Image.fromarray(to_rgb(picture))
    image.thumbnail(_THUMBNAIL_SIZE)
    out = BytesIO()
    image.save(out, "JPEG", quality=_JPEG_QUALITY)
    return out.getvalue()
