"""From the parts in the store to a finished video: its file, its poster, its sheet of thumbnails."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cluster.jobs import JobOutput
from cluster.keys import beside
from cluster.policies import PartsMissingError
from cluster.ports import ObjectStore
from cluster.scratch import scratch_folder
from cluster.storage import ObjectNotFoundError
from cluster.work import RenderPlan
from render_core.errors import MediaError
from render_core.media.container import can_be_opened
from render_core.render import assemble
from render_core.storyboard import Storyboard, storyboard


def store_video(plan: RenderPlan, objects: ObjectStore, key: str, scratch: Path | None) -> JobOutput:
    """Put a video together and store it under ``key``, its pictures beside it.

    Raises:
        PartsMissingError: As ``join``.
    """
    pictures = draw_storyboard(plan, objects)
    with scratch_folder(scratch) as folder:
        out = folder / f"video.{plan.output}"
        join(plan, objects, out)
        poster, sprites = beside(key, "poster.jpg"), beside(key, "sprites.jpg")
        objects.put_bytes(poster, pictures.poster)
        objects.put_bytes(sprites, pictures.sprites)
        objects.put_file(key, out)
        output = described(out, key, plan)
    pictures_bytes = len(pictures.poster) + len(pictures.sprites)
    return replace(output, poster=poster, sprites=sprites, sheet=pictures.sheet, pictures_bytes=pictures_bytes)


def join(plan: RenderPlan, objects: ObjectStore, out: Path) -> None:
    """Write the file of a plan whose parts are all in the store.

    Raises:
        PartsMissingError: If one of them is not there any more, or is damaged. Damaged ones are deleted.
    """
    sound = plan.sound_object
    with _parts(plan, objects) as files:
        cells = [files[plan.object_of(cell)] for cell in plan.cells]
        lengths = [cell.stop - cell.start for cell in plan.cells]
        assemble(cells, None if sound is None else files[sound], out, plan.fps, plan.output, lengths)


def draw_storyboard(plan: RenderPlan, objects: ObjectStore) -> Storyboard:
    """The poster and the thumbnails of a plan whose parts are all in the store.

    Raises:
        PartsMissingError: As ``join``.
    """
    with _parts(plan, objects) as files:
        cells = [(cell, files[plan.object_of(cell)]) for cell in plan.cells]
        return storyboard(cells, plan.fps, plan.output, plan.poster_frame)


@contextmanager
def _parts(plan: RenderPlan, objects: ObjectStore) -> Iterator[dict[str, Path]]:
    """Local files of the parts by object key. What turns out to be damaged inside is deleted, to be made again."""
    sound = plan.sound_object
    keys = (*(plan.object_of(cell) for cell in plan.cells), *([] if sound is None else [sound]))
    try:
        files = {key: objects.materialise(key) for key in keys}
    except ObjectNotFoundError as error:
        raise PartsMissingError(error.key, "is no longer there") from error
    try:
        yield files
    except MediaError as error:
        damaged = [key for key, file in files.items() if file.name == error.source or not _is_readable(file)]
        if not damaged:
            raise
        _drop(damaged, files, objects)
        raise PartsMissingError(damaged[0], "was damaged") from error


def _is_readable(part: Path) -> bool:
    return part.suffix == ".gif" or can_be_opened(part)


def _drop(keys: Iterable[str], files: Mapping[str, Path], objects: ObjectStore) -> None:
    """Delete parts that the disk has spoilt, also their local copies: they have to be made again."""
    for key in keys:
        objects.delete(key)
        files[key].unlink(missing_ok=True)


def described(file: Path, key: str, plan: RenderPlan) -> JobOutput:
    """What there is to say about a finished file."""
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return JobOutput(
        key=key,
        size_bytes=file.stat().st_size,
        sha256=sha256,
        frame_count=plan.frame_count,
        duration_s=float(plan.frame_count / plan.fps),
        render_seconds=0.0,
    )
