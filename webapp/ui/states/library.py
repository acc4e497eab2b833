"""All media of the workspace that is worked in: looked for, renamed, linked to, deleted."""

import json
from dataclasses import dataclass
from typing import Any

import reflex as rx

from webapp.assets import service as assets
from webapp.assets.library import list_assets
from webapp.assets.views import LONGEST_SEARCH, AssetFilter, AssetView
from webapp.errors import NotFoundError
from webapp.models import AssetStatus, AssetType
from webapp.ui.edge import Then, actor_of, as_user, container, focus_on
from webapp.ui.ids import uuid_of
from webapp.ui.states.workspace import WorkspaceState, look_around
from webapp.ui.words import duration, megabytes, text_of

_PAGE = 24
_WORDS = {
    AssetStatus.UPLOADING: "Uploading",
    AssetStatus.PROCESSING: "Preparing",
    AssetStatus.READY: "",
    AssetStatus.REJECTED: "Cannot be used",
}


@dataclass
class MediaCard:
    """A medium as the library shows it.

    Attributes:
        words: Its state, where it is not simply there.
        poster: A picture of it; empty where there is none.
    """

    id: str
    name: str
    kind: str
    type: str
    facts: str
    words: str
    reason: str
    poster: str
    source: str
    is_demo: bool

    @classmethod
    def of(cls, view: AssetView) -> "MediaCard":
        """The card of a view."""
        size = [f"{view.width} × {view.height}"] if view.width else []
        length = [duration(view.duration)] if view.duration else []
        return cls(
            id=str(view.id),
            name=view.asset_name,
            kind=view.mime_type.partition("/")[0],
            type=view.asset_type.value,
            facts=" · ".join([*length, *size, megabytes(view.file_size)]),
            words=_WORDS[view.status],
            reason=view.reject_reason or "",
            poster=view.poster_url or _still_of(view),
            source=view.url if view.status is AssetStatus.READY else "",
            is_demo=view.is_default,
        )


def _still_of(view: AssetView) -> str:
    """What stands for media that have no picture of their own: those that came before pictures were made."""
    has_none = view.status is not AssetStatus.READY or view.asset_type is AssetType.MUSIC
    return "" if has_none else f"/api/assets/{view.id}/thumbnail"


class LibraryState(rx.State):
    """One page of the library."""

    user_name: str = ""
    media: list[MediaCard] = []
    asset_type: str = ""
    search: str = ""
    renaming: str = ""
    page: int = 1
    has_more: bool = False
    _cursors: list[str | None] = [None]

    @rx.event
    async def open(self) -> None:
        """Fill the page from the database."""
        self.user_name = (await actor_of(self)).display_name
        await look_around(self)
        await self._begin()

    async def _begin(self) -> None:
        self.page, self._cursors, self.renaming = 1, [None], ""
        await self._read()

    async def _read(self) -> None:
        workspace = (await self.get_state(WorkspaceState)).current
        wanted = AssetFilter(
            workspace_id=uuid_of(workspace.id, "workspace"),
            asset_type=AssetType(self.asset_type) if self.asset_type else None,
            search=self.search,
        )
        cursor = self._cursors[self.page - 1]
        found = await as_user(
            self, lambda session, actor: list_assets(session, actor, wanted, limit=_PAGE, cursor=cursor)
        )
        self.media = [MediaCard.of(view) for view in found.assets]
        self.has_more = found.next_cursor is not None
        self._cursors = [*self._cursors[: self.page], found.next_cursor]

    @rx.event
    async def look_for(self, text: str) -> None:
        """Show what has all these words in its name."""
        await actor_of(self)
        self.search = text[:LONGEST_SEARCH] if isinstance(text, str) else ""
        await self._begin()

    @rx.event
    async def show_type(self, wish: str) -> None:
        """Show one type of media, or with nothing all."""
        await actor_of(self)
        if wish not in {"", *AssetType}:
            raise NotFoundError("There is no such type of media: choose one of those shown.", "type")
        self.asset_type = wish
        await self._begin()

    @rx.event
    async def older(self) -> None:
        """Turn the page."""
        await actor_of(self)
        if self.has_more:
            self.page += 1
            await self._read()

    @rx.event
    async def newer(self) -> None:
        """Turn the page back."""
        await actor_of(self)
        if self.page > 1:
            self.page -= 1
            await self._read()

    @rx.event
    async def begin_renaming(self, asset_id: str) -> Then:
        """Turn a name into a field; nothing turns it back."""
        await actor_of(self)
        self.renaming = asset_id if isinstance(asset_id, str) else ""
        return focus_on("renamed") if self.renaming else None

    @rx.event
    async def rename(self, form: dict[str, Any]) -> None:
        """Give a medium another name."""
        await actor_of(self)
        wanted, name = uuid_of(text_of(form, "id"), "asset"), text_of(form, "name")
        await as_user(self, lambda session, actor: assets.rename_asset(session, actor, wanted, name))
        self.renaming = ""
        await self._read()

    @rx.event
    async def delete(self, asset_id: str) -> Then:
        """Remove a medium for good."""
        await actor_of(self)
        wanted, objects = uuid_of(asset_id, "asset"), container().objects
        await as_user(self, lambda session, actor: assets.delete_asset(session, objects, actor, wanted))
        await self._read()
        return rx.toast.success("Deleted", duration=2000)

    @rx.event
    async def copy_link(self, asset_id: str) -> Then:
        """Put an address that is enough by itself into the clipboard."""
        await actor_of(self)
        wanted, links = uuid_of(asset_id, "asset"), container().links
        link = await as_user(self, lambda session, actor: assets.link_asset(session, links, actor, wanted))
        lasts = "for 24 hours" if link.expires_at else "as long as the file is here"
        return [
            rx.call_script(f"navigator.clipboard.writeText(new URL({json.dumps(link.url)}, location.href).href)"),
            rx.toast.success("Link copied", description=f"Whoever has it can open the file, {lasts}."),
        ]
