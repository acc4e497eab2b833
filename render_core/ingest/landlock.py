"""Files a process may open, by Linux's Landlock: it needs no rights, and what it starts is bound as well.

See https://docs.kernel.org/userspace-api/landlock.html.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""The same numbers on all architectures."""
_ASK_VERSION, _PATH_BENEATH = 1, 1
_WRITE_FILE, _READ_FILE, _READ_FOLDER, _REMOVE_FILE, _MAKE_FILE, _TRUNCATE = (
    1 << 1,
    1 << 2,
    1 << 3,
    1 << 5,
    1 << 8,
    1 << 14,
)
_ALL_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
"""What version 1, 2 and 3 can refuse."""
_READ = _READ_FILE | _READ_FOLDER
_WRITE = _READ | _WRITE_FILE | _REMOVE_FILE | _MAKE_FILE | _TRUNCATE
_OF_A_FILE = _READ_FILE | _WRITE_FILE | _TRUNCATE
_ALL_TCP, _ALL_SCOPES = 0b11, 0b11
"""Binding and connecting; other processes' abstract sockets and signals to them."""


MISSING = (
    "this machine has no Landlock, so a hole in a decoder could read what its user can: "
    "Linux 5.13 or later with `landlock` among its security modules, and a container runtime that lets it through"
)
"""For whoever looks after the machine."""


def is_available() -> bool:
    """Whether this machine can refuse files to a process: not on old kernels, where it is turned off, off Linux."""
    return sys.platform == "linux" and _version() >= 1


def may_open(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Refuse this thread, and all that it starts, every file but these and those below them.

    Args:
        readable: Files and folders; what is not there is left out.
        writable: Folders in which files may also be made, written and removed.

    Returns:
        Whether the kernel can do it. Nothing has changed where it cannot.
    """
    version = _version()
    if version < 1:
        return False
    handled = _ALL_FILES[min(version, 3)]
    with _ruleset(version, handled) as rules:
        for paths, access in ((readable, _READ), (writable, _WRITE)):
            for path in paths:
                with suppress(FileNotFoundError):
                    _allow(rules, path, access & handled)
        _checked(_call(_RESTRICT_SELF, rules, 0))
    return True


def _version() -> int:
    return _call(_CREATE_RULESET, None, 0, _ASK_VERSION)


@contextmanager
def _ruleset(version: int, handled: int) -> Iterator[int]:
    """The descriptor of a set of rules; newer versions refuse more."""
    words = (handled, *([_ALL_TCP] if version >= 4 else []), *([_ALL_SCOPES] if version >= 6 else []))
    attributes = struct.pack(f"={len(words)}Q", *words)
    rules = _checked(_call(_CREATE_RULESET, attributes, len(attributes), 0))
    try:
        yield rules
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, access: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", access if path.is_dir() else access & _OF_A_FILE, place)
        _checked(_call(_ADD_RULE, rules, _PATH_BENEATH, rule, 0))
    finally:
        os.close(place)


def _call(number: int, *arguments: int | bytes | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return int(libc.syscall(ctypes.c_long(number), *words))


def _checked(answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno(), "Landlock")
    return answer
