"""Errors that reach people: each has a code for programs, a status for HTTP and one sentence for the reader."""

import errno
import sqlite3
from typing import ClassVar

from render_core.errors import InvalidInputError, MediaError


class AppError(Exception):
    """The base of everything the product refuses on purpose.

    Args:
        detail: One sentence: what is wrong, the limit, what to do.
        field: Path of the offending field as the user wrote it, where there is one.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail, field)
        self.detail = detail
        self.field = field

    def __str__(self) -> str:
        return self.detail


class UnauthenticatedError(AppError):
    """Nobody known asks."""

    code = "unauthenticated"
    status = 401


class ForbiddenError(AppError):
    """The one who asks may not do this."""

    code = "forbidden"
    status = 403


class PlanLimitError(ForbiddenError):
    """Longer than the workspace's plan allows: another plan would do."""

    code = "plan_limit"


class QuotaExceededError(AppError):
    """The workspace's plan is used up."""

    code = "quota_exceeded"
    status = 402


class NotFoundError(AppError):
    """It does not exist, or not for the one who asks."""

    code = "not_found"
    status = 404


class ConflictError(AppError):
    """It contradicts what is already there."""

    code = "conflict"
    status = 409


class TooLargeError(AppError):
    """More bytes than allowed."""

    code = "too_large"
    status = 413


class UnsupportedMediaError(AppError):
    """Bytes that are not the media they should be."""

    code = "unsupported_media"
    status = 415


class RangeNotSatisfiableError(AppError):
    """The range lies outside the file."""

    code = "range_not_satisfiable"
    status = 416


class InvalidError(AppError):
    """Input that no repetition will cure."""

    code = "invalid_input"
    status = 422


class DiskFullError(AppError):
    """There is no room for what should be stored."""

    code = "disk_full"
    status = 507


def as_app_error(error: Exception) -> AppError | None:
    """The error as users see it, or None for those that are nobody's business but ours."""
    if _is_disk_full(error):
        return DiskFullError("The server's disk is full: nothing was stored. Free some space on it, then try again.")
    if isinstance(error, AppError):
        return error
    if isinstance(error, InvalidInputError):
        return InvalidError(str(error), error.field)
    if isinstance(error, MediaError):
        return UnsupportedMediaError(error.problem, "file")
    return None


def _is_disk_full(error: Exception) -> bool:
    cause = getattr(error, "orig", error)  # what the database's driver raised
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}
