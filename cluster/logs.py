"""Logging of our processes: one JSON object a line on stderr, with the ids of what is being worked on."""

import logging
import re
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_SECRET = re.compile(
    r"(?P<kind>\b(?:rg_|whsec_|Bearer ))[A-Za-z0-9._~+/=-]{6,}|(?P<place>://[^:/@\s\"]*:)[^@/\s\"]+(?=@)"
)


def configure_logging(level: int = logging.INFO) -> None:
    """Set structlog up for this process. Libraries' own records keep their form."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            # Values of variables would bring people's tokens and our own passwords into the log.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
            _without_secrets,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _LossyStream(sys.stderr))),
        cache_logger_on_first_use=True,
    )


def _without_secrets(_logger: object, _method: str, line: Any) -> str:  # noqa: ANN401 - text after the renderer
    """Keys, signing secrets and passwords in addresses, which messages of errors may bring along."""
    return _SECRET.sub(lambda found: f"{found['kind'] or found['place']}…", line)


class _LossyStream:
    """A stream whose lines may get lost: a full disk or a closed pipe must not end what was being logged."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()
