"""Errors that rendering raises: small, with the field they speak of, and safe to pickle."""


class RenderCoreError(Exception):
    """The base of everything render_core raises on purpose."""


class InvalidInputError(RenderCoreError, ValueError):
    """Input that no retry will cure: the message names the field and what to do.

    Args:
        field: Path of the offending field as the user wrote it, e.g. ``config.mainText``.
        problem: A sentence for the user: what is wrong, the limit, what to do.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}"


class MediaError(RenderCoreError):
    """A media file that cannot be used.

    Args:
        source: What was read: a file name or an asset's short hash, never a full path.
        problem: A sentence for the user.
    """

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(source, problem)
        self.source = source
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.source}: {self.problem}"


class FrameNotFoundError(MediaError, IndexError):
    """A frame was asked for that the clip does not have."""


class MissingEncoderError(RenderCoreError):
    """FFmpeg's libraries on this machine were built without an encoder that is needed.

    Args:
        encoder: Its name in FFmpeg.
    """

    def __init__(self, encoder: str) -> None:
        super().__init__(encoder)
        self.encoder = encoder

    def __str__(self) -> str:
        return f"this machine has no encoder {self.encoder}: install the wheel of av, or choose another output"
