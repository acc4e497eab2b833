"""Where messages may go: addresses that everybody can reach, and never ones inside our own network.

An address is looked at twice: as it is written when it is given to us, and as its name is resolved at each attempt.
Only the second look protects, for names can be given other addresses at any time; the first saves people a surprise.
"""

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from webapp.errors import InvalidError

LONGEST_URL = 2000
_HTTPS_PORT = 443
_WRITABLE = re.compile(r"[\x21-\x7e]+")
_NAME = re.compile(r"[a-z0-9._-]+")
# From IANA's registries of special-purpose addresses. What Python calls global has changed from version to version.
_SPECIAL_4 = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        ),
    )
)
# All of IPv6 that is routed is in here: mapped, translated (NAT64) and local addresses are outside.
_ROUTED_6 = IPv6Network("2000::/3")
_SPECIAL_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))

Address = IPv4Address | IPv6Address


class AddressRefusedError(Exception):
    """A name leads to an address that nothing may be sent to."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address

    def __str__(self) -> str:
        return f"The name leads to {self.address}, which is no public address: nothing was sent."


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address taken apart, by the one parser that both looks rely on.

    Attributes:
        host: A name, or an IP address without brackets.
        path: With the query, as it is asked for.
        host_header: What the receiver is told that it was called.
    """

    scheme: str
    host: str
    port: int
    path: str
    host_header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """What may be sent to.

    Attributes:
        allows_loopback: Whether this machine is allowed, also by plain http, and any port: for development.
    """

    allows_loopback: bool = False

    def parse(self, url: str) -> Target:
        """The target that a person's address names.

        Raises:
            InvalidError: Nothing may be sent there, or nobody could.
        """
        target = _parse(url)
        is_own = self.allows_loopback and _is_own_name(target.host)
        if target.scheme != "https" and not is_own:
            raise InvalidError("The address must begin with https://, so that nobody reads along.", "url")
        if target.port != _HTTPS_PORT and not self.allows_loopback:
            raise InvalidError("The port must be 443, which is the one that https has by itself.", "url")
        literal = _literal(target.host)
        if (literal and not self.permits(literal)) or (_is_own_name(target.host) and not self.allows_loopback):
            raise InvalidError("The address is none that can be reached from everywhere: take a public one.", "url")
        return target

    def permits(self, address: Address) -> bool:
        """Whether a connection may be made to the address."""
        return is_public(address) or (self.allows_loopback and address.is_loopback)


def is_public(address: Address) -> bool:
    """Whether the address is routed on the Internet and belongs to one host."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    return address in _ROUTED_6 and not any(address in network for network in _SPECIAL_6)


def _parse(url: str) -> Target:
    if len(url) > LONGEST_URL:
        raise InvalidError(f"An address has at most {LONGEST_URL} characters.", "url")
    if not _WRITABLE.fullmatch(url) or "\\" in url:
        raise InvalidError("An address has no spaces, and other letters only as %… or xn--….", "url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidError("This is no address: write it as https://example.com/hook.", "url") from error
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or port == 0 or not (_NAME.fullmatch(host) or _literal(host)):
        raise InvalidError("This is no address: write it as https://example.com/hook.", "url")
    if parts.username is not None or parts.password is not None:
        raise InvalidError("An address holds no name and password: messages are signed instead.", "url")
    if parts.fragment:
        raise InvalidError("An address for messages has nothing behind a #: leave that out.", "url")
    usual = _HTTPS_PORT if parts.scheme == "https" else 80
    return Target(
        scheme=parts.scheme,
        host=host,
        port=port or usual,
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        host_header=(f"[{host}]" if ":" in host else host) + (f":{port}" if port not in {None, usual} else ""),
    )


def _is_own_name(host: str) -> bool:
    literal = _literal(host)
    return literal.is_loopback if literal else host.rstrip(".") == "localhost" or host.endswith(".localhost")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
