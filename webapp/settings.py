"""Configuration from ``REELGROVE_*`` variables: one class per concern, read when asked for and never at import."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ByteSize, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from render_core.errors import InvalidInputError

DEVELOPMENT_SECRET = "development-only-secret"  # noqa: S105 - production refuses to start with it


class _Concern(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="REELGROVE_", frozen=True, extra="ignore")


class AppSettings(_Concern):
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

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        if not self.is_development and self.secret_key.get_secret_value() in {"", DEVELOPMENT_SECRET}:
            msg = "REELGROVE_SECRET_KEY must be set in production: any long random text."
            raise ValueError(msg)
        return self


class DatabaseSettings(_Concern):
    """The database: ``database_url`` empty means SQLite in the data directory."""

    database_url: str = ""

    def url(self, data_dir: Path) -> str:
        """The SQLAlchemy URL; plain ``postgresql://`` is spoken through psycopg."""
        if not self.database_url:
            return f"sqlite:///{data_dir.absolute() / 'reelgrove.db'}"
        scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else self.database_url


class RedisSettings(_Concern):
    """The bell; empty means that everyone polls the database."""

    redis_url: str = ""


class ClusterSettings(_Concern):
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


class CellSettings(_Concern):
    """How long parts of videos are kept, so that they need not be rendered again.

    Attributes:
        cells_max_age_days: What nobody has used for longer goes.
        cells_max_bytes: Beyond this sum the longest unused go; a number of bytes, or one with its unit: ``50GiB``.
    """

    cells_max_age_days: float = Field(default=30.0, ge=0, le=36500)
    cells_max_bytes: ByteSize = Field(default=ByteSize(20 << 30), ge=0)


class StorageSettings(_Concern):
    """The object store: local files unless a bucket is named.

    Attributes:
        s3_timeout_s: Longest silence of the service before a request is made again.
    """

    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_timeout_s: float = Field(default=30.0, gt=0, le=300)

    @property
    def is_s3(self) -> bool:
        """Whether objects live in S3."""
        return bool(self.s3_bucket)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All concerns together."""

    app: AppSettings = field(default_factory=AppSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    redis: RedisSettings = field(default_factory=RedisSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    cells: CellSettings = field(default_factory=CellSettings)

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database.url(self.app.data_dir)


def load_settings() -> Settings:
    """Read the environment, and ``.env`` beside it unless ``REELGROVE_ENV`` says production.

    Raises:
        InvalidInputError: A variable holds what it cannot; names it.
    """
    dotenv: dict[str, Any] = {"_env_file": None if os.environ.get("REELGROVE_ENV") == "production" else ".env"}
    try:
        return Settings(
            app=AppSettings(**dotenv),
            database=DatabaseSettings(**dotenv),
            redis=RedisSettings(**dotenv),
            storage=StorageSettings(**dotenv),
            cluster=ClusterSettings(**dotenv),
            cells=CellSettings(**dotenv),
        )
    except ValidationError as error:
        raise _named(error) from None


def _named(error: ValidationError) -> InvalidInputError:
    first = error.errors()[0]
    names = "_".join(str(part) for part in first["loc"]).upper()
    return InvalidInputError(f"REELGROVE_{names}".rstrip("_"), first["msg"].removeprefix("Value error, "))
