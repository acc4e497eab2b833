"""A real S3 server from a wheel."""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.s3 import S3ObjectStore
from cluster.storage import StorageError

_KEY, _SECRET, _BUCKET = "test-access", "test-secret", "media"
_OFF = "-webdav=false -admin.ui=false -s3.port.iceberg=0 -s3.port.lance=0 -master.telemetry=false"


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of SeaweedFS with an empty bucket ``media``."""
    folder = tmp_path_factory.mktemp("seaweedfs")
    ports = _free_ports(4)
    names = ("s3", "master", "volume", "filer")
    flags = [f"-{name}.port={port}" for name, port in zip(names, ports, strict=True)]
    command = [str(Path(sys.executable).with_name("weed")), "mini", f"-dir={folder}", "-ip=127.0.0.1", *_OFF.split()]
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": _KEY, "AWS_SECRET_ACCESS_KEY": _SECRET, "GOMEMLIMIT": "256MiB"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "-ip.bind=127.0.0.1", f"-bucket={_BUCKET}", *flags],
            env=environment,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    try:
        endpoint = f"http://127.0.0.1:{ports[0]}"
        _until_ready(process, _store(endpoint, folder), folder / "log")
        yield endpoint
    finally:
        process.kill()  # asked politely it waits half a minute for connections, and its data are thrown away
        process.wait()


@pytest.fixture
def s3_store(s3_endpoint: str, tmp_path: Path) -> S3ObjectStore:
    """A store on the real server, its bucket emptied."""
    store = _store(s3_endpoint, tmp_path / "cache")
    for key in tuple(store.keys("")):
        store.delete(key)
    return store


def _store(endpoint: str, cache: Path) -> S3ObjectStore:
    return S3ObjectStore(bucket=_BUCKET, cache=cache, endpoint=endpoint, access_key=_KEY, secret_key=_SECRET)


def _free_ports(count: int) -> list[int]:
    """Ports that are free together with the ones 10,000 above them, which the server opens for its own calls."""
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(20_000, 40_000)
        if port not in ports and _is_free(port) and _is_free(port + 10_000):
            ports.append(port)
    return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _until_ready(process: "subprocess.Popen[bytes]", store: S3ObjectStore, log: Path) -> None:
    """Healthy is not enough: the bucket is made a moment later."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            tuple(store.keys(""))
        except StorageError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"SeaweedFS did not start: {log.read_text()[-2000:]}")
