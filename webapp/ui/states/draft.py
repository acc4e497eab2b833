"""The draft as one order, gathered from the states that each hold a part of it; and whom an error of it is told."""

from typing import cast
from uuid import UUID

import reflex as rx

from render_core.errors import InvalidInputError
from render_core.spec import Output, Quality
from render_core.templates import variables_in
from webapp.renders.views import RenderOrder
from webapp.ui.fields import captions_of
from webapp.ui.slots import slots_of
from webapp.ui.states import captions as captions_state
from webapp.ui.states import form as form_state
from webapp.ui.states.captions import CaptionsState
from webapp.ui.states.form import MOST_VARIABLES, FormState
from webapp.ui.states.studio import UNTITLED, StudioState
from webapp.ui.states.workspace import ids_of


async def draft_order(state: rx.State) -> RenderOrder:
    """What the tab would render now: assets by id, and only the settings that differ from the defaults.

    Raises:
        InvalidInputError: An input holds something that could not be read.
    """
    studio, form = await state.get_state(StudioState), await state.get_state(FormState)
    captions = await state.get_state(CaptionsState)
    config = form_state.config_of(form) | captions_state.config_of(captions)
    names = variables_in(config)
    form.variables = list(names[:MOST_VARIABLES])
    form_state.require_read(form)
    captions_state.require_read(captions)
    workspace_id, room_id, task_id = await ids_of(state)
    origin = studio.origin
    return RenderOrder(
        workspace_id=workspace_id,
        room_id=room_id,
        task_id=task_id,
        template_name=studio.template,
        user_assets=_assets(studio),
        config=config,
        variables={name: form.variable_values[name] for name in names if form.variable_values.get(name)},
        output=cast(Output, form.output),
        quality=cast(Quality, form.quality),
        template_id=UUID(origin.id) if origin.id and origin.template == studio.template else None,
        video_title=studio.title.strip() or (None if form.values.get("mainText") else UNTITLED),
    )


def _assets(studio: StudioState) -> dict[str, UUID | list[UUID] | None]:
    ids = {role: [UUID(card.id) for card in cards] for role, cards in studio.chosen.items()}
    return {
        slot.role: ids[slot.role] if slot.is_many else ids[slot.role][0]
        for slot in slots_of(studio.template)
        if ids[slot.role]
    }


async def blame(state: rx.State, error: InvalidInputError | None) -> None:
    """Show an error of the order beside the field or word that it names, in place of the one shown before."""
    path, problem = (error.field.removeprefix("config."), error.problem) if error else ("", "")
    words = captions_of((await state.get_state(StudioState)).template).get("captions")
    whole, _, rest = path.partition("[")
    number = int(rest.partition("]")[0]) if rest and words is not None and whole == words.path else None
    form_state.blame(await state.get_state(FormState), path if number is None else "", problem)
    await captions_state.blame(await state.get_state(CaptionsState), number, problem)
