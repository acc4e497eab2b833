"""The editor of captions: a text in, words with times out, each to be corrected while the preview shows it."""

import reflex as rx
from reflex.event import EventSpec

from webapp.ui.components.changes import repainted, typed
from webapp.ui.components.inputs import field_problem
from webapp.ui.components.notices import icon_button, problem
from webapp.ui.fields import Field
from webapp.ui.states.captions import CaptionsState, WordRow
from webapp.ui.states.form import FormState

_FORMATS = ".srt,.vtt,.txt,text/plain,text/vtt,application/x-subrip"


def captions_editor(fields: dict[str, Field]) -> rx.Component:
    """The text where the template takes one, and the table of words."""
    text = fields.get("caption-text")
    return rx.el.div(*([_text(text)] if text else []), _words(fields["captions"]), class_name="captions")


def _text(field: Field) -> rx.Component:
    found = FormState.problems[field.path]
    return rx.el.div(
        rx.el.div(
            rx.el.label(field.title, html_for=field.element_id),
            rx.el.span("SRT, WebVTT or plain", class_name="field-value"),
            class_name="field-head",
        ),
        rx.el.textarea(
            id=field.element_id,
            class_name="input caption-text",
            rows="5",
            key=f"text-{CaptionsState.version}",
            placeholder="Paste what is said, or subtitles with their times",
            default_value=CaptionsState.text,
            spell_check=False,
            **typed(CaptionsState.set_text),
        ),
        _fillers(field),
        rx.el.div(id="caption-file-problem", role="alert"),
        rx.cond(
            CaptionsState.problem,
            problem(CaptionsState.problem),
            rx.cond(found, field_problem(found), _hint()),
        ),
        class_name="field",
    )


def _fillers(field: Field) -> rx.Component:
    """What fills the text from a file, and the table of words from the text."""
    return rx.el.div(
        rx.el.label(
            rx.icon("file-up", size=15),
            "Load a file",
            rx.el.input(
                type="file",
                class_name="sr-only",
                accept=_FORMATS,
                custom_attrs={"data-fills": field.element_id, "data-problem": "caption-file-problem"},
            ),
            class_name="btn",
        ),
        rx.el.button(
            rx.icon("audio-lines", size=15),
            "Spread over the speech",
            type="button",
            class_name="btn",
            title="Makes words with times of the text: its own, or those of the voice",
            disabled=CaptionsState.text.strip() == "",
            on_click=repainted(CaptionsState.spread()),
        ),
        class_name="caption-buttons",
    )


def _hint() -> rx.Component:
    return rx.cond(
        (CaptionsState.text.strip() != "") & (CaptionsState.word_count == 0),
        rx.el.p(
            "The preview spreads this text by itself. Press the button to correct single words and times.",
            class_name="small",
        ),
    )


def _words(field: Field) -> rx.Component:
    none = rx.el.button(
        rx.icon("plus", size=15),
        "Write words by hand",
        type="button",
        class_name="btn btn-add",
        on_click=repainted(CaptionsState.insert_word(0)),
    )
    table = rx.fragment(
        _head(),
        rx.el.div(
            rx.el.span("Word"),
            rx.el.span("Start"),
            rx.el.span("End"),
            class_name="word-columns",
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.ol(rx.foreach(CaptionsState.rows, _row), class_name="words", aria_label="Words of the captions"),
        _pager(),
    )
    return rx.el.div(
        rx.cond(CaptionsState.word_count > 0, table, none),
        field_problem(FormState.problems[field.path]),
        class_name="field word-table",
    )


def _head() -> rx.Component:
    count, undo = CaptionsState.word_count, repainted(CaptionsState.undo())
    return rx.fragment(
        rx.el.div(
            rx.el.h3(f"{count} ", rx.cond(count == 1, "word", "words")),
            icon_button("locate-fixed", "Find the word of the preview's moment", on_click=CaptionsState.find_moment),
            icon_button("undo-2", "Undo the last step", on_click=undo, disabled=~CaptionsState.can_undo),
            icon_button("trash-2", "Remove all words", on_click=repainted(CaptionsState.clear_words())),
            class_name="word-head",
        ),
        rx.cond(
            CaptionsState.problem_count > 0,
            rx.el.button(
                rx.icon("circle-alert", size=15),
                CaptionsState.problem_count,
                rx.cond(CaptionsState.problem_count == 1, " word needs a look", " words need a look"),
                type="button",
                class_name="btn word-problems",
                on_click=CaptionsState.find_problem,
            ),
        ),
    )


def _row(row: rx.Var[WordRow]) -> rx.Component:
    return rx.el.li(
        rx.el.input(
            type="text",
            id=f"word-{row.id}",
            class_name="input",
            key=f"{row.id}-{row.revision}-{CaptionsState.version}",
            max_length=60,
            default_value=row.text,
            aria_label=f"Word {row.number}",
            on_focus=repainted(CaptionsState.choose_word(row.id)),
            **typed(lambda text: CaptionsState.edit_text(row.id, text)),
        ),
        _time(row, "start", row.start, f"Start of word {row.number}"),
        _time(row, "end", row.end, f"End of word {row.number}"),
        rx.cond(row.problem, rx.el.span(row.problem, class_name="field-problem", role="status")),
        rx.cond(CaptionsState.selected == row.id, _actions(row)),
        class_name="word",
        key=row.id.to_string(),
        custom_attrs={
            "data-chosen": (CaptionsState.selected == row.id).to_string(),
            "data-wrong": row.problem.bool().to_string(),
        },
    )


def _time(row: rx.Var[WordRow], side: str, value: rx.Var[str], label: str) -> rx.Component:
    # Read when it is left, so that the browser's own text is never replaced while somebody types.
    return rx.el.input(
        type="text",
        class_name="input word-time",
        key=f"{side}-{value}-{CaptionsState.version}",
        max_length=20,
        default_value=value,
        aria_label=label,
        on_focus=repainted(CaptionsState.choose_word(row.id)),
        on_blur=lambda text: repainted(CaptionsState.edit_time(row.id, side, text)),
    )


def _actions(row: rx.Var[WordRow]) -> rx.Component:
    return rx.el.div(
        _action("scissors", "Split", "Split this word in two", CaptionsState.split_word(row.id)),
        _action("merge", "Merge", "Merge with the next word", CaptionsState.merge_word(row.id)),
        _action("plus", "Insert", "Insert a word after this one", CaptionsState.insert_word(row.id)),
        _action("trash-2", "Delete", "Delete this word", CaptionsState.delete_word(row.id)),
        class_name="word-actions",
    )


def _action(icon: str, name: str, label: str, event: EventSpec) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, size=14), name, type="button", class_name="btn btn-quiet", title=label, on_click=repainted(event)
    )


def _pager() -> rx.Component:
    page, count = CaptionsState.page, CaptionsState.page_count
    turn = CaptionsState.turn_page
    return rx.cond(
        count > 1,
        rx.el.div(
            icon_button("chevrons-left", "First words", on_click=turn(1), disabled=page == 1),
            icon_button("chevron-left", "Words before", on_click=turn(page - 1), disabled=page == 1),
            rx.el.span(f"Page {page} of {count}", class_name="number"),
            icon_button("chevron-right", "Words after", on_click=turn(page + 1), disabled=page == count),
            icon_button("chevrons-right", "Last words", on_click=turn(count), disabled=page == count),
            class_name="pager",
        ),
    )
