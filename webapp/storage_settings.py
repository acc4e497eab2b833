"""The settings of the object store."""

from collections.abc import Iterator

from pydantic import Field, SecretStr

from webapp.variables import Concern, Fault, is_https, is_placeholder, variable_of


class StorageSettings(Concern):
    """The object store: local files unless a bucket is named.

    Attributes:
        s3_public_endpoint: Under which browsers and programs reach the same service; empty if they cannot. With it they
            download from there and may upload there, without this server in between.
        s3_access_key: With the secret one, or neither: then boto3 finds credentials where it looks for them, such as
            those of a role.
        s3_timeout_s: Longest silence of the service before a request is made again.
    """

    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_public_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_timeout_s: float = Field(default=30.0, gt=0, le=300)

    @property
    def is_s3(self) -> bool:
        """Whether objects live in S3."""
        return bool(self.s3_bucket)

    @property
    def _keys(self) -> dict[str, str]:
        return {"s3_access_key": self.s3_access_key, "s3_secret_key": self.s3_secret_key.get_secret_value()}

    def contradictions(self) -> Iterator[Fault]:
        """Half a pair of keys."""
        if self.is_s3 and any(self._keys.values()):
            for name in (name for name, key in self._keys.items() if not key):
                yield Fault(variable_of(name), "only its other half is set: set both, or neither to use a role.")

    def dangers(self) -> Iterator[Fault]:
        """Keys that everybody knows, and files that everybody can read on their way."""
        if not self.is_s3:
            return
        for name in (name for name, key in self._keys.items() if is_placeholder(key)):
            yield Fault(variable_of(name), "it is that of an example: set your own, or neither to use a role.")
        if self.s3_public_endpoint and not is_https(self.s3_public_endpoint):
            yield Fault(variable_of("s3_public_endpoint"), "files travel to it: it must be an https:// address.")
