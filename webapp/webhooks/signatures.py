"""Signatures as Standard Webhooks 1.0.0 says, and how their secrets are kept."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PREFIX = "whsec_"
_SECRET_BYTES = 32
_PURPOSE = b"reelgrove webhook secrets, version 1"


class SecretLostError(Exception):
    """An endpoint's secret was kept under another secret of the product."""

    def __str__(self) -> str:
        return "The signing secret cannot be read any more, for the product's own has changed: make a new one."


def new_secret() -> str:
    """A random secret of 256 bits, as receivers are given it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(keys: Iterable[str], message_id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The headers that prove where a message comes from.

    Args:
        keys: Secrets, one signature each: two while a receiver changes over.
        message_id: The same in all attempts.
        moment: Of this attempt.
        body: As it is sent.
    """
    timestamp = str(int(moment.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = " ".join(f"v1,{_digest(key, signed)}" for key in keys)
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signatures}


def _digest(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


class SecretBox:
    """Keeps endpoints' secrets encrypted in the database: Fernet, under a key derived from the product's own secret.

    Args:
        secret: The product's. Whoever changes it gives every endpoint a new secret.
    """

    def __init__(self, secret: str) -> None:
        key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, secret: str) -> str:
        """What is stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret again.

        Raises:
            SecretLostError: It was sealed under another secret of the product.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SecretLostError from error

    def is_readable(self, sealed: str) -> bool:
        """Whether it was sealed under the product's present secret."""
        try:
            self.open(sealed)
        except SecretLostError:
            return False
        return True
