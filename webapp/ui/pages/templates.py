"""The reference of templates: what each takes and what can be set, for people and for those who write requests."""

import reflex as rx

from render_core.templates import template_names, template_schema
from webapp.ui.components.gallery import picture, words_about
from webapp.ui.formats import OUTPUTS, QUALITIES
from webapp.ui.layout import page_bar, page_foot
from webapp.ui.reference import Input, Setting, example_of, inputs_of, settings_of


def templates_page() -> rx.Component:
    """Every template, read from its schema: the page can promise nothing that the renderer does not keep."""
    names = template_names()
    return rx.el.div(
        page_bar(),
        rx.el.main(
            rx.el.h1("Templates"),
            rx.el.p(
                "What each template takes and what can be set, with the names that requests use. Lengths in px are "
                "those of a picture of 1080 × 1920 or 1920 × 1080, and grow and shrink with it. In any text, ",
                rx.el.code("{{name}}"),
                " is a variable that a request fills through ",
                rx.el.code("variables"),
                ".",
                class_name="lead",
            ),
            rx.el.nav(
                *[rx.el.a(_title(name), href=f"#{name}", class_name="btn") for name in names],
                class_name="doc-nav",
                aria_label="Templates",
            ),
            *[_template(name) for name in names],
            _files(),
            class_name="doc",
        ),
        page_foot(),
        class_name="app doc-page",
    )


def _title(name: str) -> str:
    return str(template_schema(name)["title"])


def _template(name: str) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            picture(name),
            rx.el.div(rx.el.h2(_title(name)), rx.el.code(name), rx.el.p(words_about(name)), class_name="doc-words"),
            class_name="doc-head",
        ),
        rx.el.h3("Inputs"),
        _table(
            ("Input", "Name in user_assets", "Takes", "Is it needed?"), [_input_row(row) for row in inputs_of(name)]
        ),
        *[part for group, rows in settings_of(name).items() for part in _group(group, rows)],
        rx.el.h3("A request"),
        _example(name),
        class_name="doc-template",
        id=name,
    )


def _group(title: str, rows: list[Setting]) -> list[rx.Component]:
    head = ("Setting", "Name in config", "May be", "Unit", "Default")
    return [rx.el.h3(title), _table(head, [_setting_row(row) for row in rows])]


def _table(head: tuple[str, ...], rows: list[rx.Component]) -> rx.Component:
    return rx.el.table(
        rx.el.thead(rx.el.tr(*[rx.el.th(words, scope="col") for words in head])),
        rx.el.tbody(*rows),
        class_name="doc-table",
    )


def _input_row(row: Input) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.title, scope="row"),
        rx.el.td(rx.el.code(row.name)),
        rx.el.td(row.takes),
        rx.el.td(row.needed),
    )


def _setting_row(row: Setting) -> rx.Component:
    cells = (row.limits, row.unit, row.default)
    titles = ("May be", "Unit", "Default")
    return rx.el.tr(
        rx.el.th(
            row.title, *([rx.el.div(row.description, class_name="small")] if row.description else []), scope="row"
        ),
        rx.el.td(_code(row.name)),
        *[rx.el.td(cell, custom_attrs={"data-title": title}) for cell, title in zip(cells, titles, strict=True)],
    )


def _code(name: str) -> rx.Component:
    """A dotted name that breaks at its dots."""
    *parents, last = name.split(".")
    return rx.el.code(*[part for parent in parents for part in (f"{parent}.", rx.el.wbr())], last)


def _example(name: str) -> rx.Component:
    body = example_of(name)
    return rx.el.div(
        rx.el.button(
            rx.icon("copy", size=15),
            "Copy",
            type="button",
            class_name="btn doc-copy",
            aria_label=f"Copy the request for {_title(name)}",
            on_click=[rx.set_clipboard(body), rx.toast("Copied", duration=1500)],
        ),
        rx.el.pre(rx.el.code(f"POST /api/video/user-render\n\n{body}"), tab_index=0),
        class_name="doc-example",
    )


def _files() -> rx.Component:
    kinds = [("output", value, *words) for value, words in OUTPUTS.items()]
    qualities = [("quality", value, *words) for value, words in QUALITIES.items()]
    return rx.el.section(
        rx.el.h2("Files"),
        rx.el.p("What a request may ask of the file, whatever the template."),
        _table(
            ("Choice", "In the request", "What for"),
            [
                rx.el.tr(rx.el.th(name, scope="row"), rx.el.td(rx.el.code(f'"{field}": "{value}"')), rx.el.td(words))
                for field, value, name, words in kinds + qualities
            ],
        ),
        class_name="doc-template",
        id="files",
    )
