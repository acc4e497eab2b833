"""What work costs, in seconds of one CPU: a model that starts from measured rates and learns from every task.

Rates are found by least squares of relative errors with a Gaussian prior (Bayesian linear regression; Bishop, "Pattern
Recognition and Machine Learning", 3.3), kept at or above zero. An outlier pulls no harder than an ordinary error
(Huber's weights), and old observations fade.
"""

import json
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from render_core.cells import CellLoad
from render_core.spec import RenderSpec

Family = tuple[str, str, str]
"""Videos whose cells cost alike: template, output, quality."""

Step = Literal["plan", "sound", "assemble", "prepare", "render"]
"""Work other than cells, and a render whose cells nobody knows yet.

The amount is in frames, seconds of sound, frames, megabytes of the upload, and seconds of video.
"""

Vector = NDArray[np.float64]

_CELL_RATES = {"decoded": 0.0032, "drawn": 0.0004, "frame": 0.0014, "task": 0.15}
"""Seconds a megapixel, a frame, a task (which opens its decoders anew). Measured on the four templates at a tenth, a
quarter, half and all of their size."""

_ENCODING = {"draft": 0.001, "standard": 0.007, "high": 0.06, "gif": 0.08, "webm": 0.045}
"""Seconds a megapixel, by quality or, where that matters more, by format."""

_STEP_RATES: dict[Step, tuple[float, float]] = {
    "plan": (0.05, 0.0006),
    "sound": (0.1, 0.03),
    "assemble": (0.05, 0.0003),
    "prepare": (0.5, 0.3),
    "render": (0.5, 0.8),
}
"""Seconds, and seconds for each unit of the amount."""

_NOISE = 0.2
"""Usual relative error of one observation."""

_LEAST_TOLERANCE = 0.2
_VERSION = 1


def family_of(spec: RenderSpec) -> Family:
    """The family that a video's cells belong to."""
    return spec.template, spec.output, spec.quality


class CostModel:
    """Expected seconds of cells and of the other steps of a job. Never negative; a slow machine is learnt like any."""

    def __init__(self) -> None:
        self._all_cells = _Fit(5, of_scale=1.0, of_each=0.5, memory=300)
        self._families: dict[Family, _Fit] = {}
        self._steps: dict[Step, _Fit] = {step: _Fit(2, of_scale=1.0, of_each=0.5, memory=100) for step in _STEP_RATES}

    def seconds(self, load: CellLoad, family: Family) -> float:
        """What a cell takes once its task is under way."""
        return float(_parts(load, family, is_first=False) @ self._ratios(family))

    def setup_s(self, family: Family) -> float:
        """What a task takes beside its cells."""
        return _CELL_RATES["task"] * float(self._ratios(family)[-1])

    def step_s(self, step: Step, amount: float) -> float:
        """What planning, the sound, the assembly or a preparation takes."""
        return float(_step_parts(step, amount) @ self._steps[step].ratios(np.ones(2)))

    def learn(self, family: Family, loads: Sequence[CellLoad], seconds: Sequence[float], setup_s: float = 0.0) -> None:
        """Take in how long a task took.

        Args:
            family: Of its cells.
            loads: Of the cells that it rendered, in order; what it found in the store says nothing.
            seconds: Wall time of each.
            setup_s: Wall time before the first.
        """
        for index, (load, took) in enumerate(zip(loads, seconds, strict=True)):
            is_first = index == 0
            parts, took_s = _parts(load, family, is_first=is_first), took + setup_s * is_first
            expected = float(parts @ self._ratios(family))
            self._family(family).observe(parts, took_s, expected)
            self._all_cells.observe(parts, took_s, expected)

    def learn_step(self, step: Step, amount: float, seconds: float) -> None:
        """Take in how long another step took."""
        self._steps[step].observe(_step_parts(step, amount), seconds, self.step_s(step, amount))

    def dump(self) -> bytes:
        """Everything it has learnt, as JSON."""
        families = [[*family, fit.state()] for family, fit in self._families.items()]
        steps = {step: fit.state() for step, fit in self._steps.items()}
        state = {"version": _VERSION, "cells": self._all_cells.state(), "families": families, "steps": steps}
        return json.dumps(state).encode()

    @classmethod
    def load(cls, data: bytes) -> Self:
        """What was dumped; a new model where the bytes say nothing to this version."""
        model = cls()
        try:
            model._restore(json.loads(data))
        except (ValueError, KeyError, TypeError):
            return cls()
        return model

    def _restore(self, state: dict[str, Any]) -> None:
        if state["version"] != _VERSION:
            raise ValueError("another version")
        self._all_cells.restore(state["cells"])
        for template, output, quality, fit in state["families"]:
            self._family((template, output, quality)).restore(fit)
        for step, fit in self._steps.items():
            if step in state["steps"]:
                fit.restore(state["steps"][step])

    def _family(self, family: Family) -> "_Fit":
        return self._families.setdefault(family, _Fit(5, of_scale=0.3, of_each=0.25, memory=100))

    def _ratios(self, family: Family) -> Vector:
        common = self._all_cells.ratios(np.ones(5))
        fit = self._families.get(family)
        return common if fit is None else fit.ratios(common)


