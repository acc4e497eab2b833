"""The grid of cells of a video and their keys. Pure."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel

from render_core.composition import Composition
from render_core.media.profiles import Profile
from render_core.spec import AssetRef
from render_core.timing import nearest_frames

RENDERER_VERSION = "3"
"""Change it whenever the same drawings come to give other pixels."""

CELL_SECONDS = 2

_LIBRARIES = ("av", "numpy", "opencv-python-headless", "pillow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A run of frames that is rendered and kept as one object.

    Attributes:
        index: Position in the video, from 0.
        start: First frame.
        stop: The frame behind the last one.
        key: Hex digest of everything that its pixels depend on.
    """

    index: int
    start: int
    stop: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CellLoad:
    """What there is to do for a cell: pictures summed over its frames, in megapixels.

    Attributes:
        decoded: Of the clips' pictures that it shows, each at the clip's own size and once.
        drawn: Of the canvas, once for each drawing of every frame that differs from the one before it.
        encoded: Of the canvas, for every frame.
        frames: How many frames are encoded.
    """

    decoded: float = 0.0
    drawn: float = 0.0
    encoded: float = 0.0
    frames: int = 0

    def __add__(self, other: "CellLoad") -> "CellLoad":
        """The load of both."""
        return CellLoad(
            decoded=self.decoded + other.decoded,
            drawn=self.drawn + other.drawn,
            encoded=self.encoded + other.encoded,
            frames=self.frames + other.frames,
        )


@lru_cache(maxsize=1)
def renderer_version() -> str:
    """Our own version and those of the libraries that compute and encode pixels and sound; part of every key."""
    return " ".join([RENDERER_VERSION, *(f"{name}-{version(name)}" for name in _LIBRARIES)])


def plan_cells(composition: Composition, profile: Profile) -> tuple[Cell, ...]:
    """The cells of a video, in order: two seconds each, the last one as long as what is left."""
    return tuple(cell for cell, _ in weigh_cells(composition, profile, ()))


def weigh_cells(
    composition: Composition, profile: Profile, assets: Iterable[AssetRef]
) -> tuple[tuple[Cell, CellLoad], ...]:
    """The same cells, each with what there is to do for it, found on the way to its key.

    Args:
        composition: The video.
        profile: How it is encoded.
        assets: Its inputs; clips that are not among them count as nothing to decode.
    """
    clips = {ref.sha256: ref.info.width * ref.info.height / 1e6 for ref in assets if ref.info.kind == "video"}
    canvas = composition.format.width * composition.format.height / 1e6
    return tuple(
        (
            Cell(index=index, start=start, stop=stop, key=_cell_key(composition, profile, stop - start, frames)),
            _load(frames, canvas, clips),
        )
        for index, (start, stop, frames) in enumerate(_spans(composition, profile))
    )


def sound_key(composition: Composition, profile: Profile) -> str | None:
    """The key of the sound track, or None for a video without sound."""
    if composition.sound is None or profile.sound is None:
        return None
    length = composition.frame_count / composition.format.fps
    return digest((renderer_version(), "sound", profile.sound, composition.sound, length))


def digest(value: object) -> str:
    """A hex SHA-256 of a frozen value: dataclasses, pydantic models, tuples, text, numbers, None.

    Equal values of the same types have equal digests: numbers are written exactly, and −0.0 as 0. Of an asset only
    the hash of its bytes counts, so a moved file keeps its cells.

    Raises:
        TypeError: A value whose content cannot be told from its type.
    """
    return _hashed(_text(value))


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_Frame = tuple[str, int]
"""A frame as a text that tells it from any other, and how many drawings it has."""


def _spans(composition: Composition, profile: Profile) -> Iterator[tuple[int, int, tuple[_Frame, ...]]]:
    """Of each cell the first frame, the one behind the last, and the frames that are looked at."""
    fps = composition.format.fps
    length, step = max(1, nearest_frames(CELL_SECONDS, fps)), profile.step(fps)
    for start in range(0, composition.frame_count, length):
        stop = min(start + length, composition.frame_count)
        shown = (composition.drawings(frame) for frame in range(start, stop, step))
        yield start, stop, tuple((_text(drawings), len(drawings)) for drawings in shown)


def _cell_key(composition: Composition, profile: Profile, length: int, frames: Sequence[_Frame]) -> str:
    head = _text(renderer_version()), _text("cell"), _text(composition.format), _text(profile), _text(length)
    return _hashed(f"[{''.join(head)}[{''.join([text for text, _ in frames])}]]")


_MOMENT = re.compile(r"@([0-9a-f]{64});(#-?\d+/\d+;)")
"""A clip and a time beside each other, as ``ClipFrame`` writes them."""


def _load(frames: Sequence[_Frame], canvas: float, clips: Mapping[str, float]) -> CellLoad:
    before = ("", *(text for text, _ in frames))
    changed = [frame for frame, last in zip(frames, before, strict=False) if frame[0] != last]
    moments = {moment for text, _ in changed for moment in _MOMENT.findall(text)}
    return CellLoad(
        decoded=sum(clips.get(sha256, 0.0) for sha256, _ in moments),
        drawn=canvas * sum(count for _, count in changed),
        encoded=canvas * len(frames),
        frames=len(frames),
    )


def _text(value: object) -> str:
    """An unambiguous text: every form begins with a sign of its own, and what varies in length tells its length."""
    write = _WRITERS.get(type(value))
    return write(value) if write else _compound(value)


def _compound(value: object) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    kind: type[Any] = type(value)
    names = _field_names(kind)
    inner = "".join([_text(getattr(value, name)) for name in names])
    return f"{type(value).__name__}({inner})"


def _field_names(kind: type[Any]) -> tuple[str, ...]:
    if kind not in _FIELD_NAMES:
        _FIELD_NAMES[kind] = _read_field_names(kind)
    return _FIELD_NAMES[kind]


_FIELD_NAMES: dict[type[Any], tuple[str, ...]] = {}


def _read_field_names(kind: type[Any]) -> tuple[str, ...]:
    if issubclass(kind, BaseModel):
        return tuple(kind.model_fields)
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} has no canonical form: use frozen dataclasses, tuples and numbers")
    return tuple(field.name for field in fields(kind))


def _number(value: int | float | Fraction) -> str:  # noqa: PYI041 - all three are told apart at run time
    """Equal numbers are written alike, whatever their type."""
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN differs from itself
        raise ValueError("a number that is not finite has no place in a key")
    top, bottom = value.as_integer_ratio()
    return f"#{top}/{bottom};"


def _sequence(value: tuple[object, ...]) -> str:
    return f"[{''.join([_text(item) for item in value])}]"


_WRITERS: dict[type, Callable[[Any], str]] = {
    int: _number,
    float: _number,
    Fraction: _number,
    bool: lambda value: f"?{value:d};",
    type(None): lambda _: "~;",
    str: lambda value: f"${len(value)}:{value}",
    tuple: _sequence,
    AssetRef: lambda value: f"@{value.sha256};",
}
