"""Takes an upload apart while it arrives: fields first, then one file, counted as its bytes come in."""

from uuid import UUID

from fastapi.concurrency import run_in_threadpool

from webapp.api.edge import Caller
from webapp.api.multipart import Event, PartBegin, PartData
from webapp.assets.intake import begin_upload, finish_upload
from webapp.assets.kinds import LARGEST_BYTES
from webapp.assets.partial import PartialUpload, UploadIntent, refuse_larger
from webapp.assets.views import AssetView
from webapp.errors import InvalidError, TooLargeError
from webapp.models import AssetType

# Boundaries, headers and fields beside the file's own bytes.
_ENVELOPE_BYTES = 16_384
_LONGEST_FIELD_BYTES = 200
_KNOWN_FIELDS = frozenset({"asset_type", "type", "workspace_id"})


class UploadReceiver:
    """One request's upload. Close it, whatever happens: a partial file is deleted.

    Args:
        asset_type: From the address; None when a field before the file tells it.
        announced_bytes: The request's Content-Length, where it has one.
    """

    def __init__(self, caller: Caller, asset_type: AssetType | None, announced_bytes: int | None) -> None:
        self._caller = caller
        self._asset_type = asset_type
        self._file_bytes = max(0, (announced_bytes or 0) - _ENVELOPE_BYTES)
        self._fields: dict[str, bytes] = {}
        self._field: str | None = None
        self._upload: PartialUpload | None = None

    def refuse_announced(self) -> None:
        """Refuse at once what can only be too large.

        Raises:
            TooLargeError: By the announced length alone.
        """
        if self._asset_type is not None:
            refuse_larger(self._asset_type, self._file_bytes)
        elif self._file_bytes > LARGEST_BYTES:
            raise TooLargeError(f"No file may be larger than {LARGEST_BYTES // 1_000_000} MB.", "file")

    async def take(self, event: Event) -> None:
        """Take the next event of the body."""
        if isinstance(event, PartBegin):
            await self._begin(event)
        elif isinstance(event, PartData):
            await self._append(event.data)

    async def _begin(self, part: PartBegin) -> None:
        self._field = None
        if part.file_name is None:
            self._begin_field(part.name)
        elif part.file_name:
            await self._begin_file(part, part.file_name)
        else:  # what browsers send for a file input that nobody has filled
            self._field = ""

    def _begin_field(self, name: str) -> None:
        if name not in _KNOWN_FIELDS:
            raise InvalidError("There is no such field: send asset_type and, if you like, workspace_id.", name[:100])
        if self._upload is not None:
            raise InvalidError("Fields come before the file: send it last.", name)
        self._field = name
        self._fields[name] = b""

    async def _begin_file(self, part: PartBegin, file_name: str) -> None:
        if self._upload is not None:
            raise InvalidError("One request takes one file: send the others one by one.", "file")
        intent = UploadIntent(
            asset_type=self._chosen_type(),
            file_name=file_name,
            mime_type=part.content_type,
            workspace_id=self._chosen_workspace(),
            size_bytes=self._file_bytes,
        )
        self._upload = await run_in_threadpool(self._open, intent)

    def _open(self, intent: UploadIntent) -> PartialUpload:
        folder = self._caller.container.settings.app.uploads_dir
        with self._caller.transaction() as (session, actor):
            return begin_upload(session, self._caller.container, actor, intent, folder=folder)

    def _chosen_type(self) -> AssetType:
        told = self._fields.get("asset_type", self._fields.get("type"))
        if told is None and self._asset_type is not None:
            return self._asset_type
        try:
            return AssetType((told or b"").decode())
        except ValueError as error:
            known = ", ".join(AssetType)
            raise InvalidError(f"Say before the file what it is: one of {known}.", "asset_type") from error

    def _chosen_workspace(self) -> UUID | None:
        told = self._fields.get("workspace_id", b"")
        try:
            return UUID(told.decode()) if told else None
        except ValueError as error:
            raise InvalidError("This is no workspace's id.", "workspace_id") from error

    async def _append(self, data: bytes) -> None:
        if self._field is None and self._upload is not None:
            await run_in_threadpool(self._upload.append, data)
        elif self._field:
            self._fields[self._field] += data
            if len(self._fields[self._field]) > _LONGEST_FIELD_BYTES:
                raise InvalidError(f"A field has at most {_LONGEST_FIELD_BYTES} bytes.", self._field)

    async def finish(self) -> AssetView:
        """Judge the file and take it in.

        Raises:
            InvalidError: There was none.
        """
        if self._upload is None:
            raise InvalidError("There is no file: send one in a part named “file”.", "file")
        return await run_in_threadpool(finish_upload, self._caller.container, self._upload)

    def close(self) -> None:
        """Delete what is left of the upload, and release what it held."""
        if self._upload is not None:
            self._upload.close()
