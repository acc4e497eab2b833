"""A memory of things made before, bounded by their bytes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import TypeVar, cast

import numpy as np

T = TypeVar("T")


class Memory:
    """Least recently used things are forgotten once all together are larger than the limit.

    Args:
        limit_bytes: Of the arrays in what is kept. The newest is kept however large it is.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._kept: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._total = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` returned for this key before, else what it returns now."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return cast("T", self._kept[key][0])
        value = make()
        self._keep(key, value)
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._total = 0

    def _keep(self, key: Hashable, value: object) -> None:
        size = _bytes_of(value)
        self._total += size
        self._kept[key] = (value, size)
        while self._total > self._limit and len(self._kept) > 1:
            _, (_, forgotten) = self._kept.popitem(last=False)
            self._total -= forgotten


def _bytes_of(value: object) -> int:
    """Bytes of the arrays in a value, through tuples, lists and dataclasses; a little for anything else."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, (tuple, list)):
        return sum(map(_bytes_of, value))
    if is_dataclass(value):
        return sum(_bytes_of(getattr(value, part.name)) for part in fields(value))
    return 64
