"""SeaweedFS, a real S3 server from a wheel."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from cluster.s3 import S3ObjectStore
from cluster.storage import StorageError
from tests.programs import Program
from tests.webapp.servers import free_port
from webapp.storage_settings import StorageSettings

KEY, SECRET, BUCKET = "test-access", "test-secret", "media"
_SERVERS = ("master", "volume", "filer", "admin")
_OFF = "-webdav=false -admin.ui=false -s3.port.iceberg=0 -s3.port.lance=0 -master.telemetry=false"


def seaweed(folder: Path, port: int, environment: Mapping[str, str] = os.environ) -> Program:
    """The server with an empty bucket, its data in ``folder``; ``port``: of S3."""
    flags = [f"-s3.port={port}", f"-s3.port.grpc={free_port()}"]
    flags += [f"-{name}.port{kind}={free_port()}" for name in _SERVERS for kind in ("", ".grpc")]
    weed = [str(Path(sys.executable).with_name("weed")), "-logtostderr=true", "mini"]
    weed += [f"-dir={folder}", f"-bucket={BUCKET}"]
    store = seaweed_store(port, folder / "cache")
    return Program(
        "s3",
        [*weed, "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *_OFF.split(), *flags],
        environment={
            **environment,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "GOMEMLIMIT": "256MiB",
        },
        folder=folder,
        is_ready=lambda _: _has_bucket(store),
    )


def seaweed_store(port: int, cache: Path) -> S3ObjectStore:
    """A client of the server that answers S3 on ``port``."""
    endpoint = f"http://127.0.0.1:{port}"
    return S3ObjectStore(bucket=BUCKET, cache=cache, endpoint=endpoint, access_key=KEY, secret_key=SECRET)


def seaweed_settings(port: int) -> StorageSettings:
    """The product's settings for the same server."""
    return StorageSettings(
        s3_bucket=BUCKET, s3_endpoint=f"http://127.0.0.1:{port}", s3_access_key=KEY, s3_secret_key=SecretStr(SECRET)
    )


def clear(store: S3ObjectStore) -> None:
    """Remove everything: the next test begins with an empty bucket."""
    for key in tuple(store.keys("")):
        store.delete(key)


def _has_bucket(store: S3ObjectStore) -> bool:
    """Healthy is not enough: the bucket is made a moment later."""
    try:
        tuple(store.keys(""))
    except StorageError:
        return False
    return True
