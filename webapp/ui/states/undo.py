"""Back to the former draft, after something else was put onto the table."""

import reflex as rx

from webapp.ui.edge import Then, actor_of
from webapp.ui.states import form
from webapp.ui.states.form import FormState
from webapp.ui.states.keeping import change_back, remember
from webapp.ui.states.preview import PreviewState


class UndoState(rx.State):
    """Holds nothing: what can be taken back is kept with the drafts."""

    @rx.event
    async def undo(self) -> Then:
        """Bring back the former draft; once more brings back the other one."""
        await actor_of(self)
        return PreviewState.paint() if await change_back(self) else None

    @rx.event
    async def reset_settings(self) -> Then:
        """Go back to the template's defaults; texts stay."""
        await actor_of(self)
        await remember(self, "The settings are as the template has them.")
        form.reset(await self.get_state(FormState))
        return PreviewState.paint()
