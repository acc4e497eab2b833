"""The links under which anybody may watch a video."""

import json
from dataclasses import dataclass
from datetime import timedelta

import reflex as rx

from webapp.errors import NotFoundError
from webapp.renders.service import get_video
from webapp.renders.shares import ShareView, end_share, list_shares, share_video
from webapp.ui.edge import Then, actor_of, as_user, container
from webapp.ui.ids import uuid_of

LIFETIMES = {"1": "1 day", "7": "7 days", "30": "30 days", "90": "90 days"}
"""Days, and what people call them."""


@dataclass
class ShareCard:
    """A link as the dialog shows it; the browser knows the product's address.

    Attributes:
        expires_at: For the browser to write as its reader does.
    """

    id: str
    path: str
    expires_at: str

    @classmethod
    def of(cls, share: ShareView) -> "ShareCard":
        """The card of a link."""
        return cls(id=str(share.id), path=share.url, expires_at=share.expires_at.isoformat())


class SharesState(rx.State):
    """The dialog about one video's links; without a video it is closed."""

    video_id: str = ""
    title: str = ""
    links: list[ShareCard] = []
    lifetime: str = "7"

    @rx.event
    async def open(self, video_id: str) -> None:
        """Show the links of a video."""
        await actor_of(self)
        wanted = uuid_of(video_id, "video")
        video = await as_user(self, lambda session, actor: get_video(session, actor, wanted))
        self.title = video.video_title
        await self._read(video_id)
        self.video_id = video_id

    async def _read(self, video_id: str) -> None:
        wanted, signer = uuid_of(video_id, "video"), container().links
        shares = await as_user(self, lambda session, actor: list_shares(session, signer, actor, wanted))
        self.links = [ShareCard.of(share) for share in shares]

    @rx.event
    async def close(self) -> None:
        """Put the dialog away."""
        await actor_of(self)
        self.video_id = ""

    @rx.event
    async def choose_lifetime(self, days: str) -> None:
        """Choose for how long the next link lasts."""
        await actor_of(self)
        if days not in LIFETIMES:
            raise NotFoundError("Links last as long as one of the choices shown.", "lifetime")
        self.lifetime = days

    @rx.event
    async def make(self) -> Then:
        """Make a link, and copy it."""
        await actor_of(self)
        wanted, signer = uuid_of(self.video_id, "video"), container().links
        lifetime = timedelta(days=int(self.lifetime))
        share = await as_user(self, lambda session, actor: share_video(session, signer, actor, wanted, lifetime))
        await self._read(self.video_id)
        return _copied(share.url)

    @rx.event
    async def copy(self, path: str) -> Then:
        """Copy a link with the address at which the page was opened."""
        await actor_of(self)
        known = next((link.path for link in self.links if link.path == path), None)
        return None if known is None else _copied(known)

    @rx.event
    async def end(self, share_id: str) -> None:
        """End a link."""
        await actor_of(self)
        wanted, share = uuid_of(self.video_id, "video"), uuid_of(share_id, "share")
        await as_user(self, lambda session, actor: end_share(session, actor, wanted, share))
        await self._read(self.video_id)


def _copied(path: str) -> Then:
    # Browsers have a clipboard for pages over TLS and on one's own machine alone; elsewhere the link can be marked.
    copy = f"navigator.clipboard?.writeText(new URL({json.dumps(path)}, location.href).href)"
    return [rx.call_script(copy), rx.toast("Link copied", duration=1500)]
