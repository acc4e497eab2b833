"""Stored files over HTTP: whole or in ranges (RFC 9110), named for people (RFC 6266)."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, BinaryIO
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from cluster.ports import ObjectStore
from webapp.api.errors import error_response
from webapp.assets.views import StoredFile
from webapp.errors import RangeNotSatisfiableError

Answers = dict[int | str, dict[str, Any]]

RENDERED_FILE: Answers = {200: {"content": {"video/mp4": {}, "video/webm": {}, "image/gif": {}}}}
PREPARED_FILE: Answers = {200: {"content": {"video/mp4": {}, "image/jpeg": {}, "image/png": {}, "audio/mpeg": {}}}}
"""What is answered with, for the documentation."""
_CHUNK = 1 << 18
_ELSEWHERE = timedelta(minutes=5)
# Only media of known types are stored. Should anything else ever get through, it stays without effect.
_NO_SCRIPTS = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


def serve_file(request: Request, objects: ObjectStore, file: StoredFile, *, is_inline: bool) -> Response:
    """The file, the part of it that ``Range`` asks for, or its head alone.

    Where clients can reach the object store themselves, they are sent there for the bytes.
    """
    headers = _headers(file, is_inline=is_inline)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if request.method == "GET" and (url := _elsewhere(objects, file, headers)) is not None:
        return RedirectResponse(url, 307, {"Cache-Control": "no-store"})
    try:
        part = _asked_part(request, file, headers["ETag"])
    except RangeNotSatisfiableError as error:
        answer = error_response(error)
        answer.headers["Content-Range"] = f"bytes */{file.size_bytes}"
        return answer
    start, stop = part or (0, file.size_bytes)
    headers["Content-Length"] = str(stop - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size_bytes}"
    status = 206 if part is not None else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.mime_type)
    stream = objects.open_range(file.key, start, stop - 1)
    return StreamingResponse(_chunks(stream), status, headers, media_type=file.mime_type)


def _elsewhere(objects: ObjectStore, file: StoredFile, headers: Mapping[str, str]) -> str | None:
    told = headers["Content-Disposition"]
    return objects.download_url(file.key, mime_type=file.mime_type, disposition=told, lifetime=_ELSEWHERE)


def _headers(file: StoredFile, *, is_inline: bool) -> dict[str, str]:
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=0, must-revalidate",
        "Content-Security-Policy": _NO_SCRIPTS,
        "Content-Disposition": content_disposition(file.file_name, is_inline=is_inline),
        "ETag": f'"{file.etag}"',
    }


def content_disposition(file_name: str, *, is_inline: bool) -> str:
    """How a browser should name the file: plain ASCII for old ones, the real name for all others."""
    plain = re.sub(r'[/\\"%\x00-\x1f\x7f]', "_", file_name)
    ascii_name = "".join(char if char.isascii() else "_" for char in plain)
    kind = "inline" if is_inline else "attachment"
    return f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(plain, safe='')}"


def _asked_part(request: Request, file: StoredFile, etag: str) -> tuple[int, int] | None:
    """Half-open bounds in bytes; None for the whole file: no range, several, an unknown unit, another version's."""
    asked = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if asked is None or request.headers.get("if-range", etag) != etag:
        return None
    first, last = asked.groups()
    if not first and not last:
        return None
    start = int(first) if first else max(0, file.size_bytes - int(last))
    stop = min(int(last) + 1, file.size_bytes) if first and last else file.size_bytes
    if first and last and int(last) < int(first):
        return None
    if start >= stop:
        raise RangeNotSatisfiableError(f"The file has {file.size_bytes} bytes: ask for a range within it.", "Range")
    return start, stop


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(_CHUNK):
            yield chunk
