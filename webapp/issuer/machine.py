"""Whether a request was made on this machine, by somebody who sits at it."""

from collections.abc import Iterable
from ipaddress import ip_address

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_OF_PROXIES = ("forwarded", "via", "x-forwarded-", "x-real-ip")


def is_from_here(peer: str, host_name: str | None, headers: Iterable[str]) -> bool:
    """Whether a request came from this machine alone.

    Args:
        peer: The peer's address as the socket knows it, never a forwarded header.
        host_name: Of the address bar: a name that merely resolves to this machine does not count.
        headers: Names of the request's headers, lower case; those of proxies tell that somebody else is behind one.
    """
    return _is_loopback(peer) and host_name in _OWN_NAMES and not any(name.startswith(_OF_PROXIES) for name in headers)


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
