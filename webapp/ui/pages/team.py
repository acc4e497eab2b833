"""A workspace with its people, rooms and tasks; and the page behind an invitation."""

import reflex as rx

from webapp.ui.components.dialogs import confirmed
from webapp.ui.components.notices import icon_button, problem
from webapp.ui.components.places import rooms
from webapp.ui.components.team import people
from webapp.ui.layout import page_bar, page_foot
from webapp.ui.states.team import JoinState, TeamState
from webapp.ui.states.workspace import WorkspaceChoice, WorkspaceState


def team_page() -> rx.Component:
    """Workspaces at the side, the chosen one beside them."""
    return rx.el.div(
        page_bar(),
        rx.el.main(
            _workspaces(),
            rx.cond(
                WorkspaceState.current.id,
                rx.el.div(_head(), rx.el.div(rooms(), people(), class_name="blocks"), class_name="team-main"),
            ),
            class_name="team",
        ),
        page_foot(),
        class_name="app doc-page",
    )


def _workspaces() -> rx.Component:
    return rx.el.nav(
        rx.el.h2("Workspaces"),
        rx.foreach(WorkspaceState.choices, _choice),
        rx.el.form(
            rx.el.input(
                name="name",
                placeholder="New workspace",
                class_name="input",
                max_length=100,
                required=True,
                aria_label="Name of a new workspace",
            ),
            icon_button("plus", "Make a workspace", custom_attrs={"type": "submit"}),
            on_submit=TeamState.create,
            reset_on_submit=True,
            class_name="line-form",
        ),
        class_name="team-side",
        aria_label="Workspaces",
    )


def _choice(choice: rx.Var[WorkspaceChoice]) -> rx.Component:
    return rx.el.button(
        rx.el.span(choice.name, class_name="asset-name ellipsis"),
        rx.el.span(f"{choice.role} · {choice.plan}", class_name="small"),
        type="button",
        class_name="side-choice",
        aria_current=rx.cond(choice.id == WorkspaceState.current.id, "true", "false"),
        on_click=TeamState.look_at(choice.id),
    )


def _head() -> rx.Component:
    return rx.el.header(
        rx.cond(TeamState.is_naming, _name_form(), rx.el.h1(WorkspaceState.current.name)),
        rx.cond(
            WorkspaceState.can_manage & ~TeamState.is_naming,
            rx.el.span(
                icon_button("pencil", "Rename the workspace", on_click=TeamState.begin_naming(True)),
                confirmed(
                    icon_button("archive", "Archive the workspace"),
                    title="Archive this workspace?",
                    words="Nobody sees it until it is restored. Its videos and files are kept.",
                    act="Archive",
                    on_act=TeamState.archive,
                ),
                class_name="row-end",
            ),
        ),
        rx.el.div(rx.foreach(TeamState.usage, lambda words: rx.el.span(words, class_name="fact")), class_name="facts"),
        class_name="team-head",
    )


def _name_form() -> rx.Component:
    return rx.el.form(
        rx.el.input(
            name="name",
            id="workspace-name",
            default_value=WorkspaceState.current.name,
            class_name="input",
            max_length=100,
            required=True,
            aria_label="Name of the workspace",
        ),
        rx.el.button("Save", type="submit", class_name="btn"),
        icon_button("x", "Leave it as it was", on_click=TeamState.begin_naming(False)),
        on_submit=TeamState.rename,
        class_name="line-form",
    )


def join_page() -> rx.Component:
    """One box: what is offered, and two buttons."""
    return rx.el.main(
        rx.el.div(
            rx.el.img(src="/favicon.svg", alt=""),
            rx.cond(JoinState.workspace, _offer(), _nothing()),
            class_name="login-box",
        ),
        class_name="login",
    )


def _offer() -> rx.Component:
    return rx.fragment(
        rx.el.h1(JoinState.workspace),
        rx.el.p(f"{JoinState.invited_by} invites you to work here as ", rx.el.strong(JoinState.role), "."),
        problem(JoinState.problem),
        rx.el.button(
            rx.cond(JoinState.is_member, "Open the workspace", "Join"),
            type="button",
            class_name="btn btn-primary btn-large",
            on_click=JoinState.accept,
        ),
        rx.el.button("Not now", type="button", class_name="btn btn-quiet", on_click=JoinState.decline),
    )


def _nothing() -> rx.Component:
    return rx.cond(
        JoinState.problem,
        rx.fragment(
            rx.el.h1("This invitation is over"),
            rx.el.p(JoinState.problem),
            rx.el.button("To the studio", type="button", class_name="btn btn-large", on_click=JoinState.decline),
        ),
        rx.el.p("One moment…"),
    )
