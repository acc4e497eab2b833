"""What is left behind when all work is done and the dispatchers have gone."""

import time
from pathlib import Path

from redis import Redis

from benchmarks.cluster_figures import Figure
from tests.stage import Stage
from webapp.models import RenderStatus, UserVideo, VideoAsset

_QUIET_S = 3.0


def remains(stage: Stage) -> list[Figure]:
    """Look at Ray, Redis, the temporary folder and the object store. The stage's dispatchers are ended for it."""
    time.sleep(_QUIET_S)
    at_work = [name for name in stage.tasks().values() if "Progress" not in name]
    for dispatcher in stage.dispatchers:
        dispatcher.end()
    time.sleep(_QUIET_S)
    return [
        _line("tasks in Ray while idle", at_work),
        _line("tasks and actors in Ray without dispatchers", list(stage.tasks().values())),
        _line("keys in Redis", _redis_keys(stage)),
        _line("temporary files", _files(stage.folder / "tmp")),
        _line("objects that belong to nothing", _stray_objects(stage)),
    ]


def _line(name: str, found: list[str]) -> Figure:
    some = ", ".join(sorted(found)[:3])
    return Figure(name=f"left behind: {name}", goal="0", measured=f"{len(found)}{f' ({some})' if found else ''}")


def _redis_keys(stage: Stage) -> list[str]:
    with Redis.from_url(stage.settings.redis.redis_url, decode_responses=True) as redis:
        return [str(key) for key in redis.scan_iter()]


def _files(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def _stray_objects(stage: Stage) -> list[str]:
    """Objects that no row knows; cells and sounds are kept on purpose, and files half written belong to nobody."""
    videos = [row for row in stage.orders.rows(UserVideo) if row.render_status is RenderStatus.COMPLETED]
    known = {key for row in videos for key in (row.output_path, row.poster_path, row.sprites_path)}
    known |= {row.file_path for row in stage.orders.rows(VideoAsset)}
    kept = ("cells/", "sounds/", "cluster/", "template-pictures/")
    stray = [key for key in stage.container.objects.keys("") if key not in known and not key.startswith(kept)]
    if stage.store is None:
        root = stage.settings.app.objects_dir
        stray += [str(path.relative_to(root)) for path in root.rglob(".*") if path.is_file()]
    return stray
