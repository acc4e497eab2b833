"""Builds what a process works with: nothing else opens engines, stores or connections."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from redis import Redis
from sqlalchemy import Engine

from cluster.ports import ObjectStore
from cluster.s3 import S3ObjectStore
from cluster.storage import LocalObjectStore
from webapp.accounts.doors import Doors
from webapp.accounts.logins import Logins
from webapp.bell import Bell
from webapp.db import create_engine
from webapp.links import LinkSigner
from webapp.previews.cache import StillCache
from webapp.previews.service import StillService
from webapp.renders.signals import RedisBell, SilentBell
from webapp.renders.stream import RenderStream
from webapp.settings import AppSettings, Settings, load_settings
from webapp.storage_settings import StorageSettings
from webapp.webhooks.addresses import AddressPolicy
from webapp.webhooks.signatures import SecretBox

# A bell that does not answer in half a second is out of order: nobody waits for it longer.
_REDIS_TIMEOUT_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What a process works with.

    Attributes:
        redis: None where no Redis is configured; then everyone polls.
        bell: Rung after commits.
        stream: Live updates of renders.
        stills: Previews.
        doors: The ways to log in that are open.
        logins: Those that go through them.
        links: Signs addresses for those who have nothing but them.
        box: Keeps the secrets of webhooks.
        addresses: Where webhooks may be.
    """

    settings: Settings
    engine: Engine
    objects: ObjectStore
    redis: Redis | None
    bell: Bell
    stream: RenderStream
    stills: StillService
    doors: Doors
    logins: Logins
    links: LinkSigner
    box: SecretBox
    addresses: AddressPolicy

    def close(self) -> None:
        """Let go of connections and processes."""
        self.stills.close()
        self.engine.dispose()
        if self.redis is not None:
            self.redis.close()


def build_container(settings: Settings | None = None) -> Container:
    """Wire everything from settings, which are read from the environment unless given. Connects to nothing yet."""
    settings = settings or load_settings()
    engine = create_engine(settings.database_url)
    redis = _open_redis(settings.redis.redis_url)
    open_store = store_opener(settings)
    doors = Doors(settings.app, settings.login)
    return Container(
        settings=settings,
        engine=engine,
        objects=open_store(),
        redis=redis,
        bell=RedisBell(redis) if redis is not None else SilentBell(),
        stream=RenderStream(engine, settings.redis.redis_url),
        stills=StillService(open_store, StillCache(redis=redis)),
        doors=doors,
        logins=Logins(engine, doors),
        links=LinkSigner(settings.app.secret_key.get_secret_value()),
        box=SecretBox(settings.app.secret_key.get_secret_value()),
        addresses=AddressPolicy(allows_loopback=settings.app.is_development),
    )


def _open_redis(url: str) -> Redis | None:
    if not url:
        return None
    return Redis.from_url(url, socket_timeout=_REDIS_TIMEOUT_S, socket_connect_timeout=_REDIS_TIMEOUT_S)


def store_opener(settings: Settings) -> Callable[[], ObjectStore]:
    """How to open the object store, here or, pickled, in another process."""
    return partial(_open_store, settings.storage, settings.app)


def _open_store(storage: StorageSettings, app: AppSettings) -> ObjectStore:
    if not storage.is_s3:
        return LocalObjectStore(app.objects_dir.absolute())
    return S3ObjectStore(
        bucket=storage.s3_bucket,
        cache=app.data_dir.absolute() / "cache",
        endpoint=storage.s3_endpoint or None,
        public_endpoint=storage.s3_public_endpoint or None,
        region=storage.s3_region,
        access_key=storage.s3_access_key or None,
        secret_key=storage.s3_secret_key.get_secret_value() or None,
        timeout_s=storage.s3_timeout_s,
    )
