"""What an attacker sends, and the book of tricks that make it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cluster.jobs import AssetType
from tests.factories import make_clip, make_image, make_sound, tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it is sent.

    Attributes:
        name: The trick, for reports.
        file_name: What it claims to be called.
        mime_type: What it claims to be.
    """

    name: str
    asset_type: AssetType
    file_name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Bait:
    """What no reader of an upload may touch, and the honest files that tricks begin with.

    Attributes:
        file: A real clip that stands beside the uploads.
        port: Where something listens on the loopback, by TCP and UDP.
        honest: Bytes of a sound file by its ending.
    """

    file: Path
    port: int
    honest: dict[str, bytes]

    @property
    def names(self) -> set[str]:
        """Of the files that lie beside the uploads and that nobody may open."""
        return {self.file.name, *(f"honest.{ending}" for ending in self.honest)}

    @classmethod
    def laid(cls, folder: Path, port: int) -> "Bait":
        """Bait in a folder, where its clip is ``neighbour.mp4``."""
        clip = make_clip(folder / "neighbour.mp4", frames=10, tone_hz=440)
        honest = {ending: make(folder / f"honest.{ending}").read_bytes() for ending, make in _honest().items()}
        return cls(file=clip, port=port, honest=honest)


def _honest() -> dict[str, Callable[[Path], Path]]:
    """How a small file of each kind is made."""
    quick = {"deadline": "realtime", "cpu-used": "8"}
    return {
        "mp4": partial(make_clip, frames=10, tone_hz=440),
        "webm": partial(make_clip, frames=10, codec="libvpx", options=quick),
        **dict.fromkeys(("png", "jpeg", "webp"), make_image),
        "mp3": lambda path: make_sound(path, tone(440, 0.5), "libmp3lame"),
        "wav": lambda path: make_sound(path, tone(440, 0.2)),
        **dict.fromkeys(("aac", "m4a"), lambda path: make_sound(path, tone(440, 0.5), "aac")),
    }


Make = Callable[[Bait, random.Random], bytes]
"""Makes the bytes of an upload; what varies comes from the generator alone."""


@dataclass(frozen=True, slots=True)
class Trick:
    """A way to make uploads, each seed another one.

    Attributes:
        chapter: The module it is in.
        claim: The ending of what the uploads claim to be.
    """

    name: str
    chapter: str
    claim: str
    make: Make

    def upload(self, bait: Bait, seed: int) -> Upload:
        asset_type, file_name, mime_type = CLAIMS[self.claim]
        content = self.make(bait, random.Random(f"{self.name} {seed}"))
        return Upload(name=self.name, asset_type=asset_type, file_name=file_name, mime_type=mime_type, content=content)


CLAIMS: dict[str, tuple[AssetType, str, str]] = {
    "mp4": ("avatar", "me.mp4", "video/mp4"),
    "webm": ("background", "clip.webm", "video/webm"),
    "png": ("cover", "cover.png", "image/png"),
    "jpeg": ("cover", "cover.jpg", "image/jpeg"),
    "webp": ("cover", "cover.webp", "image/webp"),
    "mp3": ("music", "song.mp3", "audio/mpeg"),
    "wav": ("music", "song.wav", "audio/wav"),
    "aac": ("music", "song.aac", "audio/aac"),
    "m4a": ("music", "song.m4a", "audio/mp4"),
}
"""What is claimed of a file of each ending."""

TRICKS: dict[str, Trick] = {}


def trick(claim: str, *, name: str = "") -> Callable[[Make], Make]:
    """Enter a function in the book, under its own name or another."""

    def enter(make: Make) -> Make:
        title = f"{name or make.__name__} as {claim}"
        module: str = getattr(make, "func", make).__module__
        TRICKS[title] = Trick(title, module.rpartition(".")[2], claim, make)
        return make

    return enter


def uploads(bait: Bait, seed: int, count: int) -> Iterator[Upload]:
    """So many uploads: each trick in its turn, each turn with another seed, all of them mixed."""
    rounds = -(-count // len(TRICKS))
    turns = [(each, seed + turn) for turn in range(rounds) for each in TRICKS.values()][:count]
    random.Random(seed).shuffle(turns)
    return (each.upload(bait, at) for each, at in turns)
