"""What is done with a video of the history: rendered anew, edited again, renamed, deleted."""

from typing import Any
from uuid import UUID

import reflex as rx

from webapp.renders.drafts import draft_of
from webapp.renders.service import change_video, delete_video, retry_render
from webapp.renders.views import LONGEST_DESCRIPTION, LONGEST_TITLE, VideoChange
from webapp.templates.service import get_config
from webapp.ui.cards import ConfigCard
from webapp.ui.edge import Then, actor_of, as_user, container, focus_on
from webapp.ui.ids import uuid_of
from webapp.ui.states import renders
from webapp.ui.states.filling import fill, warning_about
from webapp.ui.states.keeping import remember
from webapp.ui.states.preview import PreviewState
from webapp.ui.states.renders import RendersState
from webapp.ui.states.studio import StudioState
from webapp.ui.words import text_of

_TO_THE_TOP = "scrollTo({top: 0, behavior: 'smooth'})"


class VideosState(rx.State):
    """Which video's name is a field just now."""

    renaming: str = ""

    @rx.event
    async def retry(self, video_id: str) -> None:
        """Render a failed or cancelled video anew, and watch it on the stage."""
        await actor_of(self)
        wanted = uuid_of(video_id, "video")
        video = await as_user(self, lambda session, actor: retry_render(session, actor, wanted, bell=container().bell))
        renders.put(await self.get_state(RendersState), video, on_stage=True)

    @rx.event
    async def edit_again(self, video_id: str) -> Then:
        """Put what a video was made from onto the table; files that are gone are named."""
        await actor_of(self)
        wanted = uuid_of(video_id, "video")
        draft = await as_user(self, lambda session, actor: draft_of(session, actor, wanted))
        await remember(self, f"“{draft.order.video_title}” is on the table.")
        await fill(self, draft.order)
        (await self.get_state(RendersState)).is_showing_video = False
        (await self.get_state(StudioState)).origin = await self._origin(draft.order.template_id)
        told = [warning_about(draft.missing)] if draft.missing else []
        return [*told, rx.call_script(_TO_THE_TOP), PreviewState.paint()]

    async def _origin(self, config_id: UUID | None) -> ConfigCard:
        if config_id is None:
            return ConfigCard()
        return ConfigCard.of(await as_user(self, lambda session, actor: get_config(session, actor, config_id)))

    @rx.event
    async def begin_renaming(self, video_id: str) -> Then:
        """Turn a title into a field; nothing turns it back."""
        await actor_of(self)
        self.renaming = video_id if isinstance(video_id, str) else ""
        return focus_on("video-title") if self.renaming else None

    @rx.event
    async def rename(self, form: dict[str, Any]) -> None:
        """Give a video another title and description."""
        await actor_of(self)
        wanted = uuid_of(text_of(form, "id"), "video")
        change = VideoChange(
            video_title=text_of(form, "title")[:LONGEST_TITLE],
            video_description=text_of(form, "description")[:LONGEST_DESCRIPTION],
        )
        video = await as_user(self, lambda session, actor: change_video(session, actor, wanted, change))
        renders.put(await self.get_state(RendersState), video)
        self.renaming = ""

    @rx.event
    async def delete(self, video_id: str) -> Then:
        """Remove a video with its files and links."""
        await actor_of(self)
        wanted, objects = uuid_of(video_id, "video"), container().objects
        await as_user(self, lambda session, actor: delete_video(session, objects, actor, wanted))
        history = await self.get_state(RendersState)
        renders.drop(history, wanted)
        await renders.read_anew(history)
        return rx.toast("The video was deleted", duration=2500)
