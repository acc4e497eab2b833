"""Objects in S3. Apart from the other store because its client takes half a second to import."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cluster.cache import FileCache
from cluster.keys import checked_key
from cluster.storage import Entry, ObjectNotFoundError, StorageError, UploadForm

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef


@dataclass(frozen=True, slots=True, kw_only=True)
class S3ObjectStore:
    """Objects in a bucket of any S3-compatible service. Frozen and free of connections, so it may cross processes.

    Attributes:
        endpoint: URL of the service, or None for Amazon's own.
        public_endpoint: URL under which clients reach the same service; None if they cannot.
        access_key: None, as the secret one, to take the credentials that boto3 finds: of the environment, of a file, of
            the role of the pod, the container or the machine. What such a role signs ends with its token.
        cache: Folder for local copies that ``materialise`` hands out.
        cache_bytes: Copies beyond this sum are dropped, the longest unused first.
        timeout_s: Longest silence of the service before a request is made again.
        touch_every_s: Noted uses may be so old.
    """

    bucket: str
    cache: Path
    endpoint: str | None = None
    public_endpoint: str | None = None
    region: str = "us-east-1"
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    cache_bytes: int = 10 << 30
    timeout_s: float = 30.0
    touch_every_s: float = 3600.0

    def put_file(self, key: str, path: Path) -> None:
        """Store a file's bytes under ``key``, replacing what was there, atomically."""
        with _faults(key):
            self._client.upload_file(str(path), self.bucket, checked_key(key))

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store bytes under ``key``, replacing what was there, atomically."""
        with _faults(key):
            self._client.put_object(Bucket=self.bucket, Key=checked_key(key), Body=data)

    def create(self, key: str, data: bytes) -> bool:
        """Store bytes unless the key exists; False when it did. The service decides between processes."""
        try:
            self._client.put_object(Bucket=self.bucket, Key=checked_key(key), Body=data, IfNoneMatch="*")
        except ClientError as error:
            if _status(error) in {409, 412}:
                return False
            raise StorageError(key, str(error)) from error
        except BotoCoreError as error:
            raise StorageError(key, str(error)) from error
        return True

    def size(self, key: str) -> int | None:
        """Size in bytes, or None when the key does not exist."""
        try:
            with _faults(key):
                return self._client.head_object(Bucket=self.bucket, Key=checked_key(key))["ContentLength"]
        except ObjectNotFoundError:
            return None

    def read(self, key: str) -> bytes:
        """The whole object."""
        with _faults(key):
            return self._client.get_object(Bucket=self.bucket, Key=checked_key(key))["Body"].read()

    def open_range(self, key: str, start: int, end: int) -> BinaryIO:
        """A stream of the bytes ``start`` … ``end`` (both included)."""
        with _faults(key):
            found = self._client.get_object(Bucket=self.bucket, Key=checked_key(key), Range=f"bytes={start}-{end}")
        return cast("BinaryIO", found["Body"])

    def materialise(self, key: str) -> Path:
        """A local copy, fetched once. A key is taken to keep its bytes, as those of assets and cells do."""
        with _faults(key):
            return FileCache(self.cache, self.cache_bytes).get(checked_key(key), self._fetch)

    def copy(self, source: str, target: str) -> None:
        """Store an object's bytes under another key as well, atomically. The service copies them itself."""
        with _faults(source):
            self._client.copy_object(
                Bucket=self.bucket,
                Key=checked_key(target),
                CopySource={"Bucket": self.bucket, "Key": checked_key(source)},
            )

    def download_url(self, key: str, *, mime_type: str, disposition: str, lifetime: timedelta) -> str | None:
        """A presigned address; None where clients cannot reach the service."""
        if self.public_endpoint is None:
            return None
        told = {"ResponseContentType": mime_type, "ResponseContentDisposition": disposition}
        return self._public_client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self.bucket, "Key": checked_key(key), **told},
            ExpiresIn=int(lifetime.total_seconds()),
        )

    def upload_form(self, key: str, size_bytes: int, lifetime: timedelta) -> UploadForm | None:
        """A presigned POST policy for this key and size alone; None where clients cannot reach the service."""
        if self.public_endpoint is None:
            return None
        made = self._public_client.generate_presigned_post(
            self.bucket,
            checked_key(key),
            Conditions=[["content-length-range", size_bytes, size_bytes]],
            ExpiresIn=int(lifetime.total_seconds()),
        )
        return UploadForm(url=made["url"], fields=made["fields"], expires_at=datetime.now(UTC) + lifetime)

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens when it is not there."""
        with _faults(key):
            self._client.delete_object(Bucket=self.bucket, Key=checked_key(key))

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with ``prefix``, sorted."""
        return (entry.key for entry in self.entries(prefix))

    def entries(self, prefix: str) -> Iterator[Entry]:
        """All objects whose keys begin with ``prefix``, sorted by key."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        with _faults(prefix):
            for page in pages:
                yield from (Entry(one["Key"], one["Size"], one["LastModified"]) for one in page.get("Contents", ()))

    def touch(self, key: str) -> bool:
        """Note that the object is used now; False when it does not exist.

        Only copying an object onto itself makes it younger: that is spared where the last use is noted well enough.
        """
        used_at = self._used_at(key)
        if used_at is not None and used_at < datetime.now(UTC) - timedelta(seconds=self.touch_every_s):
            return self._copy_onto_itself(key)
        return used_at is not None

    def delete_unused(self, key: str, since: datetime) -> bool:
        """Remove an object unless it has been used after ``since``; False when it stays or was not there.

        Between the look and the removal is the time of a request; who uses the object just then finds a part missing.
        """
        used_at = self._used_at(key)
        if used_at is None or used_at > since:
            return False
        self.delete(key)
        return True

    def sweep(self, before: datetime) -> int:
        """Give up uploads in parts that were begun before then and never ended; says how many."""
        with _faults(""):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket)
            left = [one for page in pages for one in page.get("Uploads", ()) if one["Initiated"] < before]
            for one in left:
                self._client.abort_multipart_upload(Bucket=self.bucket, Key=one["Key"], UploadId=one["UploadId"])
        return len(left)

    def _used_at(self, key: str) -> datetime | None:
        try:
            with _faults(key):
                return self._client.head_object(Bucket=self.bucket, Key=checked_key(key))["LastModified"]
        except ObjectNotFoundError:
            return None

    def _copy_onto_itself(self, key: str) -> bool:
        source: CopySourceTypeDef = {"Bucket": self.bucket, "Key": key}
        try:
            with _faults(key):
                self._client.copy_object(Bucket=self.bucket, Key=key, CopySource=source, MetadataDirective="REPLACE")
        except ObjectNotFoundError:
            return False
        return True

    def _fetch(self, key: str, path: Path) -> None:
        self._client.download_file(self.bucket, key, str(path))

    @property
    def _client(self) -> "S3Client":
        return _client(self.endpoint, self.region, self.access_key, self.secret_key, self.timeout_s)

    @property
    def _public_client(self) -> "S3Client":
        """For signing alone: it is never asked to connect."""
        return _client(self.public_endpoint, self.region, self.access_key, self.secret_key, self.timeout_s)


@lru_cache(maxsize=8)
def _client(
    endpoint: str | None, region: str, access_key: str | None, secret_key: str | None, timeout_s: float
) -> "S3Client":
    """One client a process and service: they are thread-safe and slow to make."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        retries={"mode": "standard", "total_max_attempts": 4},
        connect_timeout=min(5.0, timeout_s),
        read_timeout=timeout_s,
    )
    return boto3.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=config,
    )


def key_source(access_key: str | None) -> str | None:
    """Where a store's credentials are from, in botocore's words for those that it finds; None where there are none."""
    if access_key:
        return "the keys that are set"
    found = boto3.Session().get_credentials()
    return found.method if found else None


@contextmanager
def _faults(key: str) -> Iterator[None]:
    """Turns the client's errors into ours."""
    try:
        yield
    except ClientError as error:
        if _status(error) == 404:
            raise ObjectNotFoundError(key) from error
        raise StorageError(key, str(error)) from error
    except (BotoCoreError, Boto3Error) as error:
        raise StorageError(key, str(error)) from error


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
