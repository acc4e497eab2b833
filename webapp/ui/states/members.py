"""Who is in the workspace that is looked at, and who was invited."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import reflex as rx
from sqlmodel import Session

from webapp.accounts.service import Actor
from webapp.errors import InvalidError
from webapp.models import Role
from webapp.pages import LARGEST_PAGE
from webapp.ui.edge import Then, actor_of, as_user
from webapp.ui.ids import uuid_of
from webapp.ui.routes import TEAM
from webapp.ui.states.workspace import WorkspaceState, current_id, look_around
from webapp.ui.words import number_of, text_of
from webapp.workspaces import invites, members
from webapp.workspaces.views import InviteView, MemberView

LIFETIMES = {"1": "1 day", "7": "7 days", "30": "30 days"}


@dataclass
class MemberCard:
    """A member as the page shows them."""

    id: str
    name: str
    role: str
    is_me: bool

    @classmethod
    def of(cls, view: MemberView, actor: Actor) -> "MemberCard":
        """The card of a view."""
        return cls(
            id=str(view.user_id), name=view.display_name, role=view.role.value, is_me=view.user_id == actor.user_id
        )


@dataclass
class InviteCard:
    """An invitation that is open."""

    id: str
    role: str
    invited_by: str
    expires_at: str

    @classmethod
    def of(cls, view: InviteView) -> "InviteCard":
        """The card of a view."""
        return cls(
            id=str(view.id), role=view.role.value, invited_by=view.invited_by, expires_at=view.expires_at.isoformat()
        )


class MembersState(rx.State):
    """What the page of a workspace shows of its people.

    Attributes:
        new_path: Of the link that was just made: shown this once.
    """

    members: list[MemberCard] = []
    invites: list[InviteCard] = []
    new_path: str = ""
    new_role: str = ""

    @rx.event
    async def invite(self, form: dict[str, Any]) -> None:
        """Make a link that makes one person a member."""
        await actor_of(self)
        role, days = _role(text_of(form, "role")), number_of(text_of(form, "days"))
        workspace_id = await current_id(self)
        lifetime = timedelta(days=min(days, 1000))
        made = await as_user(
            self, lambda session, actor: invites.invite(session, actor, workspace_id, role, lifetime=lifetime)
        )
        self.new_path, self.new_role = made.path, role.value
        await _read(self)

    @rx.event
    async def revoke(self, invite_id: str) -> None:
        """Take an invitation back."""
        await actor_of(self)
        wanted = uuid_of(invite_id, "invite")
        workspace_id = await current_id(self)
        await as_user(self, lambda session, actor: invites.revoke_invite(session, actor, workspace_id, wanted))
        self.new_path = ""
        await _read(self)

    @rx.event
    async def change_role(self, user_id: str, role: str) -> None:
        """Give a member another role."""
        await actor_of(self)
        wanted, chosen = uuid_of(user_id, "user"), _role(role)
        workspace_id = await current_id(self)
        try:
            await as_user(
                self, lambda session, actor: members.change_role(session, actor, workspace_id, wanted, chosen)
            )
        finally:
            await look_around(self)
            await _read(self)

    @rx.event
    async def remove(self, user_id: str) -> None:
        """End a membership."""
        await actor_of(self)
        wanted = uuid_of(user_id, "user")
        workspace_id = await current_id(self)
        await as_user(self, lambda session, actor: members.remove_member(session, actor, workspace_id, wanted))
        await _read(self)

    @rx.event
    async def leave(self) -> Then:
        """End one's own membership and go on in another workspace."""
        await actor_of(self)
        workspace_id = await current_id(self)
        await as_user(self, lambda session, actor: members.leave_workspace(session, actor, workspace_id))
        await look_around(self)
        return rx.redirect(TEAM)


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as error:
        raise InvalidError("A role is viewer, editor or owner: choose one of them.", "role") from error


async def read_people(state: MembersState) -> None:
    """Read who is there and who was invited; only owners see invitations."""
    state.new_path = ""
    await _read(state)


async def _read(state: MembersState) -> None:
    workspace = (await state.get_state(WorkspaceState)).current
    workspace_id, is_owner = uuid_of(workspace.id, "workspace"), workspace.role == Role.OWNER

    def read(session: Session, actor: Actor) -> tuple[list[MemberCard], list[InviteCard]]:
        people = members.list_members(session, actor, workspace_id, limit=LARGEST_PAGE).members
        waiting = invites.list_open_invites(session, actor, workspace_id) if is_owner else ()
        return [MemberCard.of(one, actor) for one in people], [InviteCard.of(one) for one in waiting]

    state.members, state.invites = await as_user(state, read)
