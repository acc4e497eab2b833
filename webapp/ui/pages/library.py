"""The library: all media of a workspace."""

import reflex as rx

from webapp.models import AssetType
from webapp.ui.components.dialogs import confirmed
from webapp.ui.components.filters import search, tabs
from webapp.ui.components.native import plain_link
from webapp.ui.components.notices import icon_button
from webapp.ui.layout import page_bar, page_foot
from webapp.ui.states.library import LibraryState, MediaCard
from webapp.ui.states.workspace import WorkspaceState

_TYPES = {
    "": "All",
    AssetType.AVATAR.value: "Avatars",
    AssetType.BACKGROUND.value: "Backgrounds",
    AssetType.COVER.value: "Covers",
    AssetType.MUSIC.value: "Music",
}


def library_page() -> rx.Component:
    """Filters above, a grid of media below."""
    return rx.el.div(
        page_bar(),
        rx.el.main(rx.cond(LibraryState.user_name, rx.fragment(_head(), _shelf(), _pager())), class_name="library"),
        page_foot(),
        class_name="app doc-page",
    )


def _head() -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.h1("Library"),
            rx.el.p(
                f"Media of {WorkspaceState.current.name}. New files are uploaded in the studio.", class_name="small"
            ),
        ),
        rx.el.div(
            tabs(_TYPES, LibraryState.asset_type, LibraryState.show_type, "Type of media"),
            search(LibraryState.search, LibraryState.look_for, "Search by name", "Search by name"),
            class_name="library-tools",
        ),
        class_name="library-head",
    )


def _shelf() -> rx.Component:
    return rx.cond(
        LibraryState.media.length() > 0,
        rx.el.div(rx.foreach(LibraryState.media, _card), class_name="media-grid"),
        rx.el.div(
            rx.el.strong("Nothing here"),
            rx.el.span("Upload a file in the studio, or look for something else."),
            class_name="empty",
        ),
    )


def _card(media: rx.Var[MediaCard]) -> rx.Component:
    return rx.el.article(
        plain_link(
            rx.match(
                media.kind,
                ("audio", rx.icon("music", size=22)),
                ("image", rx.icon("image", size=22)),
                rx.icon("film", size=22),
            ),
            rx.cond(media.poster, rx.el.img(src=media.poster, alt="", loading="lazy")),
            target=media.source,
            class_name="media-picture",
            aria_label=f"Open {media.name}",
        ),
        rx.cond(LibraryState.renaming == media.id, _naming(media), _words(media)),
        class_name="media-card",
        custom_attrs={"data-kind": media.kind},
    )


def _words(media: rx.Var[MediaCard]) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.div(media.name, class_name="asset-name ellipsis", title=media.name),
            rx.el.div(rx.cond(media.words, f"{media.words} · ", ""), media.facts, class_name="small number ellipsis"),
            rx.cond(media.reason, rx.el.p(media.reason, class_name="field-problem")),
            class_name="row-words",
        ),
        rx.cond(media.is_demo, rx.el.span("demo", class_name="tag"), _actions(media)),
        class_name="media-line",
    )


def _actions(media: rx.Var[MediaCard]) -> rx.Component:
    return rx.el.span(
        rx.cond(
            media.source,
            icon_button("link", f"Copy a link to {media.name}", on_click=LibraryState.copy_link(media.id)),
        ),
        rx.cond(
            WorkspaceState.can_edit,
            rx.fragment(
                icon_button("pencil", f"Rename {media.name}", on_click=LibraryState.begin_renaming(media.id)),
                confirmed(
                    icon_button("trash-2", f"Delete {media.name}"),
                    title=f"Delete {media.name}?",
                    words="The file goes for good. Videos that were made with it stay.",
                    act="Delete",
                    on_act=LibraryState.delete(media.id),
                ),
            ),
        ),
        class_name="row-end",
    )


def _naming(media: rx.Var[MediaCard]) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="id", value=media.id),
        rx.el.input(
            name="name",
            id="renamed",
            default_value=media.name,
            class_name="input",
            max_length=200,
            required=True,
            aria_label="Name",
        ),
        rx.el.button("Save", type="submit", class_name="btn"),
        on_submit=LibraryState.rename,
        class_name="line-form",
    )


def _pager() -> rx.Component:
    return rx.cond(
        (LibraryState.page > 1) | LibraryState.has_more,
        rx.el.div(
            icon_button("chevron-left", "Newer media", on_click=LibraryState.newer, disabled=LibraryState.page == 1),
            rx.el.span(f"Page {LibraryState.page}", class_name="number"),
            icon_button("chevron-right", "Older media", on_click=LibraryState.older, disabled=~LibraryState.has_more),
            class_name="pager",
        ),
    )
