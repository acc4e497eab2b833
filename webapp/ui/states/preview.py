"""The still in the phone: one frame of the draft, painted by the renderer."""

import reflex as rx

from render_core.errors import InvalidInputError
from webapp.previews.service import ShownStill
from webapp.renders.service import preview_spec
from webapp.ui.edge import Then, actor_of, as_user, container, sentence_of
from webapp.ui.states.studio import StudioState, draft_order
from webapp.ui.words import clock

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
    _fps: float = 30.0
    _blamed: str = ""

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
        self.frame = max(0, min(int(frame), self.last_frame))
        return PreviewState.paint

    @rx.event(background=True, supersedes=True)
    async def paint(self) -> None:
        """Paint the chosen frame of the draft as it is now."""
        actor = await actor_of(self)
        async with self:
            studio = await self.get_state(StudioState)
            order, frame = draft_order(studio), self.frame
            self.is_painting = True
        try:
            spec = await as_user(self, lambda session, actor: preview_spec(session, actor, order, height=_STILL_HEIGHT))
            still = await container().stills.still(str(actor.user_id), spec, frame)
        except Exception as error:  # noqa: BLE001 - whatever it is, the phone shows a sentence instead of a picture
            async with self:
                await self._explain(error)
            return
        async with self:
            if self.frame == frame:  # else the scrubber has moved on, and the next still is on its way
                self._show(still)
                await self._blame("")

    def _show(self, still: ShownStill) -> None:
        self.source = f"/api/previews/{still.digest}.jpg"
        self.frame, self.frame_count, self._fps = still.frame, still.frame_count, still.fps
        self.ratio = f"{still.width / still.height:.4f}"
        self.problem, self.is_painting = "", False

    async def _explain(self, error: Exception) -> None:
        self.is_painting = False
        self.problem = sentence_of(error)
        if isinstance(error, InvalidInputError):
            await self._blame(error.field.removeprefix("config."), error.problem)

    async def _blame(self, path: str, problem: str = "") -> None:
        """Show the problem beside its field, and none beside the one blamed before; fields keep what they found."""
        studio = await self.get_state(StudioState)
        if self._blamed in studio.problems:
            studio.problems[self._blamed] = ""
        self._blamed = path
        if path in studio.problems:
            studio.problems[path] = problem
