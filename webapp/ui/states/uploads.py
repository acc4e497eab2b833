"""Files on their way in: one upload a slot, streamed to the assets service as bytes arrive."""

import asyncio

import reflex as rx

from webapp.assets.intake import begin_upload, finish_upload
from webapp.assets.kinds import ACCEPTED
from webapp.assets.partial import PartialUpload, UploadIntent
from webapp.assets.views import AssetView
from webapp.metrics import counting_refusals
from webapp.ui.edge import Then, actor_of, as_user, container, sentence_of
from webapp.ui.slots import Slot, slot_of, slots_of
from webapp.ui.states.preview import PreviewState
from webapp.ui.states.studio import StudioState, add_asset
from webapp.ui.states.workspace import ids_of
from webapp.ui.words import number_of

_CUT_OFF = "The upload was interrupted before all of it had arrived, and nothing of it is kept: choose the file again."


class UploadState(rx.State):
    """How far each slot's upload is, and what was wrong with the last one.

    Attributes:
        under_way: The slots that are being sent to, as the browser remembers them: it outlives a process that dies.
    """

    under_way: str = rx.SessionStorage("", name="reelgrove_uploads")
    percents: dict[str, int] = {}
    problems: dict[str, str] = {}

    @rx.event(background=True)
    async def receive(self, role: str, chunks: rx.UploadChunkIterator) -> Then:
        """Take the files of one drop, one after the other; the first that is refused ends it with a sentence."""
        await actor_of(self)
        async with self:
            slot = slot_of((await self.get_state(StudioState)).template, role)
        try:
            with counting_refusals():
                await self._take_all(slot, chunks)
        except Exception as error:  # noqa: BLE001 - a failed upload raises no event: the slot itself says why
            async with self:
                self.problems[role] = sentence_of(error)
        finally:
            async with self:
                self.percents.pop(role, None)
                self.under_way = " ".join(self.percents)
        return PreviewState.paint()

    async def _take_all(self, slot: Slot, chunks: rx.UploadChunkIterator) -> None:
        upload: PartialUpload | None = None
        try:
            async for chunk in chunks:
                if chunk.offset == 0:
                    if upload is not None:
                        await self._store(slot, upload)
                    await self._announce(slot.role)
                    upload = await self._begin(slot, chunk.filename, chunk.content_type)
                if upload is not None:
                    await asyncio.to_thread(upload.append, chunk.data)
            if upload is not None:
                await self._store(slot, upload)
        finally:
            if upload is not None:
                await asyncio.shield(asyncio.to_thread(upload.close))

    async def _announce(self, role: str) -> None:
        # Not before bytes arrive: the browser also sends an empty drop when it has turned the files down itself.
        async with self:
            self.problems.pop(role, None)
            self.percents.setdefault(role, 0)
            self.under_way = " ".join(self.percents)

    async def _begin(self, slot: Slot, file_name: str, mime_type: str) -> PartialUpload:
        async with self:
            workspace_id, *_ = await ids_of(self)
        intent = UploadIntent(
            asset_type=slot.asset_type, file_name=file_name, mime_type=mime_type, workspace_id=workspace_id
        )
        folder = container().settings.app.uploads_dir
        return await as_user(
            self, lambda session, actor: begin_upload(session, container(), actor, intent, folder=folder)
        )

    async def _store(self, slot: Slot, upload: PartialUpload) -> None:
        await actor_of(self)
        asset = await asyncio.to_thread(_finish, upload)
        async with self:
            add_asset(await self.get_state(StudioState), slot, asset)

    @rx.event
    async def note_progress(self, role: str, progress: dict[str, float]) -> None:
        """Show how much the browser has sent."""
        await actor_of(self)
        if role in self.percents:
            self.percents[role] = max(0, min(100, int(100 * number_of(progress.get("progress")))))

    @rx.event
    async def refuse(self, role: str) -> None:
        """Say what the slot takes, when the browser has already turned a file down."""
        await actor_of(self)
        slot = slot_of((await self.get_state(StudioState)).template, role)
        accepted = ACCEPTED[slot.asset_type]
        self.problems[role] = f"This does not fit here: choose {accepted.words} of at most {accepted.limit_words}."

    @rx.event
    async def forget(self, role: str) -> None:
        """Clear a slot's progress after its upload was cancelled."""
        await actor_of(self)
        self.percents.pop(role, None)
        self.under_way = " ".join(self.percents)

    @rx.event
    async def clear(self) -> None:
        """No upload outlives the page or the server that it was on: it is said what to do about it."""
        await actor_of(self)
        template = (await self.get_state(StudioState)).template
        cut_off = {slot.role for slot in slots_of(template)} & {*self.under_way.split(), *self.percents}
        self.percents, self.under_way = {}, ""
        self.problems = dict.fromkeys(cut_off, _CUT_OFF)


def _finish(upload: PartialUpload) -> AssetView:
    with upload:
        return finish_upload(container(), upload)
