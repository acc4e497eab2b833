"""Saved settings in the studio: kept, loaded, shared, taken back to an earlier version."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from webapp.accounts.service import Actor
from webapp.assets.resolve import sort_out
from webapp.pages import LARGEST_PAGE
from webapp.renders.views import RenderOrder
from webapp.templates import service
from webapp.templates.versions import list_versions, stored_ids
from webapp.templates.views import (
    LONGEST_TITLE,
    ConfigChange,
    CopyConfig,
    RestoreVersion,
    SaveConfig,
    SavedConfigView,
    VersionView,
)
from webapp.ui.cards import ConfigCard
from webapp.ui.edge import Then, actor_of, as_user
from webapp.ui.ids import uuid_of
from webapp.ui.states.draft import draft_order
from webapp.ui.states.filling import fill, warning_about
from webapp.ui.states.keeping import KeepState, remember
from webapp.ui.states.preview import PreviewState
from webapp.ui.states.studio import StudioState
from webapp.ui.words import number_of, text_of
from webapp.workspaces.policy import Action


@dataclass
class VersionRow:
    """A version as the dialog shows it."""

    number: int
    title: str
    created_at: str

    @classmethod
    def of(cls, view: VersionView) -> "VersionRow":
        """The row of a version."""
        return cls(number=view.version, title=view.title or "Untitled", created_at=view.created_at.isoformat())


class SavedState(rx.State):
    """The dialog about the settings of the chosen template."""

    is_open: bool = False
    configs: list[ConfigCard] = []
    looked_into: ConfigCard = ConfigCard()
    versions: list[VersionRow] = []

    @rx.event
    async def show(self, is_open: bool) -> None:  # noqa: FBT001 - what the dialog sends
        """Open the dialog with what there is, or close it."""
        await actor_of(self)
        self.is_open, self.looked_into, self.versions = is_open is True, ConfigCard(), []
        if self.is_open:
            await self._read()

    async def _read(self) -> None:
        studio = await self.get_state(StudioState)
        template = studio.template
        page = await as_user(
            self,
            lambda session, actor: service.list_configs(session, actor, template_name=template, limit=LARGEST_PAGE),
        )
        self.configs = sorted(map(ConfigCard.of, page.configs), key=lambda card: not card.is_default)
        studio.origin = next((card for card in self.configs if card.id == studio.origin.id), studio.origin)

    @rx.event
    async def save_as(self, form: dict[str, Any]) -> Then:
        """Keep the draft's settings under a title."""
        await actor_of(self)
        return await self._save(SaveConfig(template_name="", title=text_of(form, "title")[:LONGEST_TITLE]))

    @rx.event
    async def save(self) -> Then:
        """Keep the draft's settings as the next version of those that it has come from."""
        await actor_of(self)
        known = (await self.get_state(StudioState)).origin
        wanted = uuid_of(known.id, "config")
        return await self._save(
            SaveConfig(template_name="", title=known.title, id=wanted, expected_version=known.version)
        )

    async def _save(self, order: SaveConfig) -> Then:
        draft = await draft_order(self)
        content = {"template_name": draft.template_name, "config": draft.config, "user_assets": draft.user_assets}
        complete = order.model_copy(update=content | {"workspace_id": draft.workspace_id})
        saved = ConfigCard.of(await as_user(self, lambda session, actor: service.save_config(session, actor, complete)))
        (await self.get_state(StudioState)).origin = saved
        await self._read()
        told = rx.toast.success(f"Saved “{saved.title}”, version {saved.version}", duration=2500)
        return [told, KeepState.keep()]

    @rx.event
    async def load(self, config_id: str) -> Then:
        """Put saved settings onto the table; files that are gone are named."""
        await actor_of(self)
        wanted = uuid_of(config_id, "config")
        view, order, missing = await as_user(self, lambda session, actor: _order_of(session, actor, wanted))
        await remember(self, f"“{view.title or 'Untitled'}” is on the table.")
        await fill(self, order)
        (await self.get_state(StudioState)).origin = ConfigCard.of(view)
        self.is_open = False
        return [*([warning_about(missing)] if missing else []), PreviewState.paint()]

    @rx.event
    async def set_default(self, config_id: str, is_default: bool) -> None:  # noqa: FBT001 - what a click sends
        """Begin new drafts of the template with these settings, or no longer."""
        await actor_of(self)
        await self._change(config_id, ConfigChange(is_default=is_default is True))

    @rx.event
    async def share(self, config_id: str, is_public: bool) -> None:  # noqa: FBT001 - what a click sends
        """Let all members of the workspace see these settings, or no longer."""
        await actor_of(self)
        await self._change(config_id, ConfigChange(is_public=is_public is True))

    async def _change(self, config_id: str, change: ConfigChange) -> None:
        wanted = uuid_of(config_id, "config")
        await self._do(lambda session, actor: service.change_config(session, actor, wanted, change))

    async def _do(self, work: Callable[[Session, Actor], object]) -> None:
        await as_user(self, work)
        await self._read()

    @rx.event
    async def duplicate(self, config_id: str) -> None:
        """Make a copy of one's own."""
        await actor_of(self)
        wanted = uuid_of(config_id, "config")
        await self._do(lambda session, actor: service.duplicate_config(session, actor, wanted, CopyConfig()))

    @rx.event
    async def delete(self, config_id: str) -> None:
        """Remove settings with all their versions."""
        await actor_of(self)
        wanted = uuid_of(config_id, "config")
        await self._do(lambda session, actor: service.delete_config(session, actor, wanted))
        studio = await self.get_state(StudioState)
        if studio.origin.id == str(wanted):
            studio.origin = ConfigCard()

    @rx.event
    async def look_into(self, config_id: str) -> None:
        """Show the versions of settings; of none, all settings again."""
        await actor_of(self)
        known = next((card for card in self.configs if card.id == config_id), ConfigCard())
        self.looked_into, self.versions = known, []
        if known.id:
            found = await as_user(self, lambda session, actor: _versions_of(session, actor, UUID(known.id)))
            self.versions = [VersionRow.of(version) for version in found]

    @rx.event
    async def restore(self, number: float) -> Then:
        """Make an earlier version of what is looked into the newest one, and put it onto the table."""
        await actor_of(self)
        known, version = self.looked_into, max(1, min(int(number_of(number)), 1_000_000))
        wanted = uuid_of(known.id, "config")
        back = RestoreVersion(version=version, expected_version=known.version)
        await self._do(lambda session, actor: service.restore_config(session, actor, wanted, back))
        return SavedState.load(known.id)


