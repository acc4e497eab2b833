"""The draft on the table: its template, its media, its title."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from render_core.templates import template_names, template_schema
from webapp.assets.service import list_assets
from webapp.assets.views import AssetView
from webapp.errors import NotFoundError, UnauthenticatedError
from webapp.models import AssetStatus, AssetType
from webapp.renders.views import LONGEST_TITLE
from webapp.templates.showcase import takes_demo
from webapp.ui.carry import source_of
from webapp.ui.edge import Then, actor_of, as_user
from webapp.ui.slots import FIRST_TEMPLATE, Slot, slot_of, slots_of
from webapp.ui.states.repaint import repaint
from webapp.ui.words import duration, megabytes

UNTITLED = "Untitled video"


@dataclass
class AssetCard:
    """An asset as the media panel shows it."""

    id: str
    name: str
    kind: str
    facts: str
    thumbnail: str
    is_demo: bool

    @classmethod
    def of(cls, asset: AssetView) -> "AssetCard":
        """The card of an asset."""
        kind = asset.mime_type.partition("/")[0]
        size = f"{asset.width} × {asset.height}" if asset.width else megabytes(asset.file_size)
        return cls(
            id=str(asset.id),
            name=asset.asset_name,
            kind=kind,
            facts=f"{duration(asset.duration)} · {size}" if asset.duration else size,
            thumbnail="" if kind == "audio" else f"/api/assets/{asset.id}/thumbnail",
            is_demo=asset.is_default,
        )


class StudioState(rx.State):
    """One tab's draft. What it holds is a proposal: services check all of it again."""

    is_open: bool = False
    user_name: str = ""
    title: str = ""
    template: str = FIRST_TEMPLATE
    library: dict[str, list[AssetCard]] = {kind.value: [] for kind in AssetType}
    chosen: dict[str, list[AssetCard]] = {slot.role: [] for slot in slots_of(FIRST_TEMPLATE)}
    _kept: dict[str, dict[str, list[AssetCard]]] = {}
    _user_id: str = ""

    @rx.var
    def chosen_ids(self) -> dict[str, list[str]]:
        """The ids of what is chosen, by role."""
        return {role: [asset.id for asset in assets] for role, assets in self.chosen.items()}

    @rx.var
    def template_title(self) -> str:
        """The template's name for people."""
        return str(template_schema(self.template)["title"])

    @rx.var
    def template_words(self) -> str:
        """The first sentence about the template."""
        return str(template_schema(self.template).get("description", "")).partition("\n")[0]

    @rx.event
    async def open(self) -> Then:
        """Fill the page from the database; a draft begun in this tab is kept, another user's is not."""
        try:
            actor, assets = await as_user(self, lambda session, actor: (actor, list_assets(session, actor)))
        except UnauthenticatedError:
            await self._forget_all()
            raise
        if self._user_id != str(actor.user_id):
            await self._forget_all()
            self._user_id = str(actor.user_id)
        self.user_name = actor.display_name
        is_first = not self.is_open
        self._shelve(assets)
        if is_first:
            self.chosen = {slot.role: self._demos(self.template, slot) for slot in slots_of(self.template)}
        self.is_open = True
        return _after_opening()

    async def _forget_all(self) -> None:
        """The next person at this tab sees nothing of the last one."""
        for kind in _states_of_the_page():
            (await self.get_state(kind)).reset()

    def _shelve(self, assets: tuple[AssetView, ...]) -> None:
        ready = [asset for asset in assets if asset.status is AssetStatus.READY]
        self.library = {
            kind.value: [AssetCard.of(asset) for asset in ready if asset.asset_type is kind] for kind in AssetType
        }
        known = {asset.id for shelf in self.library.values() for asset in shelf}
        for chosen in (self.chosen, *self._kept.values()):
            for role, cards in chosen.items():
                chosen[role] = [card for card in cards if card.id in known]

    def _demos(self, template: str, slot: Slot) -> list[AssetCard]:
        if not takes_demo(template, slot.role, is_required=slot.is_required):
            return []
        demos = sorted((card for card in self.library[slot.asset_type] if card.is_demo), key=lambda card: card.name)
        return demos if slot.is_many else demos[:1]

    @rx.event
    async def choose_template(self, name: str) -> Then:
        """Work with another template: its own draft as it was left, or what fits of the one before."""
        await actor_of(self)
        if name not in template_names():
            raise NotFoundError("There is no such template: choose one of those shown.", "template")
        if name == self.template:
            return None
        self._kept[self.template] = self.chosen
        self.chosen = self._kept.get(name) or {slot.role: self._files_for(name, slot) for slot in slots_of(name)}
        self.template = name
        await _turn_others_to(self, name)
        return repaint()

    def _files_for(self, template: str, slot: Slot) -> list[AssetCard]:
        files = source_of(slot, self.chosen, self.template)
        return self._demos(template, slot) if files is None else files

    @rx.event
    async def choose(self, role: str, asset_id: str) -> Then:
        """Take an asset of the library into a slot; in a slot of many, a second time takes it out again."""
        await actor_of(self)
        slot = slot_of(self.template, role)
        if slot.is_many and asset_id in self.chosen_ids[role]:
            self.chosen[role] = [card for card in self.chosen[role] if card.id != asset_id]
        else:
            _take(self, slot, self._card(slot, asset_id))
        return repaint()

    @rx.event
    async def remove(self, role: str, asset_id: str) -> Then:
        """Take an asset out of a slot; it stays in the library."""
        await actor_of(self)
        slot = slot_of(self.template, role)
        self.chosen[slot.role] = [card for card in self.chosen[slot.role] if card.id != asset_id]
        return repaint()

    @rx.event
    async def move_up(self, role: str, asset_id: str) -> Then:
        """Let an asset of a slot of many change places with the one before it."""
        await actor_of(self)
        slot = slot_of(self.template, role)
        cards = list(self.chosen[slot.role])
        at = next((index for index, card in enumerate(cards) if card.id == asset_id), 0)
        if at > 0:
            cards[at - 1], cards[at] = cards[at], cards[at - 1]
            self.chosen[slot.role] = cards
        return repaint()

    def _card(self, slot: Slot, asset_id: str) -> AssetCard:
        for card in self.library[slot.asset_type]:
            if card.id == asset_id:
                return card
        raise NotFoundError("This file is no longer in your media: reload the page.", slot.role)

    @rx.event
    async def set_title(self, title: str) -> None:
        """Name the video to be."""
        await actor_of(self)
        self.title = title[:LONGEST_TITLE]