def _parts(load: CellLoad, family: Family, *, is_first: bool) -> Vector:
    """What the measured rates say of each kind of work in a cell, in seconds."""
    _, output, quality = family
    encoding = _ENCODING.get(output, _ENCODING.get(quality, _ENCODING["standard"]))
    rates = _CELL_RATES
    return np.array(
        [
            load.decoded * rates["decoded"],
            load.drawn * rates["drawn"],
            load.encoded * encoding,
            load.frames * rates["frame"],
            rates["task"] * is_first,
        ]
    )


def _step_parts(step: Step, amount: float) -> Vector:
    base, rate = _STEP_RATES[step]
    return np.array([base, rate * amount])


class _Fit:
    """Ratios between true and measured rates.

    Args:
        size: How many rates.
        of_scale: Standard deviation that all ratios have in common: faster and slower machines.
        of_each: That of each by itself.
        memory: After so many observations an old one counts for a third.
    """

    def __init__(self, size: int, *, of_scale: float, of_each: float, memory: int) -> None:
        covariance = of_each**2 * np.eye(size) + of_scale**2 * np.ones((size, size))
        self._trust = _NOISE**2 * np.linalg.inv(covariance)
        self._keep = 1 - 1 / memory
        self._seen = np.zeros((size, size))
        self._told = np.zeros(size)
        self._spread = 0.5
        self._solved: tuple[bytes, Vector] | None = None

    def ratios(self, expected: Vector) -> Vector:
        """The ratios, not below zero, given what is expected of them without any observation."""
        key = expected.tobytes()
        if self._solved is None or self._solved[0] != key:
            self._solved = key, _not_negative(self._seen + self._trust, self._told + self._trust @ expected)
        return self._solved[1]

    def observe(self, parts: Vector, took: float, expected: float) -> None:
        """Work that the measured rates split into ``parts`` was expected to take so long and took so long."""
        if took <= 0 or expected <= 0:
            return
        error = took / expected - 1
        weight = min(1.0, max(_LEAST_TOLERANCE, 2 * self._spread) / max(1e-9, abs(error)))
        row = parts / expected
        self._seen = self._keep * self._seen + weight * np.outer(row, row)
        self._told = self._keep * self._told + weight * row * (error + 1)
        self._spread = min(0.5, self._spread * (1.1 if abs(error) > self._spread else 1 / 1.1))
        self._solved = None

    def state(self) -> dict[str, Any]:
        """All that observations have changed."""
        return {"seen": self._seen.tolist(), "told": self._told.tolist(), "spread": self._spread}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        seen, told = np.array(state["seen"], float), np.array(state["told"], float)
        if seen.shape != self._seen.shape or told.shape != self._told.shape or not np.isfinite(seen).all():
            raise ValueError("another shape")
        self._seen, self._told, self._spread, self._solved = seen, told, float(state["spread"]), None


def _not_negative(matrix: Vector, right: Vector) -> Vector:
    """Least squares from the normal equations with what would be negative held at zero."""
    free = np.ones(len(right), bool)
    result = np.zeros(len(right))
    while free.any():
        result[:] = 0.0
        result[free] = np.linalg.solve(matrix[np.ix_(free, free)], right[free])
        if (result >= 0).all():
            break
        free &= result > 0
    return np.maximum(result, 0.0)
