"""A receiver of webhooks on the loopback: it remembers what came, and answers as it is told."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str) -> Any:  # noqa: ANN401 - JSON
        """The message, if another implementation of the standard believes its signature."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """What the server knows."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    behaviour: Behaviour = field(default_factory=lambda: replying(204))
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def wait_for(self, count: int, timeout_s: float = 120) -> list[Received]:
        """All that has come, once there are so many requests."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.requests) >= count, timeout_s), f"{len(self.requests)} came"
            return list(self.requests)

    def receive(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        came = Received(path=handler.path, headers=headers, body=handler.rfile.read(length))
        with self.arrived:
            self.requests.append(came)
            self.arrived.notify_all()
        self.behaviour(handler)


def replying(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answers at once; underscores in the names of headers stand for dashes."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content_length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def dripping(status: int, pause_s: float) -> Behaviour:
    """Sends the status at once and then bytes without end, one by one."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.end_headers()
        while True:
            handler.wfile.write(b".")
            handler.wfile.flush()
            time.sleep(pause_s)

    return drip


@contextmanager
def run_receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.receive(self)

        do_GET = do_POST  # noqa: N815 - whoever follows a redirect comes with this

        def log_message(self, *_arguments: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments: object) -> None:
            """Senders hang up."""

    with Quiet(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_port
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()
