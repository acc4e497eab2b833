"""The middle: the picture in its phone, the scrubber, and how the render goes."""

import reflex as rx

from webapp.ui.components.changes import dragged
from webapp.ui.components.native import download_link
from webapp.ui.components.notices import bar, hint, problem
from webapp.ui.components.video import player
from webapp.ui.states.moment import MomentState
from webapp.ui.states.preview import PreviewState
from webapp.ui.states.renders import PLAY, RendersState
from webapp.ui.states.studio import StudioState
from webapp.ui.states.videos import VideosState


def stage() -> rx.Component:
    """Preview or finished video, and what can be done with it."""
    return rx.el.section(
        _tabs(),
        rx.el.div(
            rx.el.div(
                rx.cond(RendersState.is_showing_video, _finished(), _preview()),
                class_name="phone",
                style={"--ratio": PreviewState.ratio},
            ),
            class_name="phone-room",
        ),
        _scrubber(),
        _status(),
        class_name="stage",
        aria_label="Stage",
    )


def render_button(**props: object) -> rx.Component:
    """The one thing to press."""
    classes = f"btn btn-primary {props.pop('class_name', '')}"
    return rx.el.button(
        rx.icon("sparkles", size=16),
        rx.cond(RendersState.is_asking, "Sending …", "Render video"),
        type="button",
        class_name=classes,
        disabled=RendersState.is_asking | (StudioState.obstacle != ""),
        title=StudioState.obstacle,
        on_click=RendersState.render,
        **props,
    )


def _tabs() -> rx.Component:
    is_video = RendersState.is_showing_video
    return rx.el.div(
        _tab("Preview", "preview", is_selected=~is_video),
        _tab("Video", "video", is_selected=is_video, disabled=RendersState.current.source == ""),
        class_name="tabs",
        role="tablist",
        aria_label="What the stage shows",
    )


def _tab(title: str, name: str, *, is_selected: rx.Var[bool], **props: object) -> rx.Component:
    return rx.el.button(
        title,
        type="button",
        class_name="tab",
        role="tab",
        aria_selected=is_selected.to_string(),
        on_click=RendersState.look_at(name),
        **props,
    )


def _preview() -> rx.Component:
    return rx.fragment(
        rx.cond(
            PreviewState.source, rx.el.img(src=PreviewState.source, alt="Preview of the chosen moment", id="still")
        ),
        rx.cond(
            StudioState.preparing != "",
            rx.el.div(
                rx.icon("loader", size=22, class_name="spin"),
                rx.el.strong(StudioState.preparing),
                rx.el.span("The preview comes by itself when that is done."),
                class_name="phone-note",
                role="status",
            ),
            _unpainted(),
        ),
        rx.el.div(class_name="painting", data_on=PreviewState.is_painting.to_string(), aria_hidden="true"),
    )


def _unpainted() -> rx.Component:
    """Why there is no picture (yet)."""
    return rx.cond(
        PreviewState.problem,
        rx.el.div(
            rx.icon("image-off", size=28),
            rx.el.strong("No preview"),
            rx.el.span(PreviewState.problem),
            class_name="phone-note",
            role="status",
        ),
        rx.cond(
            PreviewState.source == "",
            rx.el.div(
                rx.icon("loader", size=22, class_name="spin"),
                rx.el.span("Painting the first frame"),
                class_name="phone-note",
                role="status",
            ),
        ),
    )


def _finished() -> rx.Component:
    video = RendersState.current
    return rx.cond(
        video.is_picture,
        rx.el.img(src=video.source, alt=video.title, id="finished", key=video.id),
        player(video.source, id="finished", key=video.id, auto_play=False, poster=video.poster),
    )


def _scrubber() -> rx.Component:
    last = MomentState.last_frame
    return rx.el.div(
        rx.el.span(MomentState.time, class_name="number"),
        rx.el.input(
            type="range",
            id="scrubber",
            class_name="range",
            aria_label="Frame of the preview",
            min=0,
            max=last,
            step=1,
            default_value=MomentState.frame,
            key=f"scrubber-{last}-{MomentState.jumps}",
            disabled=RendersState.is_showing_video,
            style={"--fill": f"calc({MomentState.frame} / {last} * 100%)"},
            custom_attrs={"aria-valuetext": MomentState.time},
            on_change=dragged(MomentState.scrub, every_ms=50, rest_ms=90),
        ),
        rx.el.span(MomentState.length, class_name="number"),
        class_name="scrub",
        data_hidden=(RendersState.is_showing_video | (MomentState.frame_count == 0)).to_string(),
    )


def _status() -> rx.Component:
    video = RendersState.current
    return rx.el.div(
        rx.match(
            video.status,
            ("pending", _running()),
            ("rendering", _running()),
            ("completed", _completed()),
            ("failed", _ended("The render failed")),
            ("cancelled", _ended("The render was cancelled")),
            _idle(),
        ),
        rx.el.div(hint(StudioState.obstacle), class_name="at-the-desk"),
        hint(RendersState.notice),
        class_name="status",
        id="status",
        custom_attrs={"aria-live": "polite", "data-state": video.status},
    )


def _idle() -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.cond(StudioState.obstacle, "Not ready yet", "Ready when you are"), class_name="status-title"),
        rx.el.div(
            rx.cond(MomentState.frame_count > 0, f"{MomentState.length} long", ""),
            rx.cond((MomentState.frame_count > 0) & ~StudioState.obstacle.bool(), " · ", ""),
            rx.cond(StudioState.obstacle, "", "press Render to make the video"),
            class_name="small number",
        ),
    )


def _running() -> rx.Component:
    video = RendersState.current
    return rx.fragment(
        rx.el.div(
            rx.el.div(video.title, class_name="status-title ellipsis"),
            rx.el.div(
                rx.el.span(video.words),
                rx.cond(video.status == "rendering", rx.el.span(" · ", rx.el.span(video.percent, " %", id="percent"))),
                rx.cond(video.eta, rx.el.span(" · ", rx.el.span(video.eta, id="eta"))),
                class_name="small number",
            ),
            style={"minWidth": "0"},
        ),
        rx.el.button("Cancel", type="button", class_name="btn", on_click=RendersState.cancel(video.id)),
        bar(video.percent, "Progress of the render"),
    )


def _completed() -> rx.Component:
    video = RendersState.current
    return rx.fragment(
        rx.el.div(
            rx.el.div(video.title, class_name="status-title ellipsis"),
            rx.el.div(video.words, " · ", video.facts, class_name="small number"),
            style={"minWidth": "0"},
        ),
        rx.el.div(
            rx.cond(
                RendersState.is_showing_video,
                rx.fragment(),
                rx.el.button(
                    rx.icon("play", size=16),
                    "Play",
                    type="button",
                    class_name="btn",
                    on_click=[RendersState.look_at("video"), rx.call_script(PLAY)],
                ),
            ),
            download_link(
                rx.icon("download", size=16),
                "Download",
                source=video.download,
                class_name="btn btn-primary",
                id="download",
            ),
            class_name="status-actions",
        ),
    )


def _ended(title: str) -> rx.Component:
    video = RendersState.current
    return rx.fragment(
        rx.el.div(
            rx.el.div(title, class_name="status-title"),
            rx.cond(video.error, problem(video.error), rx.el.div(video.title, class_name="small ellipsis")),
            style={"minWidth": "0"},
        ),
        rx.el.button("Try again", type="button", class_name="btn", on_click=VideosState.retry(video.id)),
    )
