"""Rooms and their tasks, with the ways to make, rename and put them away."""

import reflex as rx

from webapp.ui.components.notices import icon_button
from webapp.ui.routes import STUDIO
from webapp.ui.states.places import PlacesState, RoomCard, TaskCard
from webapp.ui.states.workspace import WorkspaceState


def rooms() -> rx.Component:
    """All rooms of the workspace."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Rooms and tasks"),
            rx.el.label(
                rx.el.input(
                    type="checkbox",
                    class_name="switch",
                    checked=PlacesState.is_showing_archived,
                    on_change=PlacesState.show_archived,
                ),
                "Archived",
                class_name="small switch-line",
            ),
            class_name="block-head",
        ),
        rx.cond(
            PlacesState.rooms.length() > 0,
            rx.el.div(rx.foreach(PlacesState.rooms, _room), class_name="rooms"),
            rx.el.div(
                rx.el.strong("No rooms yet"),
                rx.el.span("A room is a theme, such as a campaign; its tasks are the videos to be made."),
                class_name="empty",
            ),
        ),
        rx.cond(WorkspaceState.can_edit, _adding("name", "New room", PlacesState.add_room, "")),
        class_name="block",
        aria_label="Rooms and tasks",
    )


def _room(room: rx.Var[RoomCard]) -> rx.Component:
    return rx.el.article(
        rx.el.header(
            rx.icon("folder", size=16),
            rx.cond(
                PlacesState.renaming == room.id,
                _naming("name", room.id, room.name, PlacesState.rename_room),
                rx.el.h3(room.name, class_name="ellipsis"),
            ),
            rx.cond(room.is_archived, rx.el.span("archived", class_name="tag")),
            rx.cond(WorkspaceState.can_edit & (PlacesState.renaming != room.id), _room_actions(room)),
            class_name="room-head",
        ),
        rx.el.ul(rx.foreach(room.tasks, _task), class_name="rows"),
        rx.cond(
            WorkspaceState.can_edit & ~room.is_archived,
            _adding("title", "New task", PlacesState.add_task, room.id),
        ),
        class_name="room",
        custom_attrs={"data-archived": room.is_archived},
    )


def _room_actions(room: rx.Var[RoomCard]) -> rx.Component:
    return rx.el.span(
        icon_button("pencil", f"Rename {room.name}", on_click=PlacesState.begin_renaming(room.id)),
        _put_away(room.is_archived, room.name, lambda away: PlacesState.put_room_away(room.id, away)),
        class_name="row-end",
    )


def _put_away(is_archived: rx.Var[bool], name: rx.Var[str], act: object) -> rx.Component:
    return rx.cond(
        is_archived,
        icon_button("archive-restore", f"Restore {name}", on_click=act(False)),
        icon_button("archive", f"Archive {name}", on_click=act(True)),
    )


def _task(task: rx.Var[TaskCard]) -> rx.Component:
    return rx.el.li(
        rx.cond(
            PlacesState.renaming == task.id,
            _task_form(task),
            rx.fragment(
                rx.el.a(
                    rx.el.span(task.title, class_name="asset-name ellipsis"),
                    rx.cond(task.description, rx.el.span(task.description, class_name="small ellipsis")),
                    href=f"{STUDIO}?task={task.id}#videos",
                    class_name="row-words row-link",
                    title="Its videos",
                ),
                rx.cond(task.is_archived, rx.el.span("archived", class_name="tag")),
                rx.cond(WorkspaceState.can_edit, _task_actions(task)),
            ),
        ),
        class_name="row",
    )


def _task_actions(task: rx.Var[TaskCard]) -> rx.Component:
    return rx.el.span(
        icon_button("pencil", f"Change {task.title}", on_click=PlacesState.begin_renaming(task.id)),
        _put_away(task.is_archived, task.title, lambda away: PlacesState.put_task_away(task.id, away)),
        class_name="row-end",
    )


def _task_form(task: rx.Var[TaskCard]) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="id", value=task.id),
        rx.el.input(
            name="title",
            id="renamed",
            default_value=task.title,
            class_name="input",
            max_length=200,
            required=True,
            aria_label="Title of the task",
        ),
        rx.el.textarea(
            name="description",
            default_value=task.description,
            class_name="input",
            max_length=2000,
            placeholder="What is to be made",
            aria_label="Description of the task",
        ),
        _form_end(),
        on_submit=PlacesState.change_task,
        class_name="task-form",
    )


def _naming(field: str, place_id: rx.Var[str], name: rx.Var[str], act: object) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="id", value=place_id),
        rx.el.input(
            name=field,
            id="renamed",
            default_value=name,
            class_name="input",
            max_length=100,
            required=True,
            aria_label="Name",
        ),
        _form_end(),
        on_submit=act,
        class_name="line-form",
    )


def _form_end() -> rx.Component:
    return rx.el.span(
        rx.el.button("Save", type="submit", class_name="btn"),
        icon_button("x", "Leave it as it was", on_click=PlacesState.begin_renaming("")),
        class_name="row-end",
    )


def _adding(field: str, words: str, act: object, place_id: rx.Var[str] | str) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="id", value=place_id),
        rx.el.input(name=field, placeholder=words, class_name="input", max_length=200, required=True, aria_label=words),
        rx.el.button(rx.icon("plus", size=15), "Add", type="submit", class_name="btn"),
        on_submit=act,
        reset_on_submit=True,
        class_name="line-form",
    )
