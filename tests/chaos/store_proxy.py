"""An HTTP proxy before the object store that treats requests as their fate says."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.chaos.fates import Chooser, Fate, Turns

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "expect"}
_REFUSALS = {Fate.BUSY: (503, "SlowDown"), Fate.BROKEN: (500, "InternalError")}
_LONGEST_SILENCE_S = 60.0


def _let_through(_name: str, _turn: int) -> Fate | None:
    return None


class StoreProxy(ThreadingHTTPServer):
    """Passes requests on to ``upstream``; those that a plan has chosen go wrong.

    Attributes:
        stored: How often each key was written with success.
        asked: Requests so far.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, upstream: str, port: int = 0) -> None:
        address = urlsplit(upstream)
        self.upstream = (str(address.hostname), address.port or 80)
        self.stored: Counter[str] = Counter()
        self.asked = 0
        self.lock = threading.Lock()
        self.turns = Turns(_let_through)
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def endpoint(self) -> str:
        """Its own URL."""
        return f"http://127.0.0.1:{self.port}"

    def follow(self, choose: Chooser) -> None:
        """Let requests go wrong as it chooses from now on; counts begin anew."""
        with self.lock:
            self.turns = Turns(choose)
            self.stored.clear()

    def calm(self) -> None:
        """Let all requests through from now on; what has been counted stays."""
        with self.lock:
            given = self.turns.given
            self.turns = Turns(_let_through)
            self.turns.given = given

    def refuse(self, requests: int) -> None:
        """Refuse the next so many requests."""
        with self.lock:
            self.turns.refuse(requests)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up, workers are killed: nothing to tell."""


@contextmanager
def store_proxy(upstream: str, port: int = 0) -> Iterator[StoreProxy]:
    """A proxy at work."""
    with StoreProxy(upstream, port) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: StoreProxy

    def setup(self) -> None:
        super().setup()
        self._upstream = HTTPConnection(*self.server.upstream, timeout=_LONGEST_SILENCE_S)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.lock:
            self.server.asked += 1
            fate = self.server.turns.next_fate(self.command, self.path)
        if fate in _REFUSALS:
            self._refuse(*_REFUSALS[fate])
        elif fate is Fate.NO_ANSWER:
            self._keep_silent()
        elif fate is Fate.CUT:
            self._cut()
        else:
            self._pass_on(body, fate)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - the names that http.server calls

    def _pass_on(self, body: bytes, fate: Fate | None) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        self._upstream.request(self.command, self.path, body, headers)
        with self._upstream.getresponse() as answer:
            data = answer.read()
        if self.command == "PUT" and answer.status == 200:
            with self.server.lock:
                self.server.stored[self.path.partition("?")[0].split("/", 2)[2]] += 1
        if fate is Fate.ANSWER_LOST or (fate is Fate.CUT_WITHIN and len(data) < 2):
            self._cut()
            return
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {*_HOP_BY_HOP, "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", answer.getheader("Content-Length") or str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if fate is Fate.CUT_WITHIN else data)
        if fate is Fate.CUT_WITHIN:
            self._cut()

    def _refuse(self, status: int, code: str) -> None:
        text = f"<Error><Code>{code}</Code><Message>chaos</Message></Error>".encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def _keep_silent(self) -> None:
        """Until the client has had enough."""
        self.connection.settimeout(_LONGEST_SILENCE_S)
        while self.connection.recv(1 << 16):
            pass
        self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
