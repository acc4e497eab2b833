"""The people of a workspace: members, roles, invitations."""

import reflex as rx

from webapp.models import Role
from webapp.ui.components.dialogs import confirmed
from webapp.ui.components.notices import icon_button
from webapp.ui.states.members import LIFETIMES, InviteCard, MemberCard, MembersState
from webapp.ui.states.workspace import WorkspaceState

_ROLES = {
    Role.VIEWER.value: "Viewer: looks and downloads",
    Role.EDITOR.value: "Editor: makes videos, rooms and tasks",
    Role.OWNER.value: "Owner: also decides about people, plan and webhooks",
}


def people() -> rx.Component:
    """Members, and for owners the invitations."""
    return rx.el.section(
        rx.el.div(rx.el.h2("People"), _leave(), class_name="block-head"),
        rx.el.ul(rx.foreach(MembersState.members, _member), class_name="rows"),
        rx.cond(WorkspaceState.can_manage, _invitations()),
        class_name="block",
        aria_label="People",
    )


def _leave() -> rx.Component:
    return rx.cond(
        MembersState.members.length() > 1,
        confirmed(
            rx.el.button("Leave", type="button", class_name="btn btn-quiet"),
            title="Leave this workspace?",
            words="You will no longer see its videos and files. An owner can invite you again.",
            act="Leave",
            on_act=MembersState.leave,
        ),
    )


def _member(member: rx.Var[MemberCard]) -> rx.Component:
    return rx.el.li(
        rx.el.span(member.name[:1], class_name="avatar-letter", aria_hidden="true"),
        rx.el.span(
            rx.el.span(member.name, class_name="asset-name ellipsis"),
            rx.cond(member.is_me, rx.el.span("you", class_name="tag")),
            class_name="row-words",
        ),
        rx.cond(
            WorkspaceState.can_manage,
            rx.el.span(
                _role_choice(
                    value=member.role,
                    aria_label=f"Role of {member.name}",
                    on_change=lambda role: MembersState.change_role(member.id, role),
                ),
                rx.cond(
                    member.is_me,
                    rx.el.span(class_name="btn-icon"),
                    confirmed(
                        icon_button("user-minus", f"Remove {member.name}"),
                        title=f"Remove {member.name}?",
                        words="What they have made here stays. They will no longer see it.",
                        act="Remove",
                        on_act=MembersState.remove(member.id),
                    ),
                ),
                class_name="row-end",
            ),
            rx.el.span(member.role, class_name="small"),
        ),
        class_name="row",
    )


def _role_choice(**props: object) -> rx.Component:
    return rx.el.select(
        *[rx.el.option(words.partition(":")[0], value=role) for role, words in _ROLES.items()],
        class_name="input input-role",
        **props,
    )


def _invitations() -> rx.Component:
    return rx.fragment(
        rx.el.h3("Invite somebody"),
        rx.el.form(
            rx.el.select(
                *[rx.el.option(words, value=role) for role, words in _ROLES.items()],
                name="role",
                default_value=Role.EDITOR.value,
                class_name="input",
                aria_label="Role of whom you invite",
            ),
            rx.el.select(
                *[rx.el.option(words, value=days) for days, words in LIFETIMES.items()],
                name="days",
                default_value="7",
                class_name="input",
                aria_label="How long the link works",
            ),
            rx.el.button(rx.icon("link", size=15), "Make a link", type="submit", class_name="btn"),
            on_submit=MembersState.invite,
            class_name="invite-form",
        ),
        rx.cond(MembersState.new_path, _new_link()),
        rx.el.ul(rx.foreach(MembersState.invites, _invite), class_name="rows"),
    )


def _new_link() -> rx.Component:
    """Shown once. The browser knows the address that it is open under."""
    link = rx.Var(f"window.location.origin + {MembersState.new_path!s}").to(str)
    return rx.el.div(
        rx.el.span("This link makes one person a member. It is shown this once:", class_name="small"),
        rx.el.div(
            rx.el.code(MembersState.new_path, id="invite-link", class_name="ellipsis"),
            rx.el.button(
                rx.icon("copy", size=15),
                "Copy link",
                type="button",
                class_name="btn btn-primary",
                on_click=[rx.set_clipboard(link), rx.toast("Copied", duration=1500)],
            ),
            class_name="once-line",
        ),
        class_name="once",
        role="status",
    )


def _invite(invite: rx.Var[InviteCard]) -> rx.Component:
    how = "{day: 'numeric', month: 'short'}"
    until = rx.Var(f"new Date({invite.expires_at!s}).toLocaleDateString([], {how})").to(str)
    return rx.el.li(
        rx.el.span(rx.icon("mail", size=15), class_name="thumb-small", aria_hidden="true"),
        rx.el.span(
            rx.el.span(f"Invitation as {invite.role}", class_name="asset-name"),
            rx.el.span(f"by {invite.invited_by}, until ", until, class_name="small"),
            class_name="row-words",
        ),
        icon_button("x", "Take the invitation back", on_click=MembersState.revoke(invite.id)),
        class_name="row",
    )
