"""What an edit costs: the cells whose keys change are rendered again, all others come from the store."""

from functools import cache

from render_core.cells import Cell, plan_cells, sound_key
from render_core.media.profiles import profile_of
from render_core.templates import build, make_spec
from tests.scenes import invented_asset

_STANDARD = profile_of("mp4", "standard")
_WORD_MS = 500
_SECONDS = 60


def _words(**changed: str) -> list[dict[str, object]]:
    """A minute of speech without a pause, each word half a second; ``w7="other"`` is the eighth word."""
    texts = [changed.get(f"w{n}", f"word{n}") for n in range(1000 * _SECONDS // _WORD_MS)]
    return [{"text": text, "start": n * _WORD_MS, "end": (n + 1) * _WORD_MS} for n, text in enumerate(texts)]


def _planned(words: list[dict[str, object]]) -> tuple[tuple[Cell, ...], str | None]:
    assets = {"lipSyncVideo": (invented_asset("avatar", frames=30 * _SECONDS),)}
    composition = build(make_spec("LipSyncTemplate", assets, {"captions": words}, scale=0.1))
    return plan_cells(composition, _STANDARD), sound_key(composition, _STANDARD)


@cache
def _unedited() -> tuple[tuple[Cell, ...], str | None]:
    return _planned(_words())


def _changed(edit: dict[str, str]) -> list[int]:
    before, after = _unedited(), _planned(_words(**edit))
    assert before[1] == after[1]
    return [old.index for old, new in zip(before[0], after[0], strict=True) if old.key != new.key]


def test_an_edited_word_costs_the_cells_that_show_it_and_no_more_than_two() -> None:
    for place in (41, 119):
        changed = _changed({f"w{place}": "another"})
        assert place * _WORD_MS // 2000 in changed
        assert len(changed) <= 2


def test_a_word_too_long_for_its_page_moves_none_but_its_neighbours() -> None:
    changed = _changed({"w40": "incomprehensibilities of incomprehensibilities"})
    assert 40 * _WORD_MS // 2000 in changed
    assert len(changed) <= 2
