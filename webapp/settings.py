"""Configuration from ``REELGROVE_*`` variables: one class per concern, read when asked for and never at import."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import ByteSize, Field, SecretStr, ValidationError

from render_core.errors import InvalidInputError
from webapp.storage_settings import StorageSettings
from webapp.variables import (
    DOTENV,
    Concern,
    Fault,
    faults_in,
    is_https,
    is_loopback,
    is_placeholder,
    unknown_among,
    variable_of,
    variables_set,
    weakness_of,
)

DEVELOPMENT_SECRET = "development-only-secret"  # noqa: S105 - production refuses to start with it
TELEGRAM_ISSUER = "https://oauth.telegram.org"


class AppSettings(Concern):
    """Where the product runs.

    Attributes:
        env: ``development`` allows the loopback login and reads ``.env``.
        data_dir: Home of everything embedded: database, objects, Redis, logs.
        port: Where the web server listens when it is started by itself.
        secret_key: Production refuses to start without its own.
        development_plan: The plan of those who first come through the development login: enough to try things out.
    """

    env: Literal["development", "production"] = "development"
    data_dir: Path = Path(".data")
    port: int = 3000
    secret_key: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    development_plan: Literal["free", "pro", "enterprise"] = "pro"

    @property
    def is_development(self) -> bool:
        """Whether conveniences for one's own machine are allowed."""
        return self.env == "development"

    @property
    def uploads_dir(self) -> Path:
        """Partial uploads; whatever lies here may be deleted when no process runs."""
        return self.data_dir / "uploads"

    @property
    def objects_dir(self) -> Path:
        """Root of the local object store."""
        return self.data_dir / "objects"

    def dangers(self) -> Iterator[Fault]:
        """A secret that others can guess."""
        yield from weakness_of("secret_key", self.secret_key.get_secret_value())


class WebSettings(Concern):
    """How the web server is reached from outside.

    Attributes:
        public_url: What people type: scheme and host of the page, ``https://`` in production. Empty on one's own
            machine: the address of the request counts.
        trusted_proxies: How many proxies of ours stand before the web server, each of which appends to
            ``X-Forwarded-For``; with 0 that header is nobody's word, and the peer's address counts.
        metrics_token: Who may read ``/metrics``, as ``Authorization: Bearer``. Empty means that nobody may in
            production, and the machine itself in development.
    """

    public_url: str = ""
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    metrics_token: SecretStr = SecretStr("")

    def dangers(self) -> Iterator[Fault]:
        """A page without TLS, and figures for everybody."""
        if not is_https(self.public_url):
            yield Fault(variable_of("public_url"), "set it to the https:// address at which people find the page.")
        if token := self.metrics_token.get_secret_value():
            yield from weakness_of("metrics_token", token)


class LoginSettings(Concern):
    """How people prove who they are.

    Attributes:
        login_issuer: The OpenID provider; Telegram's unless said otherwise.
        telegram_client_id: Ours with that provider. Empty: nobody logs in through it.
        telegram_client_secret: Goes with it.
        telegram_bot_token: Of the bot whose login widget and Mini App let people in; empty: none.
        dev_login: The issuer on one's own machine, where a name is enough. As long as it is not set, there is one in
            development; production refuses it.
    """

    login_issuer: str = TELEGRAM_ISSUER
    telegram_client_id: str = ""
    telegram_client_secret: SecretStr = SecretStr("")
    telegram_bot_token: SecretStr = SecretStr("")
    dev_login: bool | None = None

    def dangers(self) -> Iterator[Fault]:
        """Somebody else than a proper issuer who says who people are."""
        if self.dev_login:
            yield Fault(variable_of("dev_login"), "the development login lets anybody in: remove it.")
        if not is_https(self.login_issuer):
            yield Fault(variable_of("login_issuer"), "set it to an https:// address: whoever is between could log in.")
        elif is_loopback(urlsplit(self.login_issuer).hostname or ""):
            yield Fault(variable_of("login_issuer"), "name an issuer of its own: this one is on the machine itself.")
        if self.telegram_client_id and not self.telegram_client_secret.get_secret_value():
            yield Fault(variable_of("telegram_client_secret"), "set it: it goes with REELGROVE_TELEGRAM_CLIENT_ID.")


class RateSettings(Concern):
    """How much one caller may ask for in a minute; 0 is no bound.

    Attributes:
        rate_limits: Whether there are any bounds: not while one measures.
        rate_login: Logging in, by address.
        rate_renders: Orders of renders.
        rate_writes: Everything else that changes something.
        rate_reads: What only looks.
        rate_events: What one tab does through its socket, every letter and step of a slider; of all tabs of a browser
            together four times as much.
    """

    rate_limits: bool = True
    rate_login: int = Field(default=120, ge=0)
    rate_renders: int = Field(default=600, ge=0)
    rate_writes: int = Field(default=3000, ge=0)
    rate_reads: int = Field(default=12_000, ge=0)
    rate_events: int = Field(default=3000, ge=0)


