"""Below: every video this person has asked for, newest first, and what can be done with each."""

import reflex as rx

from render_core.templates import template_names, template_schema
from webapp.ui.cards import VideoCard
from webapp.ui.components.dialogs import confirmed
from webapp.ui.components.filters import search, tabs
from webapp.ui.components.native import download_link
from webapp.ui.components.notices import bar, icon_button
from webapp.ui.states.renders import RendersState
from webapp.ui.states.shares import SharesState
from webapp.ui.states.videos import VideosState

_STATUSES = {"": "All", "running": "In progress", "completed": "Ready", "ended": "Failed"}


def history() -> rx.Component:
    """The list with its filters, or an invitation."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Your videos"),
            rx.el.div(
                tabs(_STATUSES, RendersState.status, RendersState.show_status, "State of the videos"),
                _templates(),
                search(RendersState.search, RendersState.look_for, "Search", "Search your videos"),
                class_name="history-tools",
            ),
            class_name="history-head",
        ),
        rx.cond(
            RendersState.videos.length() > 0,
            rx.el.div(rx.foreach(RendersState.videos, _card), class_name="cards"),
            rx.cond(
                RendersState.is_narrowed,
                _empty("Nothing found", "Look for something else, or show all videos again."),
                _empty("No videos yet", "Press Render: the demo media above make a finished video in under a minute."),
            ),
        ),
        rx.cond(
            RendersState.has_more,
            rx.el.div(
                rx.el.button("Show more", type="button", class_name="btn", on_click=RendersState.more),
                class_name="history-more",
            ),
        ),
        class_name="history",
        id="videos",
        aria_label="Your videos",
    )


def _empty(title: str, words: str) -> rx.Component:
    return rx.el.div(rx.el.strong(title), rx.el.span(words), class_name="empty")


def _templates() -> rx.Component:
    return rx.el.select(
        rx.el.option("All templates", value=""),
        rx.el.optgroup(
            *[rx.el.option(str(template_schema(name)["title"]), value=name) for name in template_names()],
            label="Templates",
        ),
        rx.cond(
            RendersState.origins.length() > 0,
            rx.el.optgroup(
                rx.foreach(RendersState.origins, lambda origin: rx.el.option(origin.title, value=origin.id)),
                label="Saved settings",
            ),
        ),
        class_name="input",
        aria_label="Template of the videos",
        value=RendersState.template,
        on_change=RendersState.show_template,
    )


def _card(video: rx.Var[VideoCard]) -> rx.Component:
    return rx.el.article(
        _poster(video),
        rx.cond(VideosState.renaming == video.id, _naming(video), _body(video)),
        class_name="card",
        custom_attrs={"data-current": (video.id == RendersState.current.id).to_string(), "data-video": video.id},
    )


def _body(video: rx.Var[VideoCard]) -> rx.Component:
    return rx.el.div(
        rx.el.div(video.title, class_name="card-title clamp"),
        rx.el.div(_when(video), class_name="small number"),
        _facts(video),
        rx.cond(video.origin, rx.el.div("from ", video.origin, class_name="small ellipsis", title=video.origin)),
        rx.cond(
            video.description, rx.el.p(video.description, class_name="small clamp card-about", title=video.description)
        ),
        rx.el.div(_main_action(video), _tools(video), class_name="card-end"),
        class_name="card-body",
    )


def _naming(video: rx.Var[VideoCard]) -> rx.Component:
    """Title and description as fields, in place of what they say."""
    return rx.el.form(
        rx.el.input(type="hidden", name="id", value=video.id),
        rx.el.input(
            name="title",
            id="video-title",
            default_value=video.title,
            class_name="input",
            max_length=200,
            required=True,
            aria_label="Title",
        ),
        rx.el.textarea(
            name="description",
            default_value=video.description,
            class_name="input",
            rows="2",
            max_length=2000,
            placeholder="Description",
            aria_label="Description",
        ),
        rx.el.div(
            rx.el.button("Save", type="submit", class_name="btn btn-primary"),
            rx.el.button("Cancel", type="button", class_name="btn", on_click=VideosState.begin_renaming("")),
            class_name="card-end",
        ),
        on_submit=VideosState.rename,
        class_name="card-body card-naming",
    )


def _poster(video: rx.Var[VideoCard]) -> rx.Component:
    return rx.cond(
        video.source,
        rx.el.button(
            rx.icon("clapperboard", size=20),
            rx.cond(video.poster, rx.el.img(src=video.poster, alt="", loading="lazy")),
            rx.el.span(rx.icon("play", size=15), class_name="poster-play"),
            type="button",
            class_name="poster",
            aria_label=f"Play {video.title}",
            on_click=RendersState.show(video.id),
        ),
        rx.el.div(rx.icon("clapperboard", size=20), class_name="poster"),
    )


def _when(video: rx.Var[VideoCard]) -> rx.Var[str]:
    """Date and time as the reader's own browser writes them."""
    how = "{day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'}"
    return rx.Var(f"new Date({video.created_at!s}).toLocaleString([], {how})").to(str)


def _facts(video: rx.Var[VideoCard]) -> rx.Component:
    return rx.cond(
        video.is_running,
        rx.el.div(
            rx.el.span(
                video.words,
                rx.cond(video.status == "rendering", f" · {video.percent} %", ""),
                rx.cond(video.eta, f" · {video.eta}", ""),
                class_name="state number",
                data_state=video.status,
            ),
            bar(video.percent, f"Progress of {video.title}"),
            style={"display": "grid", "gap": "8px", "marginTop": "4px"},
        ),
        rx.el.div(
            rx.el.span(
                video.words, rx.cond(video.facts, f" · {video.facts}", ""), class_name="state", data_state=video.status
            ),
            rx.cond(video.error, rx.el.p(video.error, class_name="small clamp card-error", title=video.error)),
        ),
    )


def _main_action(video: rx.Var[VideoCard]) -> rx.Component:
    def button(words: str, act: object) -> rx.Component:
        return rx.el.button(words, type="button", class_name="btn", on_click=act)

    return rx.cond(
        video.source,
        button("Play", RendersState.show(video.id)),
        rx.cond(
            video.is_running,
            button("Cancel", RendersState.cancel(video.id)),
            rx.cond(video.can_retry, button("Try again", VideosState.retry(video.id))),
        ),
    )


def _tools(video: rx.Var[VideoCard]) -> rx.Component:
    """What can be done besides: small, and always in the same place."""
    return rx.el.span(
        rx.cond(
            video.source,
            rx.fragment(
                download_link(
                    rx.icon("download", size=16),
                    source=video.download,
                    class_name="btn btn-quiet btn-icon",
                    aria_label=f"Download {video.title}",
                    title="Download",
                ),
                icon_button("share-2", f"Share {video.title}", on_click=SharesState.open(video.id)),
            ),
        ),
        icon_button("square-pen", f"Edit {video.title} again", on_click=VideosState.edit_again(video.id)),
        icon_button("pencil", f"Rename {video.title}", on_click=VideosState.begin_renaming(video.id)),
        rx.cond(
            video.is_running,
            rx.fragment(),
            confirmed(
                icon_button("trash-2", f"Delete {video.title}"),
                title="Delete this video?",
                words=f"“{video.title}” goes for good, with its file and the links to it.",
                act="Delete",
                on_act=VideosState.delete(video.id),
            ),
        ),
        class_name="card-tools",
    )
