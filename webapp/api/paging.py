"""How every list is asked for over REST: how much of it, and from where on."""

from typing import Annotated

from fastapi import Query

from webapp.pages import LARGEST_PAGE, CursorText

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Entries of the page")]
Cursor = Annotated[CursorText | None, Query(description="`next_cursor` of the page before")]
Archived = Annotated[bool, Query(alias="archived", description="Whether archived ones are listed too")]
