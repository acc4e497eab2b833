"""Moments in the words of the reader's own clock and language: the browser knows both."""

import reflex as rx

_DAY = "{day: 'numeric', month: 'short', year: 'numeric'}"


def day_of(moment: rx.Var[str]) -> rx.Var[str]:
    """``14 Mar 2026``."""
    return rx.Var(f"new Date({moment!s}).toLocaleDateString([], {_DAY})").to(str)


def ago(moment: rx.Var[str]) -> rx.Var[str]:
    """``3 hours ago``; see ``assets/moments.js``."""
    return rx.Var(f"(window.ago ? window.ago({moment!s}) : '')").to(str)
