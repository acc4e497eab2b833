"""Where one works: the workspace, and the room or task in it."""

import reflex as rx

from webapp.ui.routes import TEAM
from webapp.ui.states.page import PageState
from webapp.ui.states.workspace import PlaceChoice, WorkspaceChoice, WorkspaceState


def where() -> rx.Component:
    """The workspace and the place that are worked in; a click shows the others."""
    return rx.popover.root(
        rx.popover.trigger(
            rx.el.button(
                rx.el.span(WorkspaceState.current.name, class_name="ellipsis"),
                rx.cond(
                    WorkspaceState.place.value,
                    rx.fragment(
                        rx.icon("chevron-right", size=13),
                        rx.el.span(WorkspaceState.place.name, class_name="ellipsis"),
                    ),
                ),
                rx.icon("chevrons-up-down", size=13),
                type="button",
                class_name="where",
                aria_label=f"You work in {WorkspaceState.current.name} {WorkspaceState.place.name}. Change it",
            )
        ),
        rx.popover.content(
            rx.el.div(
                rx.cond(WorkspaceState.is_one_of_many, _workspaces()),
                rx.el.div("Videos are made for", class_name="small where-title"),
                _place(rx.Var.create(PlaceChoice(name="The whole workspace"))),
                rx.foreach(WorkspaceState.places, _place),
                rx.el.a("Rooms, tasks and people", href=TEAM, class_name="link where-title"),
                class_name="picker app",
            ),
            size="1",
            align="start",
        ),
    )


def _workspaces() -> rx.Component:
    return rx.fragment(
        rx.el.div("Workspace", class_name="small where-title"),
        rx.foreach(WorkspaceState.choices, _workspace),
    )


def _workspace(choice: rx.Var[WorkspaceChoice]) -> rx.Component:
    return _option(
        choice.name,
        choice.role,
        is_chosen=choice.id == WorkspaceState.current.id,
        on_click=PageState.choose_workspace(choice.id),
    )


def _place(place: rx.Var[PlaceChoice]) -> rx.Component:
    return _option(
        place.name,
        place.room,
        is_chosen=place.value == WorkspaceState.place.value,
        on_click=PageState.choose_place(place.value),
    )


def _option(name: rx.Var[str], words: rx.Var[str], *, is_chosen: rx.Var[bool], on_click: object) -> rx.Component:
    return rx.popover.close(
        rx.el.button(
            rx.el.span(
                rx.el.span(name, class_name="asset-name ellipsis"),
                rx.cond(words, rx.el.span(words, class_name="small ellipsis")),
                class_name="row-words",
            ),
            rx.cond(is_chosen, rx.icon("check", size=16)),
            type="button",
            class_name="where-option",
            aria_pressed=rx.cond(is_chosen, "true", "false"),
            on_click=on_click,
        )
    )
