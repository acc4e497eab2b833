"""The draft on the table: its template, its media, its title."""

# ruff: noqa: SLF001 - the functions below the state are this module's own

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import reflex as rx

from render_core.templates import template_schema
from webapp.assets.views import AssetView
from webapp.errors import NotFoundError
from webapp.models import AssetStatus, AssetType
from webapp.renders.updates import AssetUpdate
from webapp.renders.views import LONGEST_TITLE
from webapp.templates.showcase import takes_demo
from webapp.ui.cards import ConfigCard
from webapp.ui.carry import source_of
from webapp.ui.edge import actor_of
from webapp.ui.slots import FIRST_TEMPLATE, Slot, slot_of, slots_of
from webapp.ui.words import duration, megabytes

UNTITLED = "Untitled video"


@dataclass
class AssetCard:
    """An asset as the media panel shows it.

    Attributes:
        status: ``ready``, ``processing`` or ``rejected``.
        percent: How far its preparation is.
        reason: Why it was rejected.
    """

    id: str
    name: str
    kind: str
    facts: str
    thumbnail: str
    is_demo: bool
    status: str = AssetStatus.READY.value
    percent: int = 100
    reason: str = ""

    @classmethod
    def of(cls, asset: AssetView) -> "AssetCard":
        """The card of an asset."""
        kind = asset.mime_type.partition("/")[0]
        size = f"{asset.width} × {asset.height}" if asset.width else megabytes(asset.file_size)
        is_ready = asset.status is AssetStatus.READY
        return cls(
            id=str(asset.id),
            name=asset.asset_name,
            kind=kind,
            facts=f"{duration(asset.duration)} · {size}" if asset.duration else size,
            thumbnail=f"/api/assets/{asset.id}/thumbnail" if is_ready and kind != "audio" else "",
            is_demo=asset.is_default,
            status=AssetStatus.PROCESSING.value if asset.status is AssetStatus.UPLOADING else asset.status.value,
            percent=asset.progress,
            reason=asset.reject_reason or "",
        )

    def after(self, known: "AssetCard | None") -> "AssetCard":
        """The same, when another card of it was shown before: a preparation's percentage never goes back."""
        if known is None or not known.status == self.status == AssetStatus.PROCESSING:
            return self
        return replace(self, percent=max(self.percent, known.percent))


class StudioState(rx.State):
    """One tab's draft. What it holds is a proposal: services check all of it again.

    Attributes:
        fillings: How often the title was given by something else than its input, which is then made anew.
        origin: The saved settings that the draft has come from.
    """

    title: str = ""
    fillings: int = 0
    template: str = FIRST_TEMPLATE
    library: dict[str, list[AssetCard]] = {kind.value: [] for kind in AssetType}
    chosen: dict[str, list[AssetCard]] = {slot.role: [] for slot in slots_of(FIRST_TEMPLATE)}
    origin: ConfigCard = ConfigCard()
    _kept: dict[str, dict[str, list[AssetCard]]] = {}

    @rx.var
    def chosen_ids(self) -> dict[str, list[str]]:
        """The ids of what is chosen, by role."""
        return {role: [asset.id for asset in assets] for role, assets in self.chosen.items()}

    @rx.var
    def preparing(self) -> str:
        """What is said while a chosen file is being prepared: the video can be made once it is ready."""
        names = [f"“{card.name}”" for card in _all_of(self.chosen) if card.status == AssetStatus.PROCESSING]
        if not names:
            return ""
        return f"{names[0]} is being prepared" if len(names) == 1 else f"{len(names)} files are being prepared"

    @rx.var
    def obstacle(self) -> str:
        """Why the draft cannot be rendered yet, and what to do; nothing when its files are ready."""
        if any(card.status == AssetStatus.REJECTED for card in _all_of(self.chosen)):
            return "A file cannot be used: choose another one in its place."
        return f"{self.preparing}: you can render as soon as that is done." if self.preparing else ""

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


def _all_of(chosen: dict[str, list[AssetCard]]) -> list[AssetCard]:
    return [card for cards in chosen.values() for card in cards]


def shelve(studio: StudioState, assets: tuple[AssetView, ...]) -> bool:
    """Take over what the library holds; what is gone from it is no longer chosen.

    Returns:
        Whether a chosen file is another one than before: it can be used now, or cannot.
    """
    before = _all_of(studio.chosen)
    known = {card.id: card for card in before}
    cards = {str(asset.id): AssetCard.of(asset).after(known.get(str(asset.id))) for asset in assets}
    studio.library = {
        kind.value: [
            cards[str(asset.id)]
            for asset in assets
            if asset.asset_type is kind and asset.status is not AssetStatus.REJECTED
        ]
        for kind in AssetType
    }
    for chosen in (studio.chosen, *studio._kept.values()):
        for role, shown in chosen.items():
            chosen[role] = [cards[card.id] for card in shown if card.id in cards]
    return {(card.id, card.status) for card in before} != {(card.id, card.status) for card in _all_of(studio.chosen)}


def entitle(studio: StudioState, title: str) -> None:
    """Call the draft so."""
    studio.title = title
    studio.fillings += 1


def fill(studio: StudioState, assets: Mapping[str, list[AssetView]]) -> None:
    """Choose these files in place of all that is chosen; what is not on its shelf yet comes onto it."""
    for slot in slots_of(studio.template):
        cards = [AssetCard.of(asset) for asset in assets.get(slot.role, [])]
        shelf = studio.library[slot.asset_type]
        known = {card.id for card in shelf}
        studio.library[slot.asset_type] = [*(card for card in cards if card.id not in known), *shelf]
        studio.chosen[slot.role] = cards


def move_on(studio: StudioState, updates: Iterable[AssetUpdate]) -> None:
    """Show how far preparations are; their percentages never go back."""
    percents = {str(update.asset_id): update.progress for update in updates}
    for shelves in (studio.library, studio.chosen):
        for name, cards in shelves.items():
            if any(card.id in percents for card in cards):
                shelves[name] = [replace(card, percent=max(card.percent, percents.get(card.id, 0))) for card in cards]


def begin(studio: StudioState) -> None:
    """Begin a draft with the demo media."""
    template = studio.template
    studio.chosen = {slot.role: _demos(studio, template, slot) for slot in slots_of(template)}


def is_known(studio: StudioState, template: str) -> bool:
    """Whether there is a draft of a template already."""
    return template == studio.template or template in studio._kept


def turn_to(studio: StudioState, template: str) -> None:
    """Work with another template's media: as they were left, or with what fits of the one before."""
    studio._kept[studio.template] = studio.chosen
    fresh = {slot.role: _files_for(studio, template, slot) for slot in slots_of(template)}
    studio.chosen, studio.template = studio._kept.get(template) or fresh, template


def take_back(
    studio: StudioState,
    template: str,
    chosen: dict[str, list[AssetCard]],
    kept: dict[str, dict[str, list[AssetCard]]],
) -> None:
    """Choose as it was once, for all templates."""
    studio.template, studio.chosen, studio._kept = template, chosen, kept


def _files_for(studio: StudioState, template: str, slot: Slot) -> list[AssetCard]:
    files = source_of(slot, studio.chosen, studio.template)
    return _demos(studio, template, slot) if files is None else files


def _demos(studio: StudioState, template: str, slot: Slot) -> list[AssetCard]:
    if not takes_demo(template, slot.role, is_required=slot.is_required):
        return []
    shelf = [card for card in studio.library[slot.asset_type] if card.is_demo and card.status == AssetStatus.READY]
    demos = sorted(shelf, key=lambda card: card.name)
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
