"""What a chaos must not have done: facts in, violations out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

KINDS = ("lost", "doubled", "usage", "files", "progress", "fallen", "left behind")
_ENDS = {"completed", "failed", "cancelled"}
_CLOSES = {"completed": "settled", "failed": "released", "cancelled": "released"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one order.

    Attributes:
        name: For people, ``order 12``.
        history: The states that its row went through after the first, in order, from the database's own log.
        usage: The same for its lines in the ledger; None for what is not billed.
        files: SHA-256 of what is stored, by what it is; empty for what is not there.
        sha256: Of the first of them, as its row says.
        is_cancelled: Whether somebody asked for its end.
    """

    state: str
    name: str = ""
    history: tuple[str, ...] = ()
    usage: tuple[str, ...] | None = ()
    files: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""
    error: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything after a chaos.

    Attributes:
        verdicts: Of all orders, by number.
        calm: The files of the undisturbed run of the same orders, by number.
        months: For each user's month what the ledger adds up to, and what its projection says.
        relapsed: Rows whose progress went back.
        fallen: Last words of dispatchers that ended by themselves.
        left: What should be gone, by kind.
    """

    verdicts: Mapping[int, Verdict]
    calm: Mapping[int, Mapping[str, str]]
    months: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    relapsed: tuple[str, ...] = ()
    fallen: tuple[str, ...] = ()
    left: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Violation:
    """One thing that must not be."""

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


def judge(facts: Facts) -> tuple[Violation, ...]:
    """All violations; none for a system that held."""
    return tuple(Violation(kind=kind, what=what) for kind, what in _violations(facts))


def _violations(facts: Facts) -> Iterator[tuple[str, str]]:
    for number in facts.calm.keys() - facts.verdicts.keys():
        yield "lost", f"order {number} has no rows"
    for number, verdict in facts.verdicts.items():
        yield from _of_order(verdict, facts.calm.get(number, {}))
    for month, (counted, projected) in facts.months.items():
        if counted != projected:
            yield "usage", f"{month}: the ledger says {counted}, its projection {projected}"
    for row in facts.relapsed:
        yield "progress", f"{row} went back"
    for words in facts.fallen:
        yield "fallen", f"a dispatcher ended by itself: {words}"
    for kind, names in facts.left.items():
        for name in names:
            yield "left behind", f"{kind}: {name}"


def _of_order(verdict: Verdict, calm: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    name, state = verdict.name, verdict.state
    if state not in _ENDS:
        yield "lost", f"{name} is still {state}"
        return
    if state == "failed" or (state == "cancelled" and not verdict.is_cancelled):
        yield "lost", f"{name} is {state}, which nobody asked for: {verdict.error}"
    if _count(verdict.history, _ENDS) != 1:
        yield "doubled", f"{name} ended {_count(verdict.history, _ENDS)} times: {_shown(verdict.history)}"
    usage = verdict.usage
    if usage is not None and (_count(usage, {"settled", "released"}) != 1 or usage[-1] != _CLOSES[state]):
        yield "usage", f"{name} is {state}, its usage {_shown(usage)}"
    if state == "completed":
        yield from _of_files(verdict, calm)


def _of_files(verdict: Verdict, calm: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if verdict.sha256 != next(iter(verdict.files.values()), ""):
        yield "files", f"{verdict.name}: its row names other bytes than are stored"
    for kind in calm.keys() | verdict.files.keys():
        if verdict.files.get(kind) != calm.get(kind):
            yield "files", f"{verdict.name}: its {kind} differs from the undisturbed one"


def _count(history: Iterable[str], among: set[str]) -> int:
    return sum(state in among for state in history)


def _shown(history: Iterable[str]) -> str:
    return " → ".join(history) or "nothing"
