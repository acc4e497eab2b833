"""Frames drawn by several processes, in order."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


def render_all(draw: Callable[[T], NDArray[np.uint8]], items: Sequence[T]) -> Iterator[NDArray[np.uint8]]:
    """Draw each item; a frame depends on its item alone, so the order of work does not matter."""
    with multiprocessing.get_context("spawn").Pool(initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.imap(draw, items, chunksize=2)
