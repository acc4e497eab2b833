"""A product on real services: each test gets a migrated database of its own, on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from redis import Redis

from tests.factories import make_clip, make_image, make_sound, tone
from tests.seaweed import clear, seaweed_store
from tests.webapp.product import Media, Product, RecordingBell, settings_for
from tests.webapp.servers import run_postgres, run_redis
from webapp.container import Container, build_container
from webapp.db import migrate
from webapp.issuer.issuer import KEY_FILE
from webapp.issuer.key import keep_key
from webapp.models import metadata
from webapp.settings import Settings


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this run."""
    with run_postgres() as url:
        yield url


@pytest.fixture(scope="session", params=["wheel", "debian"])
def redis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A Redis of this run: the one that `make run` starts, and the one that people install."""
    installed = shutil.which("redis-server")
    assert installed, "Redis is not installed: run `make test`, or apt-get install redis-server"
    with run_redis(installed if request.param == "debian" else None) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database to copy; beside it lies a key of the local issuer, which takes long to make."""
    folder = tmp_path_factory.mktemp("migrated")
    migrate(settings_for(folder))
    keep_key(folder / KEY_FILE)
    return folder / "reelgrove.db"


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database to empty before each test."""
    url = make_database(postgres_url, "product")
    migrate(settings_for(tmp_path_factory.mktemp("unused"), url))
    return url


def make_database(server_url: str, name: str) -> str:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server_url.replace("/postgres", f"/{name}")


@pytest.fixture
def fresh_sqlite(migrated_sqlite: Path, tmp_path: Path) -> Settings:
    """Settings of a product on SQLite."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    for file in (migrated_sqlite, migrated_sqlite.with_name(KEY_FILE)):
        shutil.copy(file, data_dir)
    return settings_for(data_dir)


@pytest.fixture(scope="session")
def own_redis_url() -> Iterator[str]:
    """The Redis of products on services."""
    with run_redis() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a product: on SQLite and files, and on PostgreSQL, S3 and Redis."""
    if request.param == "sqlite":
        chosen: Settings = request.getfixturevalue("fresh_sqlite")
        return chosen
    url = request.getfixturevalue("migrated_postgres")
    _empty(url)
    redis_url, s3_port = request.getfixturevalue("own_redis_url"), request.getfixturevalue("s3_port")
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    clear(seaweed_store(s3_port, tmp_path / "unused"))
    return settings_for(tmp_path / "data", url, redis_url, s3_port)


def _empty(url: str) -> None:
    """Delete all rows, whoever refers to whom. TRUNCATE takes four times as long: it makes every table's files anew."""
    deletions = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in metadata.tables]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("; ").join([sql.SQL("SET session_replication_role = replica"), *deletions]))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def spare_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a product whose database is migrated, and this test's alone."""
    url = ""
    if request.param == "postgres":
        url = make_database(request.getfixturevalue("postgres_url"), f"spare{uuid4().hex}")
    settings = settings_for(tmp_path / "spare", url)
    migrate(settings)
    return settings


@pytest.fixture
def container(settings: Settings) -> Iterator[Container]:
    """The product on either back end."""
    container = build_container(settings)
    yield container
    container.close()


@pytest.fixture
def embedded(fresh_sqlite: Settings) -> Iterator[Container]:
    """The product on SQLite: for what does not depend on the database."""
    container = build_container(fresh_sqlite)
    yield container
    container.close()


@pytest.fixture
def bell() -> RecordingBell:
    """A bell that remembers."""
    return RecordingBell()


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    """Small real files of every kind."""
    folder = tmp_path_factory.mktemp("media")
    return Media(
        avatar=make_clip(folder / "avatar.mp4", frames=40, tone_hz=300),
        silent=make_clip(folder / "silent.mp4", frames=30),
        cover=make_image(folder / "cover.png"),
        music=make_sound(folder / "music.mp3", tone(440, 1.0), "libmp3lame"),
    )


@pytest.fixture
def product(container: Container, media: Media) -> Product:
    """The product on either back end, with verbs."""
    return Product(container, media)


@pytest.fixture
def small_product(embedded: Container, media: Media) -> Product:
    """The product on SQLite, with verbs."""
    return Product(embedded, media)
