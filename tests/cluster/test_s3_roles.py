"""Without keys in the settings the store takes those of the machine's role, as boto3 finds them."""

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from cluster.s3 import S3ObjectStore, key_source
from cluster.storage import StorageError
from tests.seaweed import KEY, SECRET, seaweed_store

TOKEN = "token-of-a-role"
DAY = timedelta(days=1)


class _Role(BaseHTTPRequestHandler):
    """What hands credentials to containers: see "Container credential provider" in the reference of Amazon's SDKs."""

    token: str | None = None

    def do_GET(self) -> None:
        end = (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
        told = {"AccessKeyId": KEY, "SecretAccessKey": SECRET, "Token": self.token, "Expiration": end}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base has it
        """Nothing."""


class _RoleWithToken(_Role):
    token = TOKEN


@contextmanager
def role_server(role: type[_Role]) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), role)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/role"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment without any credentials of Amazon's."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


def keyless(port: int, tmp_path: Path) -> S3ObjectStore:
    """A store that was given no keys."""
    store = seaweed_store(port, tmp_path)
    return replace(store, access_key=None, secret_key=None, public_endpoint=store.endpoint)


def test_a_role_lets_the_store_in(s3_port: int, tmp_path: Path, nobody: pytest.MonkeyPatch):
    with role_server(_Role) as url:
        nobody.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
        store = replace(keyless(s3_port, tmp_path), timeout_s=29.0)
        store.put_bytes("covers/a", b"bytes")
        assert store.read("covers/a") == b"bytes"
        assert key_source(store.access_key) == "container-role"


def test_what_a_role_signs_for_clients_carries_its_token(s3_port: int, tmp_path: Path, nobody: pytest.MonkeyPatch):
    with role_server(_RoleWithToken) as url:
        nobody.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
        store = replace(keyless(s3_port, tmp_path), timeout_s=28.0)
        link = store.download_url("covers/a", mime_type="image/png", disposition="inline", lifetime=DAY)
        form = store.upload_form("incoming/a", 5, DAY)
    assert link is not None
    assert form is not None
    assert httpx.URL(link).params["X-Amz-Security-Token"] == TOKEN
    assert form.fields["x-amz-security-token"] == TOKEN
    assert {"x-amz-security-token": TOKEN} in json.loads(b64decode(form.fields["policy"]))["conditions"]


def test_without_a_role_it_is_said_that_there_is_none(s3_port: int, tmp_path: Path, nobody: pytest.MonkeyPatch):
    store = replace(keyless(s3_port, tmp_path), timeout_s=27.0)
    assert key_source(store.access_key) is None
    with pytest.raises(StorageError, match="credentials"):
        store.read("covers/a")


def test_keys_that_are_set_come_before_any_role():
    assert key_source(KEY) == "the keys that are set"