# Public methods of a state are handlers that any client can call: what other states need are functions.


def add_asset(studio: StudioState, slot: Slot, asset: AssetView) -> None:
    """Put a new asset on its shelf and into a slot."""
    card = AssetCard.of(asset)
    shelf = [known for known in studio.library[slot.asset_type] if known.id != card.id]
    studio.library[slot.asset_type] = [card, *shelf]
    chosen = studio.chosen.get(slot.role)  # none when another template was chosen meanwhile
    if chosen is not None and all(known.id != card.id for known in chosen):
        _take(studio, slot, card)


def _take(studio: StudioState, slot: Slot, card: AssetCard) -> None:
    """Put an asset into a slot: beside the others or in place of the one."""
    studio.chosen[slot.role] = [*studio.chosen[slot.role], card] if slot.is_many else [card]


def _states_of_the_page() -> tuple[type[rx.State], ...]:
    from webapp.ui.states.captions import CaptionsState
    from webapp.ui.states.form import FormState
    from webapp.ui.states.moment import MomentState
    from webapp.ui.states.preview import PreviewState
    from webapp.ui.states.renders import RendersState
    from webapp.ui.states.uploads import UploadState

    return StudioState, FormState, CaptionsState, MomentState, PreviewState, RendersState, UploadState


async def _turn_others_to(studio: StudioState, template: str) -> None:
    from webapp.ui.states import captions, form
    from webapp.ui.states.uploads import UploadState

    form.turn_to(await studio.get_state(form.FormState), template)
    await captions.turn_to(await studio.get_state(captions.CaptionsState), template)
    (await studio.get_state(UploadState)).problems = {}


def _after_opening() -> list[EventSpec]:
    from webapp.ui.states.renders import RendersState
    from webapp.ui.states.uploads import UploadState

    return [UploadState.clear(), RendersState.load(), repaint(), RendersState.follow()]
