"""A file on its way in: counted, hashed and reserved while its bytes arrive, gone when anything goes wrong."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from webapp.assets.kinds import ACCEPTED
from webapp.assets.reservations import Reservation
from webapp.errors import AppError, TooLargeError
from webapp.models import AssetType


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadIntent:
    """What a client says it is about to send.

    Attributes:
        file_name: The user's own name for it: shown, never used as a path.
        mime_type: As declared; the bytes decide.
        workspace_id: None means the actor's own workspace.
        size_bytes: Where the client tells it beforehand.
    """

    asset_type: AssetType
    file_name: str
    mime_type: str = ""
    workspace_id: UUID | None = None
    size_bytes: int | None = None


class PartialUpload:
    """A temporary file that takes chunks, and the storage that is held for it.

    Use it as a context manager, or call ``close``: both delete the file, and unless the upload has ended well give back
    what it holds.
    """

    def __init__(self, intent: UploadIntent, reservation: Reservation, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.intent = intent
        self.reservation = reservation
        self.path = folder / f"{uuid4().hex}.part"
        self.size_bytes = 0
        self._hash = hashlib.sha256()
        self._file = self.path.open("xb")

    def append(self, chunk: bytes) -> None:
        """Take the next bytes. What is refused is deleted at once.

        Raises:
            TooLargeError: The limit of the asset's type is passed.
            QuotaExceededError: The workspace's storage is full.
        """
        try:
            refuse_larger(self.intent.asset_type, self.size_bytes + len(chunk))
            self.reservation.cover(self.size_bytes + len(chunk))
        except AppError:
            self.close()
            raise
        self.size_bytes += len(chunk)
        self._hash.update(chunk)
        self._file.write(chunk)

    def seal(self) -> str:
        """Finish writing; the SHA-256 of all bytes, in hex."""
        self._file.close()
        return self._hash.hexdigest()

    def close(self) -> None:
        """Delete the file, and give back what is held for it. May be called more than once."""
        self._file.close()
        self.path.unlink(missing_ok=True)
        self.reservation.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def refuse_larger(asset_type: AssetType, size_bytes: int) -> None:
    """Raise ``TooLargeError`` when a file of this type may not have this size."""
    accepted = ACCEPTED[asset_type]
    if size_bytes > accepted.limit_bytes:
        raise TooLargeError(
            f"The file is larger than {accepted.limit_words}, the limit for {asset_type} files. "
            "Send a smaller or shorter one.",
            "file",
        )
