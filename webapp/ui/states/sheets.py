"""All drafts of a tab gathered into one value, and laid out again from it."""

# ruff: noqa: SLF001 - what the parts of the draft keep of other templates belongs to the tab's drafts too

from collections.abc import Iterable, Mapping
from contextlib import suppress
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from render_core.templates import template_names
from webapp.accounts.service import Actor
from webapp.assets.service import get_asset
from webapp.errors import AppError
from webapp.templates.service import get_config
from webapp.ui.captions import WordTable
from webapp.ui.cards import ConfigCard
from webapp.ui.edge import as_user
from webapp.ui.formats import OUTPUTS, QUALITIES
from webapp.ui.sheets import Sheet, Table
from webapp.ui.slots import slots_of
from webapp.ui.states import captions as captions_state
from webapp.ui.states import form as form_state
from webapp.ui.states import studio as studio_state
from webapp.ui.states.captions import CaptionsState
from webapp.ui.states.form import FormState
from webapp.ui.states.studio import AssetCard, StudioState


async def gather(state: rx.State) -> Table:
    """What is on the table, of all templates that were worked on."""
    studio, form = await state.get_state(StudioState), await state.get_state(FormState)
    captions = await state.get_state(CaptionsState)
    return Table(
        template=studio.template,
        title=studio.title,
        output=form.output,
        quality=form.quality,
        variables=dict(form.variable_values),
        origin=UUID(studio.origin.id) if studio.origin.id else None,
        sheets={name: _sheet(name, studio, form, captions) for name in (studio.template, *studio._kept)},
    )


def _sheet(template: str, studio: StudioState, form: FormState, captions: CaptionsState) -> Sheet:
    is_present = template == studio.template
    chosen = studio.chosen if is_present else studio._kept[template]
    values, lists = (form.values, form.lists) if is_present else form._kept[template]
    text, words = captions.text, captions._table
    if not is_present and template in captions._kept:
        text, words = captions._kept[template]
    return Sheet(
        files={role: [UUID(card.id) for card in cards] for role, cards in chosen.items()},
        values=dict(values),
        lists={path: [dict(item.content) for item in items] for path, items in lists.items()},
        text=text,
        words=[(entry.text, entry.start, entry.end) for entry in words.entries],
    )


async def lay_out(state: rx.State, table: Table) -> None:
    """Put all of it onto the table, in place of what is there; files and settings that are gone are left out."""
    template = table.template if table.template in template_names() else next(iter(template_names()))
    sheets = {name: table.sheets[name] for name in template_names() if name in table.sheets and name != template}
    present = table.sheets.get(template, Sheet())
    studio = await state.get_state(StudioState)
    cards = await _cards(state, studio, [present, *sheets.values()])
    studio_state.take_back(
        studio,
        template,
        _files(template, present, cards),
        {name: _files(name, each, cards) for name, each in sheets.items()},
    )
    studio_state.entitle(studio, table.title)
    studio.origin = await _origin(state, table.origin)
    await _lay_out_settings(state, table, template, present, sheets)


async def _lay_out_settings(
    state: rx.State, table: Table, template: str, present: Sheet, sheets: Mapping[str, Sheet]
) -> None:
    form, captions = await state.get_state(FormState), await state.get_state(CaptionsState)
    kept = {name: (sheet.values_of(name), sheet.lists_of(name)) for name, sheet in sheets.items()}
    form_state.take_back(form, template, (present.values_of(template), present.lists_of(template)), kept)
    form.variable_values = dict(table.variables)
    form.output = table.output if table.output in OUTPUTS else "mp4"
    form.quality = table.quality if table.quality in QUALITIES else "standard"
    said = {name: (sheet.text, WordTable.of(sheet.words)) for name, sheet in sheets.items()}
    await captions_state.take_back(captions, template, (present.text, WordTable.of(present.words)), said)


def _files(template: str, sheet: Sheet, cards: Mapping[UUID, AssetCard]) -> dict[str, list[AssetCard]]:
    return {
        slot.role: [cards[each] for each in sheet.files.get(slot.role, []) if each in cards]
        for slot in slots_of(template)
    }


async def _cards(state: rx.State, studio: StudioState, sheets: Iterable[Sheet]) -> dict[UUID, AssetCard]:
    """The cards of all files: those that are shown somewhere, and what is still there of the others."""
    shown = (cards for place in (studio.library, studio.chosen, *studio._kept.values()) for cards in place.values())
    known = {UUID(card.id): card for cards in shown for card in cards}
    wanted = {each for sheet in sheets for ids in sheet.files.values() for each in ids} - known.keys()
    found = await as_user(state, lambda session, actor: _readable(session, actor, wanted)) if wanted else []
    return known | {UUID(card.id): card for card in found}


def _readable(session: Session, actor: Actor, asset_ids: Iterable[UUID]) -> list[AssetCard]:
    cards = []
    for asset_id in asset_ids:
        with suppress(AppError):  # deleted, or in a workspace that was left
            cards.append(AssetCard.of(get_asset(session, actor, asset_id)))
    return cards


async def _origin(state: rx.State, config_id: UUID | None) -> ConfigCard:
    if config_id is not None:
        with suppress(AppError):
            return ConfigCard.of(await as_user(state, lambda session, actor: get_config(session, actor, config_id)))
    return ConfigCard()
