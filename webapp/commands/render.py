"""`reelgrove render`: the renderer without a web server, a database or Ray."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cluster.jobs import JobOutput, JobProgress
from cluster.local import draw_locally, render_locally
from cluster.storage import LocalObjectStore
from render_core.errors import InvalidInputError
from render_core.spec import AssetRef, RenderSpec
from webapp.commands.targets import Targets

if TYPE_CHECKING:
    from rich.progress import Progress

OnProgress = Callable[[JobProgress], None]


def render_video(spec: RenderSpec, targets: Targets, *, jobs: int, cells_dir: Path | None, as_json: bool) -> JobOutput:
    """Render a whole video and its pictures. Cells in ``cells_dir`` are taken from there and new ones kept there."""
    with _cells_in(cells_dir) as folder, _progress(as_json=as_json) as report:
        cells = LocalObjectStore(folder)
        made = render_locally(spec, locate=_path_of, out=targets.video, cells=cells, jobs=jobs, on_progress=report)
        if targets.has_pictures:
            targets.write_pictures(draw_locally(spec, cells))
        return made


def _path_of(asset: AssetRef) -> Path:
    return Path(asset.key)


@contextmanager
def _cells_in(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInputError("--cells-dir", f"{folder} cannot be made: {error.strerror}") from error
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="reelgrove-cells-") as temporary:
        yield Path(temporary)


@contextmanager
def _progress(*, as_json: bool) -> Iterator[OnProgress]:
    if as_json:
        yield lambda progress: print(json.dumps({"percent": progress.percent}), flush=True)
    elif sys.stderr.isatty():
        with _bar() as bar:
            task = bar.add_task("Rendering", total=100)
            yield lambda progress: bar.update(task, completed=progress.percent)
    else:
        yield _plain_lines()


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))


def _plain_lines() -> OnProgress:
    last = -10

    def report(progress: JobProgress) -> None:
        nonlocal last
        if progress.percent >= last + 10 or progress.percent == 100:
            last = progress.percent
            print(f"{progress.percent} %", file=sys.stderr, flush=True)

    return report
