"""How messages are sent: to an address that was looked at just before, the answer bounded in time and size."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address

import httpcore

from webapp.errors import InvalidError
from webapp.webhooks.addresses import Address, AddressPolicy, AddressRefusedError, Target
from webapp.webhooks.retries import Answer

TIMEOUT_S = 20.0
_CONNECT_S = 10.0
_BODY_S = 2.0
_MOST_ADDRESSES = 3
_MOST_BYTES = 4096
_LONGEST_TEXT = 1000
_MOST_DIGITS = 6
_RESOLVERS = 8
_AGENT = "Reelgrove-Webhooks/1"
_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (httpcore.ConnectTimeout, "No connection came about in time."),
    (httpcore.TimeoutException, "No answer came in time."),
    (TimeoutError, "No answer came in time."),
    (httpcore.ConnectError, "The receiver took no connection."),
    (httpcore.NetworkError, "The connection broke before the answer."),
    (httpcore.ProtocolError, "What came back was no HTTP answer."),
)

_UNEXPECTED = "The message could not be sent."

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is sent, and where to."""

    url: str
    headers: dict[str, str]
    body: bytes


class UnknownHostError(Exception):
    """A name that nobody knows."""

    def __str__(self) -> str:
        return "The name in the address is not known: no such host."


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the system prefers them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Makes connections, and is the only one here who does: to addresses that the policy permits.

    A name is resolved once, and what was looked at is what is connected to. TLS still asks for the name.

    Args:
        policy: What may be connected to.
        resolve: The addresses of a name; runs in a thread, for it may take its time.
    """

    def __init__(self, policy: AddressPolicy, resolve: Resolve = resolve) -> None:
        self._policy = policy
        self._resolve = resolve
        self._threads = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolver")
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is the library's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the name's addresses that takes the connection.

        Raises:
            AddressRefusedError: One of them may not be connected to.
        """
        last: Exception = UnknownHostError()
        for address in (await self._addresses(host, port))[:_MOST_ADDRESSES]:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last

    async def _addresses(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, self._resolve, host, port)
        except (OSError, UnicodeError) as error:
            raise UnknownHostError from error
        addresses = [ip_address(each) for each in found]
        for address in addresses:
            if not self._policy.permits(address):
                raise AddressRefusedError(str(address))
        return addresses


class Post:
    """Sends letters, each over a connection of its own. Follows nobody elsewhere, and asks no proxy.

    Args:
        policy: Where letters may go.
        network: What makes connections.
        tls: Which certificates are believed; the usual authorities unless said otherwise.
        timeout_s: For all of an attempt.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        network: httpcore.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._policy = policy
        self._timeout_s = timeout_s
        # A connection kept open would outlive the look at its address. The authorities take a while to read: once.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or httpcore.default_ssl_context(),
            max_connections=None,  # bounded by what sends: who waits for a place here would wait for slow receivers
            max_keepalive_connections=0,
            network_backend=network or CheckedNetwork(policy),
        )

    async def send(self, letter: Letter) -> Answer:
        """Send a letter. Never raises for what the receiver does, or fails to do."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._exchange(self._policy.parse(letter.url), letter)
        except Exception as error:  # noqa: BLE001 - whatever it was is the answer, and the next attempt may go well
            answer = Answer(error=_sentence(error))
        return replace(answer, duration_ms=round(1000 * (loop.time() - began)))

    async def _exchange(self, target: Target, letter: Letter) -> Answer:
        request = httpcore.Request(
            "POST",
            httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path),
            headers=[
                ("Host", target.host_header),
                ("User-Agent", _AGENT),
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(letter.body))),
                ("Accept-Encoding", "identity"),
                *letter.headers.items(),
            ],
            content=letter.body,
            extensions={"timeout": {"connect": _CONNECT_S}},
        )
        response = await self._pool.handle_async_request(request)
        try:
            text = await _beginning(response)
        finally:
            await response.aclose()
        return Answer(status_code=response.status, text=text, retry_after=_wish(response.headers))


async def _beginning(response: httpcore.Response) -> str:
    """What the answer begins with, as far as it comes soon: the status has said all that matters."""
    found = b""
    with contextlib.suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
        async with asyncio.timeout(_BODY_S):
            async for part in response.aiter_stream():
                found += part[:_MOST_BYTES]
                if len(found) >= _MOST_BYTES:
                    break
    text = found[:_MOST_BYTES].decode(errors="replace")
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")[:_LONGEST_TEXT]


def _wish(headers: Iterable[tuple[bytes, bytes]]) -> timedelta | None:
    """``Retry-After`` in seconds; a date is as good as nothing."""
    wished = next((value for name, value in headers if name.lower() == b"retry-after"), b"")
    return timedelta(seconds=int(wished)) if wished.isdigit() and len(wished) <= _MOST_DIGITS else None


def _sentence(error: Exception) -> str:
    if isinstance(error, AddressRefusedError | UnknownHostError | InvalidError):
        return str(error)
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The receiver's certificate is not accepted: {cause.verify_message}."
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "No encrypted connection came about: the handshake failed."
    return next((words for kind, words in _FAILURES if isinstance(error, kind)), _UNEXPECTED)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__  # the library's pool takes the causes away
