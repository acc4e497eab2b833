"""Multipart bodies as they arrive: parts are handed on chunk by chunk, nothing is spooled."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from webapp.errors import InvalidError


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBegin:
    """A part begins. ``file_name`` is None for plain fields."""

    name: str
    file_name: str | None
    content_type: str


@dataclass(frozen=True, slots=True)
class PartData:
    """The next bytes of the part."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The part is complete."""


Event = PartBegin | PartData | PartEnd


async def read_parts(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """The parts of a ``multipart/form-data`` body.

    Raises:
        InvalidError: The body is of another kind, malformed or cut off.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise InvalidError("Send the file as multipart/form-data, in a part named “file”.", "file")
    parts = _Parts(options[b"boundary"])
    async for chunk in body:
        for event in parts.feed(chunk):
            yield event
    if not parts.is_complete:
        raise InvalidError("The upload was cut off: send it again.", "file")


class _Parts:
    def __init__(self, boundary: bytes) -> None:
        self.is_complete = False
        self._events: list[Event] = []
        self._headers: dict[str, bytes] = {}
        self._name = self._value = b""
        self._parser = self._open(boundary)

    def _open(self, boundary: bytes) -> MultipartParser:
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._headers.clear,
                    "on_header_field": self._take_name,
                    "on_header_value": self._take_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._begin,
                    "on_part_data": self._take_data,
                    "on_part_end": lambda: self._events.append(PartEnd()),
                    "on_end": self._complete,
                },
            )
        except FormParserError as error:
            raise _malformed() from error

    def feed(self, chunk: bytes) -> Iterator[Event]:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _malformed() from error
        events, self._events = self._events, []
        yield from events

    def _take_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value
        self._name = self._value = b""

    def _begin(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition"))
        file_name = options.get(b"filename")
        self._events.append(
            PartBegin(
                name=_text(options.get(b"name", b"")),
                file_name=None if file_name is None else _text(file_name),
                content_type=_text(self._headers.get("content-type", b"")),
            )
        )

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(PartData(data[start:end]))

    def _complete(self) -> None:
        self.is_complete = True


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")


def _malformed() -> InvalidError:
    return InvalidError("The body is not well-formed multipart/form-data.", "file")
