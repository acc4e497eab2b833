"""What a tab has on the table, as a value that can be kept and laid out again. Pure."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from webapp.ui.configs import Word
from webapp.ui.fields import defaults_of, fields_of, lists_of


class Sheet(BaseModel):
    """The draft of one template.

    Attributes:
        files: Ids of assets by role.
        values: What the inputs of the form hold, by path; lists apart.
        text: Of the captions, and the words that were made of it.
    """

    model_config = ConfigDict(frozen=True)

    files: dict[str, list[UUID]] = {}
    values: dict[str, Any] = {}
    lists: dict[str, list[dict[str, Any]]] = {}
    text: str = ""
    words: list[Word] = []

    def values_of(self, template: str) -> dict[str, Any]:
        """The values as the template has them now: what it no longer knows is left out, what is new has its default."""
        return {path: self.values.get(path, default) for path, default in defaults_of(template).items()}

    def lists_of(self, template: str) -> dict[str, list[dict[str, Any]]]:
        """The lists in the same way."""
        return {
            path: [
                {part.path: item.get(part.path, part.default) for part in fields_of(template)[path].items}
                for item in self.lists.get(path, default)
            ]
            for path, default in lists_of(template).items()
        }


class Table(BaseModel):
    """All drafts of a tab.

    Attributes:
        template: The one that is worked on.
        origin: The saved settings that it has come from.
    """

    model_config = ConfigDict(frozen=True)

    template: str
    title: str = ""
    output: str = "mp4"
    quality: str = "standard"
    variables: dict[str, str] = {}
    origin: UUID | None = None
    sheets: dict[str, Sheet] = {}
