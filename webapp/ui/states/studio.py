"""The draft on the table: its template, its media, its title."""

# ruff: noqa: SLF001 - the functions below the state are this module's own

from dataclasses import dataclass

import reflex as rx

from render_core.templates import template_schema
from webapp.assets.views import AssetView
from webapp.errors import NotFoundError
from webapp.models import AssetStatus, AssetType
from webapp.renders.views import LONGEST_TITLE
from webapp.templates.showcase import takes_demo
from webapp.ui.carry import source_of
from webapp.ui.edge import actor_of
from webapp.ui.slots import FIRST_TEMPLATE, Slot, slot_of, slots_of
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

    title: str = ""
    template: str = FIRST_TEMPLATE
    library: dict[str, list[AssetCard]] = {kind.value: [] for kind in AssetType}
    chosen: dict[str, list[AssetCard]] = {slot.role: [] for slot in slots_of(FIRST_TEMPLATE)}
    _kept: dict[str, dict[str, list[AssetCard]]] = {}

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
    async def choose(self, role: str, asset_id: str) -> None:
        """Take an asset of the library into a slot; in a slot of many, a second time takes it out again."""
        await actor_of(self)
        slot = slot_of(self.template, role)
        if slot.is_many and asset_id in self.chosen_ids[role]:
            self.chosen[role] = [card for card in self.chosen[role] if card.id != asset_id]
        else:
            _take(self, slot, self._card(slot, asset_id))

    @rx.event
    async def remove(self, role: str, asset_id: str) -> None:
        """Take an asset out of a slot; it stays in the library."""
        await actor_of(self)
        slot = slot_of(self.template, role)
        self.chosen[slot.role] = [card for card in self.chosen[slot.role] if card.id != asset_id]

    @rx.event
    async def move_up(self, role: str, asset_id: str) -> None:
        """Let an asset of a slot of many change places with the one before it."""
        await actor_of(self)
        slot = slot_of(self.template, role)
        cards = list(self.chosen[slot.role])
        at = next((index for index, card in enumerate(cards) if card.id == asset_id), 0)
        if at > 0:
            cards[at - 1], cards[at] = cards[at], cards[at - 1]
            self.chosen[slot.role] = cards

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


def shelve(studio: StudioState, assets: tuple[AssetView, ...]) -> None:
    """Take over what the library holds; what is gone from it is no longer chosen."""
    ready = [asset for asset in assets if asset.status is AssetStatus.READY]
    studio.library = {
        kind.value: [AssetCard.of(asset) for asset in ready if asset.asset_type is kind] for kind in AssetType
    }
    known = {asset.id for shelf in studio.library.values() for asset in shelf}
    for chosen in (studio.chosen, *studio._kept.values()):
        for role, cards in chosen.items():
            chosen[role] = [card for card in cards if card.id in known]


def begin(studio: StudioState) -> None:
    """Begin a draft with the demo media."""
    template = studio.template
    studio.chosen = {slot.role: _demos(studio, template, slot) for slot in slots_of(template)}


def turn_to(studio: StudioState, template: str) -> None:
    """Work with another template's media: as they were left, or with what fits of the one before."""
    studio._kept[studio.template] = studio.chosen
    fresh = {slot.role: _files_for(studio, template, slot) for slot in slots_of(template)}
    studio.chosen, studio.template = studio._kept.get(template) or fresh, template


def _files_for(studio: StudioState, template: str, slot: Slot) -> list[AssetCard]:
    files = source_of(slot, studio.chosen, studio.template)
    return _demos(studio, template, slot) if files is None else files


def _demos(studio: StudioState, template: str, slot: Slot) -> list[AssetCard]:
    if not takes_demo(template, slot.role, is_required=slot.is_required):
        return []
    demos = sorted((card for card in studio.library[slot.asset_type] if card.is_demo), key=lambda card: card.name)
    return demos if slot.is_many else demos[:1]


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
