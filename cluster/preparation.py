"""What a worker does with an upload: have it made ready by a confined child, and keep what came of it."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cluster.jobs import AssetType, PreparedAsset
from cluster.keys import poster_key
from cluster.policies import UploadRejectedError
from cluster.scratch import scratch_folder
from cluster.storage import ObjectNotFoundError
from cluster.work import CellSnapshot, PrepareTask
from render_core.errors import MediaError
from render_core.ingest.normalise import Normalised
from render_core.ingest.prepare import prepare_untrusted
from render_core.spec import MediaKind

if TYPE_CHECKING:
    from cluster.tasks import Workplace

_KINDS: dict[AssetType, MediaKind] = {"avatar": "video", "background": "video", "cover": "image", "music": "audio"}


def prepare_asset(task: PrepareTask, place: "Workplace") -> PreparedAsset:
    """Make an upload ready, keep it under the task's target, and beside it the picture that stands for it.

    The same upload gives the same bytes each time.

    Raises:
        UploadRejectedError: With a sentence for the user, if the upload cannot be used.
        StorageError: If the object store cannot be reached.
        MemoryError: If the machine ran out of memory.
    """
    began = time.perf_counter()
    with scratch_folder(place.scratch) as folder:
        out, picture = folder / "prepared", folder / "poster"
        made = _made(task, place, out, picture)
        poster = poster_key(task.asset_type, task.target.rpartition("/")[2])
        place.objects.put_file(poster, picture)
        place.objects.put_file(task.target, out)
        with out.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return PreparedAsset(
            key=task.target,
            size_bytes=out.stat().st_size,
            sha256=sha256,
            mime_type=made.mime_type,
            info=made.info,
            seconds=time.perf_counter() - began,
            poster=poster,
            poster_bytes=picture.stat().st_size,
        )


def _made(task: PrepareTask, place: "Workplace", out: Path, poster: Path) -> Normalised:
    try:
        source = place.objects.materialise(task.source)
        kind, tell = _KINDS[task.asset_type], _teller(task, place)
        return prepare_untrusted(source, out, poster, kind, on_progress=tell, needs_wall=place.needs_wall)
    except ObjectNotFoundError as error:
        raise UploadRejectedError(task.source, "The upload is no longer there. Upload it again.") from error
    except MediaError as error:
        raise UploadRejectedError(task.source, error.problem) from error


def _teller(task: PrepareTask, place: "Workplace") -> Callable[[int, int], None]:
    """Reports percents as if they were frames, each once. The last one comes with the result."""
    told = -1

    def tell(done: int, total: int) -> None:
        nonlocal told
        percent = min(99, 100 * done // max(1, total))
        if percent > told:
            told = percent
            key = task.keys[0]
            place.report(CellSnapshot(key=key, attempt=task.attempt, frames_done=percent, frames_total=100))

    return tell
