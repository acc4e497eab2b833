"""The left side: the template and the media it is made from."""

import reflex as rx

from webapp.ui.components.changes import repainted
from webapp.ui.components.gallery import template_choice
from webapp.ui.components.notices import bar, icon_button, problem
from webapp.ui.slots import Slot, slots_of
from webapp.ui.states.studio import AssetCard, StudioState
from webapp.ui.states.uploads import UploadState


def media_panel(templates: tuple[str, ...]) -> rx.Component:
    """Which template, then a slot for each of its inputs."""
    return rx.el.section(
        rx.el.div(rx.el.h2("Media"), class_name="panel-head"),
        template_choice(templates),
        rx.match(
            StudioState.template,
            *[(name, rx.el.div(*[_slot(slot) for slot in slots_of(name)], key=name)) for name in templates],
            rx.fragment(),
        ),
        class_name="panel panel-start",
        aria_label="Media",
    )


def _slot(slot: Slot) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h3(slot.title),
            rx.cond(slot.is_required, rx.fragment(), rx.el.span("optional", class_name="tag")),
            _picker(slot),
            class_name="slot-head",
        ),
        rx.foreach(StudioState.chosen[slot.role], lambda asset: _chosen(slot, asset)),
        rx.cond(UploadState.percents.contains(slot.role), _uploading(slot), _drop(slot)),
        problem(UploadState.problems[slot.role]),
        class_name="slot",
    )


def _chosen(slot: Slot, asset: rx.Var[AssetCard]) -> rx.Component:
    return rx.el.div(
        thumbnail(asset),
        rx.el.div(
            rx.el.div(asset.name, class_name="asset-name ellipsis", title=asset.name),
            _facts(asset),
        ),
        rx.el.div(
            *([_move_up(slot, asset)] if slot.is_many else []),
            icon_button("x", f"Remove {asset.name}", on_click=repainted(StudioState.remove(slot.role, asset.id))),
            class_name="asset-actions",
        ),
        rx.match(
            asset.status,
            ("processing", bar(asset.percent, f"Preparation of {asset.name}")),
            ("rejected", problem(asset.reason)),
            rx.fragment(),
        ),
        class_name="asset",
        custom_attrs={"data-status": asset.status},
    )


def _facts(asset: rx.Var[AssetCard]) -> rx.Component:
    """What it is, or how far it is from being of use."""
    return rx.el.div(
        rx.match(
            asset.status,
            ("processing", rx.cond(asset.percent > 0, f"Preparing · {asset.percent} %", "Preparing")),
            ("rejected", "Cannot be used"),
            asset.facts,
        ),
        class_name="small number ellipsis",
    )


def _move_up(slot: Slot, asset: rx.Var[AssetCard]) -> rx.Component:
    up = repainted(StudioState.move_up(slot.role, asset.id))
    return icon_button("arrow-up", f"Move {asset.name} up", on_click=up, class_name="move-up")


def thumbnail(asset: rx.Var[AssetCard]) -> rx.Component:
    """The asset's picture over its sign, which stays where there is no picture."""
    return rx.el.div(
        rx.match(
            asset.kind,
            ("audio", rx.icon("music", size=18)),
            ("image", rx.icon("image", size=18)),
            rx.icon("film", size=18),
        ),
        rx.cond(
            asset.thumbnail, rx.el.div(class_name="thumb-picture", style={"backgroundImage": f"url({asset.thumbnail})"})
        ),
        class_name="thumb",
    )


def _picker(slot: Slot) -> rx.Component:
    """What has been uploaded before, and the demo media."""
    library = StudioState.library[slot.asset_type]
    return rx.popover.root(
        rx.popover.trigger(icon_button("library", f"Choose {slot.title} from your media")),
        rx.popover.content(
            rx.el.div(
                rx.foreach(library, lambda asset: _pick(slot, asset)),
                rx.cond(library.length() == 0, rx.el.p("Nothing here yet: upload a file.", class_name="small")),
                class_name="picker app",
            ),
            size="1",
            align="start",
        ),
    )


def _pick(slot: Slot, asset: rx.Var[AssetCard]) -> rx.Component:
    is_chosen = StudioState.chosen_ids[slot.role].contains(asset.id)
    return rx.el.button(
        thumbnail(asset),
        rx.el.div(
            rx.el.div(asset.name, class_name="asset-name ellipsis"),
            _facts(asset),
        ),
        rx.cond(is_chosen, rx.icon("check", size=16), rx.el.span()),
        type="button",
        class_name="pick",
        aria_pressed=is_chosen.to_string(),
        on_click=repainted(StudioState.choose(slot.role, asset.id)),
    )


def _drop(slot: Slot) -> rx.Component:
    return rx.upload.root(
        rx.icon("upload", size=16),
        rx.el.div(
            rx.el.span(slot.invitation),
            rx.el.span(f"{slot.formats} · up to {slot.limit_mb} MB", class_name="small"),
            class_name="drop-text",
        ),
        id=slot.upload_id,
        class_name="drop",
        multiple=slot.is_many,
        accept=slot.accept,
        max_size=slot.limit_bytes,
        role="button",
        aria_label=f"{slot.invitation}: {slot.formats}, up to {slot.limit_mb} MB",
        on_drop=UploadState.receive(
            slot.role,
            rx.upload_files_chunk(
                upload_id=slot.upload_id,
                on_upload_progress=lambda progress: UploadState.note_progress(slot.role, progress),
            ),
        ),
        on_drop_rejected=lambda _files: UploadState.refuse(slot.role),
    )


def _uploading(slot: Slot) -> rx.Component:
    percent = UploadState.percents[slot.role]
    return rx.el.div(
        rx.el.div(
            rx.el.span(rx.cond(percent < 100, "Uploading", "Storing the file"), style={"flex": "1"}),
            rx.el.span(f"{percent} %", class_name="small number"),
            icon_button(
                "x", "Cancel the upload", on_click=[rx.cancel_upload(slot.upload_id), UploadState.forget(slot.role)]
            ),
            class_name="upload-line",
        ),
        bar(percent, f"Upload of {slot.title}"),
        class_name="upload-row",
    )
