"""Ids as a tab sends them: any text at all."""

from uuid import UUID

from webapp.errors import NotFoundError


def uuid_of(text: str, what: str) -> UUID:
    """The id in a text.

    Raises:
        NotFoundError: It is none, so nothing has it.
    """
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError) as error:
        raise NotFoundError(f"There is no such {what}.", f"{what}_id") from error
