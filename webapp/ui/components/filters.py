"""What narrows a list: tabs of which one is chosen, and a search."""

from collections.abc import Callable, Mapping
from typing import Any

import reflex as rx

_PAUSE_MS = 250


def tabs(choices: Mapping[str, str], chosen: rx.Var[str], choose: Callable[[str], object], label: str) -> rx.Component:
    """A tab for each choice; ``choices`` are the words of each value."""
    return rx.el.div(
        *[
            rx.el.button(
                words,
                type="button",
                role="tab",
                class_name="tab",
                aria_selected=rx.cond(chosen == value, "true", "false"),
                on_click=choose(value),
            )
            for value, words in choices.items()
        ],
        class_name="tabs",
        role="tablist",
        aria_label=label,
    )


def search(text: rx.Var[str], look_for: Callable[[rx.Var[str]], Any], words: str, label: str) -> rx.Component:
    """A field whose words are looked for once the typing rests."""
    return rx.el.input(
        type="search",
        class_name="input",
        placeholder=words,
        aria_label=label,
        max_length=200,
        default_value=text,
        on_change=lambda typed: look_for(typed).debounce(_PAUSE_MS),
    )
