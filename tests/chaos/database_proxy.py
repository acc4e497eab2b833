"""A proxy before PostgreSQL that cuts a connection at a commit: before it arrives, or before its answer does."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

_PIECE = 1 << 16


class Cut(StrEnum):
    """Where a commit is lost."""

    BEFORE = "never arrives"
    AFTER = "is done, its answer lost"


class DatabaseProxy(socketserver.ThreadingTCPServer):
    """Passes bytes on, both ways, until a cut is ordered."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        self.cuts = 0
        self._lock = threading.Lock()
        self._ordered: list[tuple[int, Cut]] = []
        super().__init__(("127.0.0.1", 0), _Connection)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def cut(self, cut: Cut, after: int) -> None:
        """Cut a connection at a commit, once ``after`` further ones have passed."""
        with self._lock:
            self._ordered.append((after, cut))

    def cut_for(self, sent: bytes) -> Cut | None:
        """What happens to these bytes of a client."""
        if b"COMMIT" not in sent:
            return None
        with self._lock:
            left = [(after - 1, cut) for after, cut in self._ordered]
            due = [cut for after, cut in left if after < 0]
            self._ordered = [(after, cut) for after, cut in left if after >= 0] + [(0, cut) for cut in due[1:]]
            self.cuts += bool(due)
            return due[0] if due else None

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients are killed: nothing to tell."""


@contextmanager
def database_proxy(upstream_port: int) -> Iterator[DatabaseProxy]:
    """A proxy at work."""
    with DatabaseProxy(upstream_port) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()


class _Connection(socketserver.BaseRequestHandler):
    server: DatabaseProxy
    request: socket.socket

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.upstream_port)) as upstream:
            for each in (self.request, upstream):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._is_cut = False
            threading.Thread(target=self._answers, args=(upstream,), daemon=True).start()
            self._questions(upstream)

    def _questions(self, upstream: socket.socket) -> None:
        with suppress(OSError):
            while sent := self.request.recv(_PIECE):
                cut = self.server.cut_for(sent)
                self._is_cut = cut is not None
                if cut is Cut.BEFORE:
                    break
                upstream.sendall(sent)
        _end(upstream)

    def _answers(self, upstream: socket.socket) -> None:
        with suppress(OSError):
            while (answer := upstream.recv(_PIECE)) and not self._is_cut:
                self.request.sendall(answer)
        _end(self.request)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
