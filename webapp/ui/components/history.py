"""Below: every video this person has asked for, newest first, a page at a time."""

import reflex as rx

from webapp.ui.components.native import download_link
from webapp.ui.components.notices import bar, icon_button
from webapp.ui.states.renders import RendersState, VideoCard


def history() -> rx.Component:
    """The list with its pager, or an invitation."""
    return rx.el.section(
        rx.el.div(rx.el.h2("Your videos"), _pager(), class_name="history-head"),
        rx.cond(
            RendersState.videos.length() > 0,
            rx.el.div(rx.foreach(RendersState.videos, _card), class_name="cards"),
            rx.el.div(
                rx.el.strong("No videos yet"),
                rx.el.span("Press Render: the demo media above make a finished video in under a minute."),
                class_name="empty",
            ),
        ),
        class_name="history",
        id="videos",
        aria_label="Your videos",
    )


def _pager() -> rx.Component:
    return rx.cond(
        (RendersState.page > 1) | RendersState.has_more,
        rx.el.div(
            icon_button("chevron-left", "Newer videos", on_click=RendersState.newer, disabled=RendersState.page == 1),
            rx.el.span(f"Page {RendersState.page}", class_name="number"),
            icon_button("chevron-right", "Older videos", on_click=RendersState.older, disabled=~RendersState.has_more),
            class_name="pager",
        ),
    )


def _card(video: rx.Var[VideoCard]) -> rx.Component:
    return rx.el.article(
        _poster(video),
        rx.el.div(
            rx.el.div(video.title, class_name="card-title clamp"),
            rx.el.div(_when(video), class_name="small number"),
            _facts(video),
            rx.el.div(_actions(video), class_name="card-end"),
            class_name="card-body",
        ),
        class_name="card",
        custom_attrs={"data-current": (video.id == RendersState.current.id).to_string(), "data-video": video.id},
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


def _actions(video: rx.Var[VideoCard]) -> rx.Component:
    return rx.cond(
        video.source,
        rx.fragment(
            rx.el.button("Play", type="button", class_name="btn", on_click=RendersState.show(video.id)),
            download_link(
                rx.icon("download", size=16),
                source=video.download,
                class_name="btn btn-icon",
                aria_label=f"Download {video.title}",
                title="Download",
            ),
        ),
        rx.cond(
            video.is_running,
            rx.el.button("Cancel", type="button", class_name="btn", on_click=RendersState.cancel(video.id)),
        ),
    )
