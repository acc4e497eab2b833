"""The dialog about saved settings: keep, load, share, go back."""

import reflex as rx

from webapp.ui.cards import ConfigCard
from webapp.ui.components.dialogs import confirmed
from webapp.ui.components.notices import icon_button
from webapp.ui.states.saved import SavedState, VersionRow
from webapp.ui.states.studio import StudioState


def saved_settings() -> rx.Component:
    """The button in the head of the settings, and the dialog behind it."""
    is_loaded = (StudioState.origin.id != "") & (StudioState.origin.template == StudioState.template)
    return rx.dialog.root(
        rx.dialog.trigger(
            rx.el.button(
                rx.icon("bookmark", size=15),
                rx.el.span(rx.cond(is_loaded, StudioState.origin.title, "Saved"), class_name="ellipsis"),
                type="button",
                class_name="btn btn-quiet saved-button",
                title="Saved settings",
                aria_label="Saved settings",
            )
        ),
        rx.dialog.content(
            rx.el.div(
                rx.cond(SavedState.looked_into.id != "", _versions(), _settings(is_loaded)),
                class_name="app saved-box",
            ),
            max_width="600px",
        ),
        open=SavedState.is_open,
        on_open_change=SavedState.show,
    )


def _settings(is_loaded: rx.Var[bool]) -> rx.Component:
    return rx.fragment(
        rx.dialog.title("Saved settings"),
        rx.dialog.description(f"Of the template “{StudioState.template_title}”, with its media."),
        rx.cond(
            is_loaded,
            rx.el.button(
                rx.icon("save", size=16),
                rx.el.span("Save changes to “", StudioState.origin.title, "”", class_name="ellipsis"),
                type="button",
                class_name="btn saved-again",
                on_click=SavedState.save,
            ),
        ),
        rx.el.form(
            rx.el.input(
                name="title",
                class_name="input",
                placeholder="Save the present settings as …",
                aria_label="Title of the settings",
                max_length=200,
                required=True,
            ),
            rx.el.button("Save", type="submit", class_name="btn btn-primary"),
            on_submit=SavedState.save_as,
            reset_on_submit=True,
            class_name="line-form",
        ),
        rx.cond(
            SavedState.configs.length() > 0,
            rx.el.ul(rx.foreach(SavedState.configs, _config), class_name="saved-list", aria_label="Saved settings"),
            rx.el.div(
                rx.el.strong("Nothing saved yet"),
                rx.el.span("Keep a look that you like, and begin new videos with it."),
                class_name="empty",
            ),
        ),
    )


def _config(config: rx.Var[ConfigCard]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(config.title, class_name="asset-name ellipsis"),
            rx.el.span("Version ", config.version, " · ", _moment(config.updated_at), class_name="small number"),
            type="button",
            class_name="saved-load",
            aria_label=f"Load {config.title}",
            on_click=SavedState.load(config.id),
        ),
        rx.cond(config.is_default, rx.el.span("default", class_name="badge")),
        rx.cond(
            config.is_own,
            rx.cond(config.is_public, rx.el.span("shared", class_name="badge")),
            rx.el.span("from the team", class_name="badge"),
        ),
        rx.el.span(_tools(config), class_name="row-end"),
        custom_attrs={"data-config": config.title},
    )


def _tools(config: rx.Var[ConfigCard]) -> rx.Component:
    title = config.title
    return rx.fragment(
        rx.cond(
            config.is_own,
            rx.fragment(
                _toggle(
                    "star",
                    config.is_default,
                    SavedState.set_default(config.id, ~config.is_default),
                    f"Begin new drafts with {title}",
                ),
                _toggle(
                    "users",
                    config.is_public,
                    SavedState.share(config.id, ~config.is_public),
                    f"Share {title} with the workspace",
                ),
            ),
        ),
        icon_button("history", f"Versions of {title}", on_click=SavedState.look_into(config.id)),
        icon_button("copy", f"Duplicate {title}", on_click=SavedState.duplicate(config.id)),
        confirmed(
            icon_button("trash-2", f"Delete {title}"),
            title="Delete these settings?",
            words=f"“{title}” goes with all its versions. Videos that were made with it stay.",
            act="Delete",
            on_act=SavedState.delete(config.id),
        ),
    )


def _toggle(icon: str, is_on: rx.Var[bool], act: object, label: str) -> rx.Component:
    return icon_button(icon, label, class_name="toggle", aria_pressed=is_on.to_string(), on_click=act)


def _versions() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            icon_button("arrow-left", "Back to all settings", on_click=SavedState.look_into("")),
            rx.dialog.title("Versions"),
            class_name="saved-head",
        ),
        rx.dialog.description(f"Of “{SavedState.looked_into.title}”. Going back makes a new version of the old one."),
        rx.el.ul(rx.foreach(SavedState.versions, _version), class_name="saved-list", aria_label="Versions"),
    )


def _version(version: rx.Var[VersionRow]) -> rx.Component:
    is_newest = version.number == SavedState.looked_into.version
    return rx.el.li(
        rx.el.span(
            rx.el.span("Version ", version.number, class_name="asset-name"),
            rx.el.span(version.title, " · ", _moment(version.created_at), class_name="small number ellipsis"),
            class_name="saved-load",
        ),
        rx.cond(
            is_newest,
            rx.el.span("newest", class_name="badge"),
            rx.el.button("Go back to it", type="button", class_name="btn", on_click=SavedState.restore(version.number)),
        ),
    )


def _moment(moment: rx.Var[str]) -> rx.Var[str]:
    how = "{day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'}"
    return rx.Var(f"new Date({moment!s}).toLocaleString([], {how})").to(str)
