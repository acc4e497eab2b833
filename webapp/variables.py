"""``REELGROVE_*`` variables: what all classes of settings have in common, and which names nobody knows."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "REELGROVE_"
DOTENV = ".env"
SHORTEST_SECRET = 32
_MARKS = frozenset({"REELGROVE_RUN", "REELGROVE_RAY_FOLDER"})
"""Set by our own programs, which find the processes that they have started by them."""
_PASSWORD = re.compile(r"(://[^:/@]*:)[^@]*@")
_PLACEHOLDERS = ("change-me", "changeme", "development-only")


@dataclass(frozen=True, slots=True)
class Fault:
    """A variable that nobody can work with, and what to do about it. Tells no values: some are secrets."""

    variable: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.sentence}"


class Concern(BaseSettings):
    """The settings of one concern; each field is a variable."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """The names of its variables."""
        return tuple(map(variable_of, cls.model_fields))

    def contradictions(self) -> Iterator[Fault]:
        """What cannot be meant, wherever it runs."""
        yield from ()

    def dangers(self) -> Iterator[Fault]:
        """What production must not be started with."""
        yield from ()


def variable_of(field: str) -> str:
    """The variable of a field: ``redis_url`` is ``REELGROVE_REDIS_URL``."""
    return PREFIX + field.upper()


def weakness_of(field: str, secret: str) -> Iterator[Fault]:
    """What is wrong with a secret in production: there is none, it is short, monotonous or out of an example."""
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < SHORTEST_SECRET // 4 or is_placeholder(secret):
        yield Fault(variable_of(field), f"set it to a random text of {SHORTEST_SECRET} characters or more.")


def is_placeholder(text: str) -> bool:
    """Whether a value was left as the examples have it."""
    return any(word in text.lower() for word in _PLACEHOLDERS)


def is_https(url: str) -> bool:
    """Whether an address is one of a server with TLS."""
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname)


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def shown(value: object) -> str:
    """A value for people at the terminal: of secrets only whether they are set, of addresses no passwords."""
    text = str(value)
    if isinstance(value, SecretStr):
        return "set, not shown" if value.get_secret_value() else "not set"
    return _PASSWORD.sub(r"\1…@", text) if value is not None and text else "not set"


def variables_set(*, with_dotenv: bool) -> Mapping[str, str]:
    """All variables of ours that are set, with what they hold."""
    found = {**(dotenv_values(DOTENV) if with_dotenv else {}), **os.environ}
    return {name.upper(): value or "" for name, value in found.items() if name.upper().startswith(PREFIX)}


def unknown_among(names: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    """Names that no setting has: most likely misspelt, and without effect."""
    known = sorted(known)
    for name in sorted({*names} - {*known} - _MARKS):
        near = get_close_matches(name, known, n=1, cutoff=0.0)[0]
        yield Fault(name, f"there is no such setting; did you mean {near}? Correct or remove it.")


def faults_in(error: ValidationError) -> Iterator[Fault]:
    """The variables whose values cannot be."""
    for wrong in error.errors():
        names = "_".join(str(part) for part in wrong["loc"])
        yield Fault(variable_of(names).rstrip("_"), f"{wrong['msg'].removeprefix('Value error, ').rstrip('.')}.")
