"""A draft from an order: of a video that is edited again, or of settings that were saved."""

import reflex as rx
from reflex.event import EventSpec

from render_core.templates import template_names
from webapp.assets.service import get_asset
from webapp.assets.views import AssetView
from webapp.errors import ConflictError
from webapp.renders.views import RenderOrder
from webapp.ui.edge import as_user
from webapp.ui.fields import title_of
from webapp.ui.states import captions, form, studio
from webapp.ui.states.captions import CaptionsState
from webapp.ui.states.form import FormState
from webapp.ui.states.studio import StudioState


async def turn_to(state: rx.State, template: str) -> None:
    """Work with another template in all parts of the draft: as it was left, or with what fits of the one before."""
    studio.turn_to(await state.get_state(StudioState), template)
    form.turn_to(await state.get_state(FormState), template)
    await captions.turn_to(await state.get_state(CaptionsState), template)


async def fill(state: rx.State, order: RenderOrder) -> None:
    """Put an order whose assets can be used onto the table, in place of the draft of its template.

    An order without media leaves those that are chosen, one without a title the title.

    Raises:
        ConflictError: The template is gone.
    """
    if order.template_name not in template_names():
        raise ConflictError(f"There is no template {order.template_name} any more: choose another one.", "template")
    assets = await _read(state, order)
    if (await state.get_state(StudioState)).template != order.template_name:
        await turn_to(state, order.template_name)
    if assets:
        studio.fill(await state.get_state(StudioState), assets)
    if order.video_title is not None:
        studio.entitle(await state.get_state(StudioState), order.video_title)
    form.fill(await state.get_state(FormState), order)
    await captions.fill(await state.get_state(CaptionsState), order.config)


async def _read(state: rx.State, order: RenderOrder) -> dict[str, list[AssetView]]:
    listed = {role: ids if isinstance(ids, list) else [ids] for role, ids in order.user_assets.items() if ids}
    wanted = {asset_id for ids in listed.values() for asset_id in ids}
    found = await as_user(state, lambda session, actor: [get_asset(session, actor, each) for each in wanted])
    by_id = {asset.id: asset for asset in found}
    return {role: [by_id[asset_id] for asset_id in ids] for role, ids in listed.items()}


def warning_about(missing: tuple[str, ...]) -> EventSpec:
    """Which inputs lack a file that was there before."""
    titles = dict.fromkeys(title_of(field) for field in missing)
    words = f"No longer there: {', '.join(titles)}. Choose another file, or render without it."
    return rx.toast.warning("Some files are missing", description=words, duration=8000)
