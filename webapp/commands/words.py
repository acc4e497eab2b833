"""Sizes, times and tables as people read them at a terminal."""

from pydantic import ByteSize
from rich.table import Table


def size_words(size_bytes: int) -> str:
    """``512 B``, ``3.4 MiB``."""
    return ByteSize(size_bytes).human_readable(separator=" ")


def age_words(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min``, ``5 h``, ``12 d``: one unit is enough to judge by."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    for unit, length, limit in (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 172800)):
        if seconds < limit:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def plain_table(*columns: str) -> Table:
    """A table without lines, whose words can be copied and searched for."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table
