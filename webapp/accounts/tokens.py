"""Secrets that are handed out: made here, and kept as hashes only."""

import hashlib
import hmac
import secrets


def new_token() -> str:
    """A secret of 256 random bits, as text for cookies and headers."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Hex SHA-256: a secret with 256 random bits needs no slow hash, and a fast one can be looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Whether two secrets, or their hashes, are equal; takes the same time wherever they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def successor(token: str, secret: str) -> str:
    """The token that follows another: always the same one, and for nobody to compute who lacks the server's secret."""
    return hmac.new(secret.encode(), f"session successor {token}".encode(), hashlib.sha256).hexdigest()
