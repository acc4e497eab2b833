"""The still in the phone: one frame of the draft, painted by the renderer."""

from collections.abc import AsyncIterator

import reflex as rx

from render_core.errors import InvalidInputError
from webapp.previews.service import ShownStill
from webapp.renders.checking import preview_spec
from webapp.ui.edge import Then, actor_of, as_user, container, sentence_of
from webapp.ui.states import captions as captions_state
from webapp.ui.states.captions import CaptionsState
from webapp.ui.states.draft import blame, draft_order
from webapp.ui.states.keeping import KeepState
from webapp.ui.states.moment import MomentState, learn

_STILL_HEIGHT = 960


class PreviewState(rx.State):
    """The picture of the chosen moment. A newer request replaces the one under way."""

    source: str = ""
    ratio: str = "0.5625"
    problem: str = ""
    is_painting: bool = False

    @rx.event
    async def repaint(self) -> Then:
        """Paint once everything that the tab has asked for before is done; a background event would not wait for it."""
        await actor_of(self)
        return PreviewState.paint()

    @rx.event(background=True, supersedes=True)
    async def paint(self) -> AsyncIterator[Then]:
        """Paint the chosen frame of the draft as it is now."""
        actor = await actor_of(self)
        yield KeepState.keep()
        async with self:
            frame, self.is_painting = (await self.get_state(MomentState)).frame, True
        try:
            async with self:
                order = await draft_order(self)
            spec = await as_user(self, lambda session, actor: preview_spec(session, actor, order, height=_STILL_HEIGHT))
            still = await container().stills.still(str(actor.user_id), spec, frame)
        except Exception as error:  # noqa: BLE001 - whatever it is, the phone shows a sentence instead of a picture
            async with self:
                await self._explain(error)
            return
        async with self:
            moment = await self.get_state(MomentState)
            if moment.frame == frame:  # else the scrubber has moved on, and the next still is on its way
                await self._show(still)
                await blame(self, None)

    async def _show(self, still: ShownStill) -> None:
        self.source = f"/api/previews/{still.digest}.jpg"
        self.ratio = f"{still.width / still.height:.4f}"
        self.problem, self.is_painting = "", False
        if learn(await self.get_state(MomentState), still.frame, still.frame_count, still.fps):
            await captions_state.show(await self.get_state(CaptionsState))  # words after the end are said to be so

    async def _explain(self, error: Exception) -> None:
        self.is_painting = False
        self.problem = sentence_of(error)
        await blame(self, error if isinstance(error, InvalidInputError) else None)
