import json
import random
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.cost import CostModel, Family
from render_core.cells import CellLoad

_FAMILY = ("LipSyncTemplate", "mp4", "standard")
_LOAD = CellLoad(decoded=250, drawn=600, encoded=124, frames=60)
_SMALL = CellLoad(decoded=120, drawn=10, encoded=2, frames=60)


def _measured() -> list[tuple[Family, list[CellLoad], list[float]]]:
    """CPU seconds of real cells, task by task: all templates at four sizes, and other formats and qualities."""
    rows = json.loads(Path(__file__).with_name("measured_cells.json").read_text())
    tasks: list[tuple[Family, list[CellLoad], list[float]]] = []
    for template, output, quality, decoded, drawn, encoded, frames, place, took in rows:
        if place == 0:
            tasks.append(((template, output, quality), [], []))
        tasks[-1][1].append(CellLoad(decoded=decoded, drawn=drawn, encoded=encoded, frames=frames))
        tasks[-1][2].append(took)
    return tasks


def _errors(model: CostModel, tasks: list[tuple[Family, list[CellLoad], list[float]]]) -> Iterator[float]:
    for family, loads, seconds in tasks:
        for load, took in list(zip(loads, seconds, strict=True))[1:]:
            yield abs(model.seconds(load, family) / took - 1)


def _taught(tasks: list[tuple[Family, list[CellLoad], list[float]]], slowness: float = 1.0) -> CostModel:
    model = CostModel()
    for family, loads, seconds in tasks:
        model.learn(family, loads, [slowness * took for took in seconds])
    return model


def test_measured_rates_say_what_real_cells_take_before_anything_was_learnt() -> None:
    assert fmean(_errors(CostModel(), _measured())) < 0.22


def test_after_learning_from_them_the_mean_error_of_a_cell_is_under_15_per_cent() -> None:
    assert fmean(_errors(_taught(_measured()), _measured())) < 0.15


def test_a_size_that_it_has_not_seen_is_foretold_as_well() -> None:
    tasks = _measured()
    unseen = [task for n, task in enumerate(tasks[:16]) if n % 4 == 2]
    known = [task for task in tasks[:16] if task not in unseen]
    assert fmean(_errors(_taught(known), unseen)) < 0.15


def test_a_task_is_foretold_better_than_a_cell() -> None:
    model = _taught(_measured())
    errors = [
        abs((model.setup_s(family) + sum(model.seconds(load, family) for load in loads)) / sum(seconds) - 1)
        for family, loads, seconds in _measured()
    ]
    assert fmean(errors) < 0.1


@pytest.mark.parametrize("slowness", [0.4, 3.0])
def test_another_machine_is_learnt_as_a_whole(slowness: float) -> None:
    model = _taught(_measured(), slowness)
    errors = [
        abs(model.seconds(load, family) / (slowness * took) - 1)
        for family, loads, seconds in _measured()
        for load, took in list(zip(loads, seconds, strict=True))[1:]
    ]
    assert fmean(errors) < 0.18


def test_what_one_family_taught_helps_another() -> None:
    model = CostModel()
    for _ in range(30):
        model.learn(_FAMILY, [_LOAD], [2 * CostModel().seconds(_LOAD, _FAMILY)])
    other = ("NewsTemplate", "mp4", "standard")
    assert model.seconds(_LOAD, other) > 1.3 * CostModel().seconds(_LOAD, other)


def test_outliers_pull_no_harder_than_ordinary_errors() -> None:
    rng, calm, noisy = random.Random(1), CostModel(), CostModel()
    truth = CostModel().seconds(_LOAD, _FAMILY)
    for n in range(200):
        took = truth * rng.uniform(0.85, 1.15)
        calm.learn(_FAMILY, [_LOAD], [took])
        noisy.learn(_FAMILY, [_LOAD], [took * (12 if n % 10 == 0 else 1)])
    assert noisy.seconds(_LOAD, _FAMILY) < 1.25 * calm.seconds(_LOAD, _FAMILY)


def test_a_lasting_change_is_followed() -> None:
    model, truth = CostModel(), CostModel().seconds(_LOAD, _FAMILY)
    for factor in (1.0, 2.5):
        for _ in range(200):
            model.learn(_FAMILY, [_LOAD, _SMALL], [factor * truth, factor * 0.4 * truth])
    assert model.seconds(_LOAD, _FAMILY) == pytest.approx(2.5 * truth, rel=0.25)


def test_setting_up_is_told_from_cells_by_their_place_in_the_task() -> None:
    model, rng = CostModel(), random.Random(2)
    for _ in range(200):
        cells = rng.randint(1, 6)
        model.learn(_FAMILY, [_LOAD] * cells, [1.5] * cells, setup_s=0.6)
    assert model.setup_s(_FAMILY) == pytest.approx(0.6, rel=0.2)
    assert model.seconds(_LOAD, _FAMILY) == pytest.approx(1.5, rel=0.05)


def test_other_steps_are_learnt_by_their_amount() -> None:
    model = CostModel()
    for n in range(60):
        model.learn_step("sound", 5.0 + n, 1.0 + 0.1 * (5.0 + n))
    assert model.step_s("sound", 30.0) == pytest.approx(4.0, rel=0.1)


_SECONDS = st.lists(st.floats(0, 1e4), min_size=1, max_size=4)


@given(st.lists(st.tuples(st.sampled_from([_LOAD, _SMALL, CellLoad()]), _SECONDS, st.floats(0, 100)), max_size=40))
def test_no_cost_is_ever_negative_or_infinite(history: list[tuple[CellLoad, list[float], float]]) -> None:
    model = CostModel()
    for load, seconds, setup_s in history:
        model.learn(_FAMILY, [load] * len(seconds), seconds, setup_s)
    for load in (_LOAD, _SMALL, CellLoad()):
        assert 0 <= model.seconds(load, _FAMILY) < 1e6
    assert 0 <= model.setup_s(_FAMILY) < 1e6


def test_what_was_learnt_survives_a_restart() -> None:
    model = _taught(_measured())
    model.learn_step("assemble", 600, 2.0)
    again = CostModel.load(model.dump())
    assert again.seconds(_LOAD, _FAMILY) == pytest.approx(model.seconds(_LOAD, _FAMILY))
    assert again.setup_s(_FAMILY) == pytest.approx(model.setup_s(_FAMILY))
    assert again.step_s("assemble", 600) == pytest.approx(model.step_s("assemble", 600))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"version": 99}', b'{"version": 1, "cells": {"seen": [[1]]}}'])
def test_spoilt_memories_begin_anew(data: bytes) -> None:
    assert CostModel.load(data).seconds(_LOAD, _FAMILY) == CostModel().seconds(_LOAD, _FAMILY)
