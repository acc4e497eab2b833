"""What clients may do at the service itself: asked of a real S3 server, by plain HTTP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from cluster.keys import InvalidKeyError
from cluster.s3 import S3ObjectStore
from cluster.storage import UploadForm

MINUTE = timedelta(minutes=1)
OVER = timedelta(seconds=-5)


@pytest.fixture
def store(s3_store: S3ObjectStore) -> S3ObjectStore:
    """A store that clients reach under another name than we do."""
    assert s3_store.endpoint is not None
    return replace(s3_store, public_endpoint=s3_store.endpoint.replace("127.0.0.1", "localhost"))


def form_for(store: S3ObjectStore, size_bytes: int, lifetime: timedelta = MINUTE) -> UploadForm:
    form = store.upload_form("incoming/a", size_bytes, lifetime)
    assert form is not None
    return form


def post(form: UploadForm, content: bytes, **changes: str) -> int:
    with httpx.Client(trust_env=False) as client:
        return client.post(form.url, data={**form.fields, **changes}, files={"file": ("a.mp4", content)}).status_code


def get(url: str | None, **headers: str) -> httpx.Response:
    assert url is not None
    with httpx.Client(trust_env=False) as client:
        return client.get(url, headers=headers)


def test_a_client_puts_a_file_under_the_key_and_of_the_size_it_was_given(store: S3ObjectStore):
    form = form_for(store, 5)
    assert form.url.startswith(str(store.public_endpoint))
    assert form.expires_at - datetime.now(UTC) < MINUTE
    assert post(form, b"hello") == 204
    assert store.read("incoming/a") == b"hello"


@pytest.mark.parametrize("content", [b"hell", b"hello!"])
def test_another_size_is_refused(store: S3ObjectStore, content: bytes):
    assert post(form_for(store, 5), content) in {400, 403}
    assert store.size("incoming/a") is None


def test_another_key_is_refused(store: S3ObjectStore):
    assert post(form_for(store, 5), b"hello", key="user-avatars/b") == 403
    assert list(store.keys("")) == []


def test_a_form_without_its_signature_is_refused(store: S3ObjectStore):
    assert post(form_for(store, 5), b"hello", **{"x-amz-signature": "0" * 64}) == 403
    assert store.size("incoming/a") is None


def test_a_form_expires(store: S3ObjectStore):
    assert post(form_for(store, 5, OVER), b"hello") == 403
    assert store.size("incoming/a") is None


def test_a_download_is_named_and_typed_as_asked_and_comes_in_ranges(store: S3ObjectStore):
    store.put_bytes("user-music/a", b"0123456789")
    disposition = "attachment; filename=\"song.mp3\"; filename*=UTF-8''%D0%BF.mp3"
    url = store.download_url("user-music/a", mime_type="audio/mpeg", disposition=disposition, lifetime=MINUTE)
    whole, part = get(url), get(url, Range="bytes=2-4")
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, b"0123456789", "audio/mpeg")
    assert whole.headers["content-disposition"] == disposition
    assert (part.status_code, part.content) == (206, b"234")


def test_a_download_opens_nothing_else_and_not_for_ever(store: S3ObjectStore):
    store.put_bytes("user-music/a", b"x")
    store.put_bytes("user-music/b", b"x")
    url = store.download_url("user-music/a", mime_type="a/b", disposition="inline", lifetime=MINUTE)
    assert get(str(url).replace("user-music/a", "user-music/b")).status_code == 403
    assert get(str(url).replace("a%2Fb", "text%2Fhtml")).status_code == 403
    late = store.download_url("user-music/a", mime_type="a/b", disposition="inline", lifetime=OVER)
    assert get(late).status_code in {400, 403}


def test_nothing_is_signed_for_keys_that_are_none_of_ours(store: S3ObjectStore):
    with pytest.raises(InvalidKeyError):
        store.upload_form("../a", 1, MINUTE)
    with pytest.raises(InvalidKeyError):
        store.download_url("../a", mime_type="a/b", disposition="inline", lifetime=MINUTE)
