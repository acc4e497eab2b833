"""The product's services, for commands that look after a running one."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from cluster.storage import StorageError
from render_core.errors import InvalidInputError
from webapp.commands.embedded_redis import find_embedded_redis
from webapp.container import Container, build_container
from webapp.settings import RedisSettings, load_settings


@contextmanager
def open_services() -> Iterator[Container]:
    """The services of the settings, with the Redis of `reelgrove up` where no other is named.

    Raises:
        InvalidInputError: Nothing has ever run on these settings.
    """
    settings = load_settings()
    data_dir = settings.app.data_dir
    if not settings.database.database_url and not (data_dir / "reelgrove.db").exists():
        raise InvalidInputError(
            "REELGROVE_DATA_DIR", f"there is nothing in {data_dir.absolute()} yet: `reelgrove up` begins it"
        )
    if not settings.redis.redis_url:
        settings = replace(settings, redis=RedisSettings(redis_url=find_embedded_redis(data_dir)))
    container = build_container(settings)
    try:
        yield container
    finally:
        container.close()


def exit_code_of(work: Callable[[], int]) -> int:
    """What ``work`` returns; 1, and a line for the one who asked, when a service does not answer."""
    try:
        return work()
    except StorageError as error:
        print(f"reelgrove: the object store does not answer as it should: {error}", file=sys.stderr)
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        print(f"reelgrove: the database does not answer as it should: {reason}", file=sys.stderr)
    return 1
