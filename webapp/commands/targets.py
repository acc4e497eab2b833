"""What `reelgrove render` writes: the video, and the pictures that go with it."""

from dataclasses import dataclass
from pathlib import Path

from render_core.errors import InvalidInputError
from render_core.spec import Output
from render_core.storyboard import Storyboard, webvtt
from webapp.commands.output import refuse_unwritable

_OUTPUTS: dict[str, Output] = {".mp4": "mp4", ".webm": "webm", ".gif": "gif"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The files that a render writes.

    Attributes:
        video: Its ending says which format is wanted.
        poster: A picture of the video, or None.
        sprites: A sheet of thumbnails, or None; a WebVTT file comes beside it.

    Raises:
        InvalidInputError: If one of them has another ending than it should, or cannot be written.
    """

    video: Path
    poster: Path | None = None
    sprites: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be written, before anything is rendered in vain."""
        if self.video.suffix.lower() not in _OUTPUTS:
            raise InvalidInputError("--output", "must end in .mp4, .webm or .gif")
        refuse_unwritable(self.video)
        for field, picture in (("--poster", self.poster), ("--sprites", self.sprites)):
            if picture is not None and picture.suffix.lower() not in {".jpg", ".jpeg"}:
                raise InvalidInputError(field, "must end in .jpg")
            if picture is not None:
                refuse_unwritable(picture, field)

    @property
    def output(self) -> Output:
        """The format of the video."""
        return _OUTPUTS[self.video.suffix.lower()]

    @property
    def has_pictures(self) -> bool:
        """Whether anything but the video is wanted."""
        return self.poster is not None or self.sprites is not None

    def write_pictures(self, made: Storyboard) -> None:
        """Write those that are wanted."""
        if self.poster is not None:
            self.poster.write_bytes(made.poster)
        if self.sprites is not None:
            self.sprites.write_bytes(made.sprites)
            self.sprites.with_suffix(".vtt").write_text(webvtt(made.sheet, self.sprites.name), encoding="utf-8")
