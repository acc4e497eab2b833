"""Errors as JSON: always ``{"error": code, "detail": text}``, with the field where there is one."""

from collections.abc import Sequence
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from cluster.storage import ObjectNotFoundError, StorageError
from render_core.errors import RenderCoreError
from webapp.errors import AppError, InvalidError, NotFoundError, TooLargeError, as_app_error

_log = structlog.get_logger()
_NO_JSON = InvalidError("The body is not valid JSON.", "body")
_NO_OBJECT = InvalidError("The body must be a JSON object, sent with Content-Type: application/json.", "body")
_SENTENCES = {"extra_forbidden": "There is no such field: remove it or correct its name"}
"""Where the validator's own words speak to programmers only."""


class ErrorBody(BaseModel):
    """What every refusal looks like.

    Attributes:
        error: A code for programs.
        detail: A sentence for people.
        field: Path of the offending field as it was sent.
    """

    error: str
    detail: str
    field: str | None = None


class ServiceUnavailableError(AppError):
    """Something that the product stands on does not answer."""

    code = "unavailable"
    status = 503


def install_error_handlers(app: FastAPI) -> None:
    """Turn everything that is raised into JSON."""
    for kind in (AppError, RenderCoreError, StorageError, OperationalError, ClientDisconnect, Exception):
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)


async def _answer(_request: Request, error: Exception) -> JSONResponse:
    known = as_app_error(error) or _of_services(error)
    if known is None:
        _log.error("http.failed", exc_info=error)
        known = AppError("Something went wrong on our side. Try again; the request id helps us to find the reason.")
    return error_response(known)


def _of_services(error: Exception) -> AppError | None:
    if isinstance(error, ClientDisconnect):
        return InvalidError("The upload was cut off: send it again.", "file")
    if isinstance(error, ObjectNotFoundError):
        return NotFoundError("The file is no longer there.")
    if isinstance(error, StorageError | OperationalError):
        _log.error("http.service_failed", error=str(error))
        return ServiceUnavailableError("A service that we depend on does not answer. Try again in a moment.")
    return None


async def _answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return error_response(_NO_JSON)
    if tuple(first["loc"]) == ("body",):
        return error_response(_NO_OBJECT)
    sentence = _SENTENCES.get(first["type"], str(first["msg"]).removeprefix("Value error, "))
    return error_response(InvalidError(f"{sentence}.", _path(first["loc"])))


def _path(location: Sequence[int | str]) -> str:
    """``("body", "config", "captions", 0)`` as the user wrote it: ``config.captions[0]``."""
    inner = location[1:] if len(location) > 1 else location
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in inner)
    return "".join(parts).removeprefix(".")


async def _answer_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    if error.status_code == HTTPStatus.BAD_REQUEST:  # FastAPI's only one: the body was not even text or far too deep
        return error_response(_NO_JSON)
    code = TooLargeError.code if error.status_code == 413 else HTTPStatus(error.status_code).name.lower()
    body = ErrorBody(error=code, detail=str(error.detail))
    return JSONResponse(body.model_dump(exclude_none=True), error.status_code, error.headers)


def error_response(error: AppError) -> JSONResponse:
    """The answer to a refusal. The detail names the field, so that it stands on its own."""
    is_named = error.field is None or error.field in error.detail
    detail = error.detail if is_named else f"{error.field}: {error.detail}"
    body = ErrorBody(error=error.code, detail=detail, field=error.field)
    return JSONResponse(body.model_dump(exclude_none=True), error.status)
