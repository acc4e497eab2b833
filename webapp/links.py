"""Links that are credentials themselves: an address with a signature, for whoever has it, until it expires."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from webapp.errors import NotFoundError

_PURPOSE = b"reelgrove links, version 1"


class LinkSigner:
    """Signs paths of ours, and knows its signatures again.

    Args:
        secret: The product's secret; links have a key of their own derived from it (HMAC-SHA256 of a purpose).
        clock: The time that links expire by.
    """

    def __init__(self, secret: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
        self._clock = clock

    def sign(self, path: str, expires_at: datetime | None) -> str:
        """The path with its signature; None means a link that lasts as long as what it leads to."""
        moment = "" if expires_at is None else str(int(expires_at.timestamp()))
        expiry = {"expires": moment} if moment else {}
        return f"{path}?{urlencode({**expiry, 'signature': self._signature(path, moment)})}"

    def expires_in(self, lifetime: timedelta) -> datetime:
        """When a link made now ends, in whole seconds."""
        return (self._clock() + lifetime).replace(microsecond=0)

    def verify(self, path: str, expires: str, signature: str) -> None:
        """Check what came with a request for the path.

        Args:
            path: As it was signed.
            expires: Of the query, as it was written; empty when there was none.
            signature: Of the query.

        Raises:
            NotFoundError: It was not made here, or has expired. Which of them is nobody's business.
        """
        expected = self._signature(path, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode()) or self._is_over(expires):
            raise NotFoundError("This link is wrong or has expired: ask for a new one.")

    def _is_over(self, expires: str) -> bool:
        # Nothing but what was signed here comes so far: it is a number.
        return bool(expires) and int(expires) <= self._clock().timestamp()

    def _signature(self, path: str, moment: str) -> str:
        # Neither a path of ours nor a number holds a line break: no two pairs give the same message.
        message = f"{moment}\n{path}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
