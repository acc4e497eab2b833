import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.webapp.product import Product

DAY_S = 86400


@pytest.fixture
def kept(run_product: Product) -> Product:
    """A cell and a sound that were used today, two cells and a video that were not used for 10 and 100 days."""
    objects = run_product.container.objects
    for key, days in (
        ("cells/ab/1.mp4", 0),
        ("cells/ab/2.mp4", 10),
        ("cells/ab/3.mp4", 100),
        ("sounds/ab/4.m4a", 0),
        ("rendered-videos/v/j.mp4", 100),
    ):
        objects.put_bytes(key, b"x" * 1024)
        used_at = time.time() - days * DAY_S
        os.utime(objects.materialise(key), (used_at, used_at))
    return run_product


def _cells(product: Product) -> list[str]:
    return list(product.container.objects.keys("cells/"))


def test_people_are_told_what_is_kept(kept: Product, reelgrove: Callable):
    said = reelgrove("cells")
    assert said.code == 0
    assert "cells   3      3.0 KiB  100 d" in said.out
    assert "sounds  1      1.0 KiB" in said.out
    assert "Kept for 30 days after the last use, 20.0 GiB at most." in said.out


def test_programs_are_told_too(kept: Product, reelgrove: Callable):
    facts = reelgrove("cells", "--json").facts
    assert (facts["kept"]["cells"]["count"], facts["kept"]["cells"]["size_bytes"]) == (3, 3072)
    assert facts["kept"]["cells"]["oldest_use"] < facts["kept"]["cells"]["newest_use"]
    assert facts["limits"] == {"max_age_days": 30.0, "max_bytes": 20 << 30}


def test_pruning_goes_by_the_settings(kept: Product, reelgrove: Callable):
    assert reelgrove("cells", "prune").out.startswith("Removed 1 of 4 cells and sounds, 1.0 KiB; 3 stay, 3.0 KiB.")
    assert _cells(kept) == ["cells/ab/1.mp4", "cells/ab/2.mp4"]
    assert kept.container.objects.size("rendered-videos/v/j.mp4"), "videos are their owners' to delete"


def test_a_dry_run_removes_nothing(kept: Product, reelgrove: Callable):
    said = reelgrove("cells", "prune", "--max-age", 5, "--dry-run", "--json")
    assert (said.facts["removed"], said.facts["kept"], said.facts["dry_run"]) == (2, 2, True)
    assert len(_cells(kept)) == 3


def test_limits_can_be_given_and_what_was_just_used_stays(kept: Product, reelgrove: Callable):
    said = reelgrove("cells", "prune", "--max-bytes", "1KiB")
    assert "Removed 2" in said.out
    assert "What was used within 4 hours, or since a render at work began, always stays" in said.out
    assert _cells(kept) == ["cells/ab/1.mp4"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--max-bytes", "lots"), "--max-bytes: “lots” is no size: give a number of bytes, or 500MB, 50GiB"),
        (("--max-bytes", "-5"), "--max-bytes: “-5” is no size"),
        (("--max-age", "-1"), "--max-age"),
    ],
)
def test_limits_that_cannot_be_are_named(kept: Product, reelgrove: Callable, arguments: tuple[str, ...], line: str):
    said = reelgrove("cells", "prune", *arguments)
    assert said.code == 2
    assert line in said.err
    assert len(_cells(kept)) == 3


@pytest.mark.parametrize("command", [("cells",), ("cells", "prune"), ("cluster", "status"), ("cluster", "jobs")])
def test_where_nothing_has_run_yet_the_way_to_begin_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reelgrove: Callable, command: tuple[str, ...]
):
    monkeypatch.setenv("REELGROVE_DATA_DIR", str(tmp_path / "nothing"))
    said = reelgrove(*command)
    assert said.code == 2
    assert "`reelgrove up` begins it" in said.err
    assert not (tmp_path / "nothing").exists()


def test_a_store_that_is_away_is_one_line(run_product: Product, monkeypatch: pytest.MonkeyPatch, reelgrove: Callable):
    monkeypatch.setenv("REELGROVE_S3_BUCKET", "media")
    monkeypatch.setenv("REELGROVE_S3_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("REELGROVE_S3_ACCESS_KEY", "a")
    monkeypatch.setenv("REELGROVE_S3_SECRET_KEY", "b")
    said = reelgrove("cells")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert said.err.startswith("reelgrove: the object store does not answer as it should:")