# Public methods of a state are handlers that any client can call: what other states need are functions.


async def begin_with_default(state: rx.State) -> None:
    """Begin a new draft of the chosen template with its user's default settings, where there are some."""
    template = (await state.get_state(StudioState)).template
    found = await as_user(state, lambda session, actor: _default_of(session, actor, template))
    if found is not None:
        view, order, _missing = found
        await fill(state, order)
        (await state.get_state(StudioState)).origin = ConfigCard.of(view)


_Loaded = tuple[SavedConfigView, RenderOrder, tuple[str, ...]]


def _default_of(session: Session, actor: Actor, template: str) -> _Loaded | None:
    view = service.find_default(session, actor, template)
    return None if view is None else _order_of(session, actor, view.id)


def _order_of(session: Session, actor: Actor, config_id: UUID) -> _Loaded:
    """Settings as an order with the assets that are left, and the fields of those that are gone."""
    view = service.get_config(session, actor, config_id)
    usable, missing = sort_out(session, actor, stored_ids(view.user_assets))
    return view, RenderOrder(template_name=view.template_name, config=view.config, user_assets=usable), missing


def _versions_of(session: Session, actor: Actor, config_id: UUID) -> tuple[VersionView, ...]:
    saved = service.found_config(session, actor, config_id, Action.READ_TEMPLATES)
    return list_versions(session, saved, limit=LARGEST_PAGE).versions
