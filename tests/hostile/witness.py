"""Sees what nobody may do: calls to a port, and files opened in a folder."""

import ctypes
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_OPENED = 0x20
"""IN_OPEN of inotify(7)."""
_EVENT = struct.Struct("iIII")


class Witness:
    """Watches a folder and listens on a port, by TCP and UDP.

    Attributes:
        port: Where it listens on the loopback.
    """

    def __init__(self, folder: Path, tcp: socket.socket, udp: socket.socket) -> None:
        self._tcp, self._udp = tcp, udp
        self.port: int = tcp.getsockname()[1]
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if libc.inotify_add_watch(self._watch, os.fsencode(folder), _OPENED) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def close(self) -> None:
        os.close(self._watch)

    def calls(self) -> int:
        """How often somebody has called since the last time."""
        count = 0
        with suppress(BlockingIOError):
            while True:
                self._tcp.accept()[0].close()
                count += 1
        with suppress(BlockingIOError):
            while True:
                self._udp.recv(65536)
                count += 1
        return count

    def opened(self) -> set[str]:
        """Names of the folder's files that were opened since the last time; not those that hide behind a dot."""
        names = set[str]()
        with suppress(BlockingIOError):
            while True:
                names.update(_names(os.read(self._watch, 1 << 20)))
        return {name for name in names if name and not name.startswith(".")}


def _names(events: bytes) -> Iterator[str]:
    at = 0
    while at < len(events):
        *_, length = _EVENT.unpack_from(events, at)
        at += _EVENT.size + length
        yield os.fsdecode(events[at - length : at].rstrip(b"\0"))


@contextmanager
def watching(folder: Path) -> Iterator[Witness]:
    """A witness of this folder."""
    with ExitStack() as things:
        tcp = things.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = things.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(tcp.getsockname())
        for listener in (tcp, udp):
            listener.setblocking(False)
        witness = Witness(folder, tcp, udp)
        things.callback(witness.close)
        yield witness
