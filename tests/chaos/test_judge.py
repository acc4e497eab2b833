from dataclasses import replace

import pytest

from tests.chaos.judge import Facts, Verdict, judge

_FILES = {"video": "v", "poster": "p", "thumbnails": "t"}
_DONE = Verdict(
    name="order 0",
    state="completed",
    history=("processing", "processing", "completed"),
    usage=("reserved", "settled"),
    files=_FILES,
    sha256="v",
)
_ENDED = replace(_DONE, state="cancelled", history=("cancelled",), usage=("reserved", "released"), files={})


def _judged(verdict: Verdict, **facts: object) -> list[str]:
    found = judge(Facts(verdicts={0: verdict}, calm={0: _FILES}, **facts))  # type: ignore[arg-type] # fields by name
    return [each.kind for each in found]


def test_a_system_that_held_is_found_so():
    assert _judged(_DONE) == []
    assert _judged(replace(_ENDED, is_cancelled=True)) == []


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (replace(_DONE, state="processing", history=("processing",), usage=("reserved",)), "lost"),
        (replace(_DONE, state="failed", history=("failed",), usage=("reserved", "released")), "lost"),
        (_ENDED, "lost"),
        (replace(_DONE, history=("completed", "completed")), "doubled"),
        (replace(_DONE, history=("processing",)), "doubled"),
        (replace(_DONE, usage=("reserved", "settled", "settled")), "usage"),
        (replace(_DONE, usage=("reserved",)), "usage"),
        (replace(_DONE, usage=()), "usage"),
        (replace(_DONE, usage=("reserved", "released")), "usage"),
        (replace(_DONE, files={**_FILES, "video": "x"}, sha256="x"), "files"),
        (replace(_DONE, files={**_FILES, "poster": "x"}), "files"),
        (replace(_DONE, sha256="x"), "files"),
    ],
)
def test_what_must_not_be_is_found(verdict: Verdict, kind: str):
    assert _judged(verdict) == [kind]


def test_what_is_not_billed_has_no_usage():
    assert _judged(replace(_DONE, usage=None)) == []


def test_a_missing_order_is_lost():
    assert [each.kind for each in judge(Facts(verdicts={}, calm={0: _FILES}))] == ["lost"]


def test_the_rest_of_the_house_is_looked_at():
    assert _judged(_DONE, months={"ann 2026-11": ((1, 2.0, 3), (1, 2.0, 3))}) == []
    assert _judged(_DONE, months={"ann 2026-11": ((1, 2.0, 3), (2, 2.0, 3))}) == ["usage"]
    assert _judged(_DONE, relapsed=("order 0",)) == ["progress"]
    assert _judged(_DONE, fallen=("KeyError: 1",)) == ["fallen"]
    assert _judged(_DONE, left={"Redis keys": ("a", "b")}) == ["left behind"] * 2
