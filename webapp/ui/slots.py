"""The inputs of a template as the editor shows them: what to drop where, and what is taken."""

from dataclasses import dataclass
from functools import lru_cache

from render_core.templates import Role, asset_roles, template_names
from webapp.assets.kinds import ACCEPTED
from webapp.errors import NotFoundError
from webapp.models import AssetType

FIRST_TEMPLATE = template_names()[0]
_FILE_NAMES = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/aac": ".aac",
    "audio/mp4": ".m4a",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One input of a template.

    Attributes:
        role: The template's name for it.
        asset_type: The shelf of the media library that fits.
    """

    role: str
    title: str
    asset_type: AssetType
    is_required: bool
    is_many: bool
    limit_bytes: int
    accept: dict[str, list[str]]

    @property
    def upload_id(self) -> str:
        """For the drop zone and what cancels it."""
        return f"upload-{self.role}"

    @property
    def limit_mb(self) -> int:
        """The largest file, in megabytes."""
        return self.limit_bytes // 1_000_000

    @property
    def formats(self) -> str:
        """The accepted formats, for people."""
        return ", ".join(dict.fromkeys(name[1:].upper() for names in self.accept.values() for name in names))

    @property
    def invitation(self) -> str:
        """What the drop zone says."""
        takes_images = all(mime.startswith("image/") for mime in self.accept)
        return f"Add {'images' if takes_images else 'clips'}" if self.is_many else "Upload your own"


@lru_cache
def slots_of(template: str) -> tuple[Slot, ...]:
    """The slots of a template, in its own order."""
    return tuple(_slot(role) for role in asset_roles(template))


def slot_of(template: str, role: str) -> Slot:
    """One slot by its role.

    Raises:
        NotFoundError: The template has no such input.
    """
    for slot in slots_of(template):
        if slot.role == role:
            return slot
    raise NotFoundError(f"The template has no input named {role[:50]}.", "role")


def _slot(role: Role) -> Slot:
    asset_type = AssetType(role.asset_type)
    accepted = ACCEPTED[asset_type]
    return Slot(
        role=role.name,
        title=role.title,
        asset_type=asset_type,
        is_required=role.is_required,
        is_many=role.is_many,
        limit_bytes=accepted.limit_bytes,
        accept={mime: [_FILE_NAMES[mime]] for mime in sorted(accepted.mime_types)},
    )
