"""What Telegram signs with a bot's token: the legacy login widget, and the launch data of Mini Apps.

Both are lines of ``key=value`` in the order of their keys with an HMAC-SHA256 under a key made of the token; see
https://core.telegram.org/widgets/login and https://core.telegram.org/bots/webapps.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from sqlmodel import Session

from webapp.accounts.openid import IdentityRefusedError
from webapp.accounts.proofs import spend
from webapp.accounts.service import Identity
from webapp.accounts.tokens import is_same
from webapp.errors import NotFoundError
from webapp.models import utc_now
from webapp.settings import TELEGRAM_ISSUER, LoginSettings

OLDEST = timedelta(minutes=5)
_AHEAD = timedelta(minutes=1)
_MOST_FIELDS = 32


def login_widget(session: Session, settings: LoginSettings, fields: Mapping[str, str | int]) -> Identity:
    """Who has clicked the widget, once for each click.

    Args:
        session: The transaction.
        settings: With the bot's token.
        fields: All that the widget gave to the page.

    Raises:
        IdentityRefusedError: Not signed with our bot's token, too old, or here for the second time.
        NotFoundError: There is no bot.
    """
    key = hashlib.sha256(_token_of(settings)).digest()
    signed = _verified(session, {name: str(value) for name, value in fields.items()}, key)
    return _identity(signed)


def login_mini_app(session: Session, settings: LoginSettings, init_data: str) -> Identity:
    """Who has opened the Mini App, once for each launch.

    Args:
        session: The transaction.
        settings: With the bot's token.
        init_data: The query string that Telegram gave to the page.

    Raises:
        IdentityRefusedError: Not signed with our bot's token, too old, or here for the second time.
        NotFoundError: There is no bot.
    """
    key = hmac.digest(b"WebAppData", _token_of(settings), hashlib.sha256)
    try:
        pairs = parse_qsl(init_data, keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS)
        signed = _verified(session, dict(pairs), key)
        return _identity(dict(json.loads(signed["user"])))
    except (LookupError, TypeError, ValueError) as error:
        raise _refusal() from error


def _token_of(settings: LoginSettings) -> bytes:
    token = settings.telegram_bot_token.get_secret_value()
    if not token:
        raise NotFoundError("This way to log in is not set up here: REELGROVE_TELEGRAM_BOT_TOKEN is empty.")
    return token.encode()


def _verified(session: Session, fields: Mapping[str, str], key: bytes) -> Mapping[str, str]:
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "hash")
    signature = hmac.new(key, lines.encode(errors="replace"), hashlib.sha256).hexdigest()
    if len(fields) > _MOST_FIELDS or not is_same(signature, fields.get("hash", "")):
        raise _refusal()
    signed_at = _moment(fields)
    if not -_AHEAD <= utc_now() - signed_at <= OLDEST:
        raise IdentityRefusedError("This login from Telegram is too old: open it from Telegram again.")
    if not spend(session, signature, signed_at + OLDEST + _AHEAD):
        raise IdentityRefusedError("This login from Telegram was used before: open it from Telegram again.")
    return fields


def _moment(fields: Mapping[str, str]) -> datetime:
    try:
        return datetime.fromtimestamp(int(fields["auth_date"]), UTC)
    except (LookupError, ValueError, OverflowError, OSError) as error:
        raise _refusal() from error


def _identity(user: Mapping[str, Any]) -> Identity:
    said = {name: str(value) for name, value in user.items()}
    if not re.fullmatch(r"[0-9]{1,20}", said.get("id", "")):
        raise _refusal()
    return Identity(
        issuer=TELEGRAM_ISSUER,
        subject=said["id"],
        name=f"{said.get('first_name', '')} {said.get('last_name', '')}",
        username=said.get("username"),
        picture_url=said.get("photo_url"),
    )


def _refusal() -> IdentityRefusedError:
    return IdentityRefusedError("Telegram did not sign this login: open it from Telegram again.")