class DatabaseSettings(Concern):
    """The database: ``database_url`` empty means SQLite in the data directory."""

    database_url: str = ""

    def url(self, data_dir: Path) -> str:
        """The SQLAlchemy URL; plain ``postgresql://`` is spoken through psycopg."""
        if not self.database_url:
            return f"sqlite:///{data_dir.absolute() / 'reelgrove.db'}"
        scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else self.database_url


class RedisSettings(Concern):
    """The bell; empty means that everyone polls the database."""

    redis_url: str = ""

    def dangers(self) -> Iterator[Fault]:
        """A Redis that others reach: tabs' states are unpickled from it."""
        parts = urlsplit(self.redis_url)
        if self.redis_url and not is_loopback(parts.hostname or "") and not parts.password:
            yield Fault(variable_of("redis_url"), "name a Redis with a password: whoever writes there can run code.")
        elif is_placeholder(parts.password or ""):
            yield Fault(variable_of("redis_url"), "its password is that of an example: set another one.")


class ClusterSettings(Concern):
    """Where renders run.

    Attributes:
        ray_address: Of a running cluster; empty means that the dispatcher starts a local one.
        ray_cpus: CPUs of the local one; 0 takes all of the machine.
        ray_max_cpus: Never ask an autoscaler for more.
        ray_dashboard: Whether the local one serves Ray's dashboard, on the loopback and for those with Ray's token.
        ray_dashboard_port: For it; 0 takes the first free one from 8265 on.
        queue_alarm_s: A job that has waited for longer is an alarm.
        lease_s: A dispatcher that says nothing for so long has lost its lease to the next one.
    """

    ray_address: str = ""
    ray_cpus: int = Field(default=0, ge=0)
    ray_max_cpus: int = Field(default=256, ge=1)
    ray_dashboard: bool = True
    ray_dashboard_port: int = Field(default=0, ge=0, le=65535)
    queue_alarm_s: float = Field(default=600.0, gt=0)
    lease_s: float = Field(default=15.0, ge=1, le=300)


class UploadSettings(Concern):
    """What those need who read strangers' files.

    Attributes:
        require_landlock: Uploads are read only where the kernel can refuse their reader all other files; elsewhere they
            fail. As long as it is not set: in production.
    """

    require_landlock: bool | None = None


class CellSettings(Concern):
    """How long parts of videos are kept, so that they need not be rendered again.

    Attributes:
        cells_max_age_days: What nobody has used for longer goes.
        cells_max_bytes: Beyond this sum the longest unused go; a number of bytes, or one with its unit: ``50GiB``.
    """

    cells_max_age_days: float = Field(default=30.0, ge=0, le=36500)
    cells_max_bytes: ByteSize = Field(default=ByteSize(20 << 30), ge=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All concerns together."""

    app: AppSettings = field(default_factory=AppSettings)
    web: WebSettings = field(default_factory=WebSettings)
    login: LoginSettings = field(default_factory=LoginSettings)
    rates: RateSettings = field(default_factory=RateSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    redis: RedisSettings = field(default_factory=RedisSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    cells: CellSettings = field(default_factory=CellSettings)
    uploads: UploadSettings = field(default_factory=UploadSettings)

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database.url(self.app.data_dir)

    @property
    def needs_wall(self) -> bool:
        """Whether uploads are read only on machines with Landlock."""
        required = self.uploads.require_landlock
        return not self.app.is_development if required is None else required

    @property
    def concerns(self) -> tuple[Concern, ...]:
        """Each of them."""
        return tuple(getattr(self, one.name) for one in fields(self))


def load_settings() -> Settings:
    """Read the environment, and ``.env`` beside it unless ``REELGROVE_ENV`` says production.

    Raises:
        InvalidInputError: Variables that are unknown, hold what they cannot, or are unsafe in production: names all.
    """
    with_dotenv = os.environ.get(variable_of("env")) != "production"
    faults: list[Fault] = list(unknown_among(variables_set(with_dotenv=with_dotenv), known_variables()))
    read: dict[str, Any] = {}
    for one in fields(Settings):
        concern: Any = one.default_factory
        try:
            read[one.name] = concern(_env_file=DOTENV if with_dotenv else None)
        except ValidationError as error:
            faults += faults_in(error)
    _refuse(faults)
    settings = Settings(**read)
    _refuse([fault for concern in settings.concerns for fault in concern.contradictions()])
    if not settings.app.is_development:
        _refuse([danger for concern in settings.concerns for danger in concern.dangers()])
    return settings


def known_variables() -> Iterator[str]:
    """The names of all variables there are."""
    for one in fields(Settings):
        concern: Any = one.default_factory
        yield from concern.variables()


def _refuse(faults: Iterable[Fault]) -> None:
    if told := " ".join(map(str, faults)):
        raise InvalidInputError("configuration", told)
