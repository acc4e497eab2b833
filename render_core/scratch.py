"""Memory for what is written, read and forgotten within one step of painting.

It is the same memory each time, so it is still in the core's cache, and nothing is allocated: a step over a whole
picture in new memory takes three to four times as long (measured).
"""

import threading
from math import prod

import numpy as np

from render_core.picture import Picture, Plane

_kept = threading.local()


def scratch(name: str, *shape: int) -> Plane:
    """An array of this shape, uint8, that holds anything; the next one of this name in this thread takes its place."""
    size = prod(shape)
    arrays: dict[str, Plane] = _kept.__dict__
    array = arrays.get(name)
    if array is None or array.size < size:
        array = arrays[name] = np.empty(size, np.uint8)
    return array[:size].reshape(shape)


def scratch_picture(name: str, width: int, height: int) -> Picture:
    """The same for the planes of an opaque picture."""
    half = height // 2, width // 2
    return Picture(scratch(f"{name} y", height, width), scratch(f"{name} u", *half), scratch(f"{name} v", *half))
