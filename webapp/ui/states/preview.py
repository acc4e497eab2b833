"""The still in the phone: one frame of the draft, painted by the renderer."""

# ruff: noqa: SLF001 - the functions below the state are this module's own

import reflex as rx

from render_core.errors import InvalidInputError
from webapp.previews.service import ShownStill
from webapp.renders.service import preview_spec
from webapp.ui.edge import Then, actor_of, as_user, container, sentence_of
from webapp.ui.states import captions as captions_state
from webapp.ui.states.captions import CaptionsState
from webapp.ui.states.draft import blame, draft_order
from webapp.ui.words import clock, number_of

_STILL_HEIGHT = 960
_FIRST_FRAME = 36


class PreviewState(rx.State):
    """Which frame is shown. A newer request replaces the one under way."""

    frame: int = _FIRST_FRAME
    frame_count: int = 1
    source: str = ""
    ratio: str = "0.5625"
    problem: str = ""
    is_painting: bool = False
    jumps: int = 0
    _fps: float = 30.0

    @rx.var
    def time(self) -> str:
        """The moment that is shown."""
        return clock(self.frame / self._fps)

    @rx.var
    def length(self) -> str:
        """How long the video will be."""
        return clock(self.frame_count / self._fps)

    @rx.var
    def last_frame(self) -> int:
        """Where the scrubber ends."""
        return max(1, self.frame_count - 1)

    @rx.event
    async def scrub(self, frame: float) -> Then:
        """Look at another frame."""
        await actor_of(self)
        self.frame = max(0, min(int(number_of(frame)), self.last_frame))
        return PreviewState.paint

    @rx.event(background=True, supersedes=True)
    async def paint(self) -> None:
        """Paint the chosen frame of the draft as it is now."""
        actor = await actor_of(self)
        async with self:
            frame, self.is_painting = self.frame, True
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
            if self.frame == frame:  # else the scrubber has moved on, and the next still is on its way
                await self._show(still)
                await blame(self, None)

    async def _show(self, still: ShownStill) -> None:
        length = length_of(self)
        self.source = f"/api/previews/{still.digest}.jpg"
        self.frame, self.frame_count, self._fps = still.frame, still.frame_count, still.fps
        self.ratio = f"{still.width / still.height:.4f}"
        self.problem, self.is_painting = "", False
        if length != length_of(self):  # words after the end are said to be so
            await captions_state.show(await self.get_state(CaptionsState))

    async def _explain(self, error: Exception) -> None:
        self.is_painting = False
        self.problem = sentence_of(error)
        await blame(self, error if isinstance(error, InvalidInputError) else None)


# Public methods of a state are handlers that any client can call: what other states need are functions.


def length_of(preview: PreviewState) -> float | None:
    """How long the video will be, in milliseconds; None before the first still."""
    return 1000 * preview.frame_count / preview._fps if preview.source else None


def moment_of(preview: PreviewState) -> float:
    """The moment that is shown, in milliseconds."""
    return 1000 * preview.frame / preview._fps


def jump_to(preview: PreviewState, moment_ms: float) -> None:
    """Choose the frame of a moment; the scrubber goes along."""
    preview.frame = max(0, min(int(moment_ms * preview._fps / 1000), preview.last_frame))
    preview.jumps += 1
