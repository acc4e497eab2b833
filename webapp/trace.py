"""Whose work a line of the log is about: ids that become known while a request or an event is served."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from uuid import UUID

from structlog.contextvars import bind_contextvars, bound_contextvars, unbind_contextvars

_IDS = "_ids_of_the_work"
_known: ContextVar[dict[str, str] | None] = ContextVar("known", default=None)


def note(**ids: UUID | str) -> None:
    """From here on every line has these ids, and so has the last one of what is being served."""
    known = _known.get()
    if known is not None:  # else nothing is being served, and nobody would take the ids away again
        told = {name: str(value) for name, value in ids.items()}
        bind_contextvars(**told)
        known |= told


@contextmanager
def tracing(**ids: str) -> Iterator[dict[str, str]]:
    """Serve one request or event; gives what ``note`` adds, in threads that it goes through as well."""
    known = dict(ids)
    token = _known.set(known)  # threads get a copy of the context, and in it the very same dictionary
    try:
        with bound_contextvars(**ids):
            yield known
    except Exception as error:
        with suppress(AttributeError):  # of the few classes whose objects take nothing
            setattr(error, _IDS, dict(known))
        raise
    finally:
        unbind_contextvars(*known)
        _known.reset(token)


def ids_of(error: Exception) -> dict[str, str]:
    """What was being served when the error left it: for those who write it down elsewhere."""
    ids: dict[str, str] = getattr(error, _IDS, {})
    return ids
