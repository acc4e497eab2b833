"""What a render costs beside its floor: decoding the visible inputs and encoding the same frames, nothing else.

Each part runs in a process of its own; CPU seconds are those of the process and its children as the kernel counts them.
Where the time goes is measured in one process that does what the workers do, part by part.

    python benchmarks/render_floor.py [--props props.json] [--seconds 30] [--runs 5]
"""

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from render_core.cells import plan_cells
from render_core.composition import Composition
from render_core.ingest.normalise import normalise_video
from render_core.media.encode import STANDARD, encode_cell
from render_core.media.pool import MediaPool
from render_core.picture import Picture
from render_core.render import render_frame, render_frames, render_sound
from render_core.spec import AssetRef, RenderSpec, VideoFormat
from render_core.templates import build
from webapp.commands.props import read_spec

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "media"


STILL_SCALE, STILLS = 0.5, 40
TO_REACH = {"cpu": 1.25, "wall": 1.10, "memory": 400, "warm": 60, "cold": 1.2}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run of a part cost, in seconds."""

    cpu: float
    wall: float


def main() -> None:
    """Measure and print the table."""
    arguments = _arguments()
    if arguments.part:
        PARTS[arguments.part](arguments.folder)
        return
    with tempfile.TemporaryDirectory(dir=_roomy_folder()) as name:
        folder = Path(name)
        _write_props(folder, arguments)
        costs = {part: _median(part, folder, arguments.runs) for part in ("ours", "decode", "encode", "cold")}
        for part in ("inside", "warm"):
            _measure(part, folder)
        inside, warm = (json.loads((folder / f"{part}.json").read_text()) for part in ("inside", "warm"))
    print(f"{arguments.seconds:g} s of video, medians of {arguments.runs}\n")
    _print_costs(costs)
    _print_inside(inside["spent"], costs["ours"].cpu)
    _print_goals(costs, inside, warm, arguments.jobs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--props", type=Path, help="a render request with file paths; default: the shared clips or the demo"
    )
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--part", choices=tuple(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _write_props(folder: Path, arguments: argparse.Namespace) -> None:
    source = arguments.props
    props = json.loads(source.read_text()) if source else _default_props()
    base = source.parent if source else Path()
    props["user_assets"] = {role: _absolute(value, base) for role, value in props["user_assets"].items()}
    props["config"] = props.get("config", {}) | {"duration": arguments.seconds}
    (folder / "props.json").write_text(json.dumps(props))
    (folder / "jobs").write_text(str(arguments.jobs))
    (folder / "spec.json").write_text(read_spec(folder / "props.json").model_dump_json())


def _spec(folder: Path, scale: float = 1.0) -> RenderSpec:
    """What workers are given: the inputs were looked at before."""
    return RenderSpec.model_validate_json((folder / "spec.json").read_text()).model_copy(update={"scale": scale})


def _absolute(value: str | list[str], base: Path) -> str | list[str]:
    return (
        [str((base / item).resolve()) for item in value] if isinstance(value, list) else str((base / value).resolve())
    )


def _default_props() -> dict[str, object]:
    folder, clips = (SHARED, "bg?.mp4") if SHARED.is_dir() else (ROOT / "demo", "broll?.mp4")
    files = {"lipSyncVideo": "avatar.*", "coverImage": "cover.*", "backgroundMusic": "music.*"}
    assets: dict[str, object] = {role: str(next(folder.glob(pattern))) for role, pattern in files.items()}
    assets["backgroundVideos"] = sorted(map(str, folder.glob(clips)))
    return {"template_name": "LipSyncTemplate", "user_assets": assets, "config": {"mainText": "Made in seconds"}}


def render_ours(folder: Path) -> None:
    """The command a person types, from nothing."""
    command = [Path(sys.executable).parent / "reelgrove", "render", folder / "props.json", "-o", folder / "ours.mp4"]
    subprocess.run([*command, "--jobs", (folder / "jobs").read_text()], check=True, stderr=subprocess.DEVNULL)


def decode_inputs(folder: Path) -> None:
    """Decode each frame of each clip that is on screen, once, one thread."""
    spec = _spec(folder)
    composition = build(spec)
    fps = composition.format.fps
    for path, seconds in _visible(composition, spec, fps).items():
        with av.open(path) as container:
            stream = container.streams.video[0]
            stream.thread_type, stream.codec_context.thread_count = "NONE", 1
            for frame in container.decode(stream):
                if frame.time is not None and frame.time >= seconds:
                    break


def _visible(composition: Composition, spec: RenderSpec, fps: Fraction) -> dict[str, float]:
    """Path of each clip → how many of its first seconds are shown."""
    paths = {ref.sha256: ref.key for refs in spec.assets.values() for ref in refs if ref.info.kind == "video"}
    shown = dict.fromkeys(paths, Fraction(0))
    for n in range(composition.frame_count):
        for drawing in composition.drawings(n):
            asset, at_s = getattr(drawing, "asset", None), getattr(drawing, "at_s", None)
            if asset is not None and at_s is not None:
                shown[asset.sha256] = max(shown[asset.sha256], at_s + 1 / fps)
    return {paths[sha]: float(seconds) for sha, seconds in shown.items() if seconds}


def encode_frames(folder: Path) -> None:
    """Encode the frames of the render with the same settings, from raw planes on disk."""
    facts = json.loads((folder / "raw.json").read_text())
    size = VideoFormat(width=facts["width"], height=facts["height"], fps=Fraction(facts["fps"]))
    encode_cell(_raw_pictures(folder / "raw.yuv", size), size, STANDARD)


def _raw_pictures(path: Path, size: VideoFormat) -> Iterator[Picture]:
    luma, half = size.width * size.height, (size.height // 2, size.width // 2)
    frames = np.memmap(path, np.uint8, mode="r").reshape(-1, luma * 3 // 2)
    for frame in frames:
        y, u, v = np.split(frame, [luma, luma * 5 // 4])
        yield Picture(y.reshape(size.height, size.width), u.reshape(half), v.reshape(half))


def _dump_raw(folder: Path) -> None:
    """Frames as they are composed: what a codec gives back has lost detail, and is 4 % cheaper to encode."""
    composition = build(_spec(folder))
    with MediaPool(lambda asset: Path(asset.key)) as media, (folder / "raw.yuv").open("wb") as out:
        for cell in plan_cells(composition, STANDARD):
            for picture in render_frames(composition, cell, media):
                for plane in picture.planes:
                    out.write(plane.tobytes())
    size = composition.format
    (folder / "raw.json").write_text(json.dumps({"width": size.width, "height": size.height, "fps": str(size.fps)}))


def time_inside(folder: Path) -> None:
    """CPU seconds of each kind of work, and the peak memory of a process that does all of it."""
    composition, profile = build(_spec(folder)), STANDARD
    peaks = []
    with _TimedPool(lambda asset: Path(asset.key)) as media:
        began = time.process_time()
        cells = plan_cells(composition, profile)
        planned = time.process_time()
        for cell in cells:
            encode_cell(_timed(render_frames(composition, cell, media), media), composition.format, profile)
            peaks.append(_peak_mib())
        pictures = time.process_time()
        render_sound(composition, media, profile, folder / "sound")
        sound = time.process_time()
    spent = {"plan": planned - began, "decode": media.decoding, "composite": media.painting - media.decoding}
    spent |= {"encode": pictures - planned - media.painting, "audio": sound - pictures}
    (folder / "inside.json").write_text(
        json.dumps({"spent": spent, "third": peaks[len(peaks) // 3], "peak": _peak_mib()})
    )


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def time_stills(folder: Path) -> None:
    """Stills in a process that has made one: of frames far from each other, and of the same frame once more."""
    spec = _spec(folder, STILL_SCALE)
    times = {"as given": _still_times(spec), "prepared": _still_times(_prepared(spec, folder))}
    (folder / "warm.json").write_text(json.dumps(times))


def _prepared(spec: RenderSpec, folder: Path) -> RenderSpec:
    """With clips as uploads become them: whoever edits sees stills of these."""
    clips = {ref.key: ref for ref in spec.inputs if ref.info.kind == "video"}
    for number, (key, ref) in enumerate(clips.items()):
        out = folder / f"prepared{number}.mp4"
        info = normalise_video(Path(key), out)
        clips[key] = ref.model_copy(update={"key": str(out), "info": info})
    assets = {role: tuple(clips.get(ref.key, ref) for ref in refs) for role, refs in spec.assets.items()}
    return spec.model_copy(update={"assets": assets})


def _still_times(spec: RenderSpec) -> dict[str, list[float]]:
    """Milliseconds of stills far from each other, and of the same ones once more."""
    composition, chance = build(spec), random.Random(1)  # noqa: S311 - frames to look at
    far, again = list[float](), list[float]()
    with MediaPool(lambda asset: Path(asset.key), decoder_threads=2) as media:
        render_frame(composition, 0, media)
        for _ in range(STILLS):
            frame = chance.randrange(composition.frame_count)
            for times in (far, again):
                began = time.monotonic()
                render_frame(composition, frame, media)
                times.append(1000 * (time.monotonic() - began))
    return {"far": far, "again": again}


def render_still(folder: Path) -> None:
    """The command a person types for one still."""
    command = [Path(sys.executable).parent / "reelgrove", "still", folder / "props.json", "--frame", "100"]
    options = ["--scale", str(STILL_SCALE), "-o", folder / "still.png"]
    subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)


def _timed(pictures: Iterator[Picture], media: "_TimedPool") -> Iterator[Picture]:
    while True:
        began = time.process_time()
        picture = next(pictures, None)
        media.painting += time.process_time() - began
        if picture is None:
            return
        yield picture


class _TimedPool(MediaPool):
    """Knows how long its decoders worked, and how long all painting took, which is what happens between frames."""

    decoding = 0.0
    painting = 0.0

    def video_frame(self, asset: AssetRef, at_s: Fraction) -> Picture:
        """See MediaPool."""
        began = time.process_time()
        picture = super().video_frame(asset, at_s)
        self.decoding += time.process_time() - began
        return picture


PARTS = {
    "ours": render_ours,
    "decode": decode_inputs,
    "encode": encode_frames,
    "inside": time_inside,
    "warm": time_stills,
    "cold": render_still,
}


def _median(part: str, folder: Path, runs: int) -> Cost:
    if part == "encode":
        _dump_raw(folder)
    costs = [_measure(part, folder) for _ in range(runs)]
    return Cost(statistics.median(cost.cpu for cost in costs), statistics.median(cost.wall for cost in costs))


def _measure(part: str, folder: Path) -> Cost:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([sys.executable, __file__, "--part", part, "--folder", folder], check=True, cwd=ROOT)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall)


def _roomy_folder() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").free > 8e9 else None  # noqa: S108


def _print_costs(costs: dict[str, Cost]) -> None:
    names = {
        "ours": "render, sound included",
        "decode": "decode the visible inputs",
        "encode": "encode the same frames",
    }
    print(f"{'seconds':36}{'CPU':>8}{'wall':>8}")
    for part, name in names.items():
        print(f"{name:36}{costs[part].cpu:8.2f}{costs[part].wall:8.2f}")
    print(f"{'floor: decode + encode':36}{_floor(costs):8.2f}")


def _floor(costs: dict[str, Cost]) -> float:
    return costs["decode"].cpu + costs["encode"].cpu


def _print_inside(spent: dict[str, float], whole: float) -> None:
    """Where the time goes; what is left of the whole command is starting processes and joining the parts."""
    print("\nwhere the render's CPU goes")
    for name, seconds in (spent | {"other": whole - sum(spent.values())}).items():
        print(f"    {name:32}{seconds:8.2f}{seconds / whole:8.0%}")


def _print_goals(
    costs: dict[str, Cost], inside: dict[str, Any], warm: dict[str, dict[str, list[float]]], jobs: int
) -> None:
    ours, far, prepared = costs["ours"], warm["as given"]["far"], warm["prepared"]["far"]
    rows: list[tuple[str, float, float | None]] = [
        ("render / floor, CPU", ours.cpu / _floor(costs), TO_REACH["cpu"]),
        (f"wall / (CPU / {jobs} processes)", ours.wall / ours.cpu * jobs, TO_REACH["wall"]),
        ("peak memory of a worker, MiB", inside["peak"], TO_REACH["memory"]),
        ("    after a third of the video", inside["third"], None),
        ("still 540×960, warm, median, ms", statistics.median(prepared), TO_REACH["warm"]),
        (f"    the worst of {STILLS} far apart", max(prepared), None),
        ("    of clips as they were given", statistics.median(far), None),
        ("    the same frame once more", statistics.median(warm["prepared"]["again"]), None),
        ("still 540×960, cold process, s", costs["cold"].wall, TO_REACH["cold"]),
    ]
    print(f"\n{'':36}{'measured':>8}{'to reach':>10}")
    for name, value, goal in rows:
        print(f"{name:36}{_figure(value):>8}{'' if goal is None else f'{goal:g}':>10}")


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2f}"


if __name__ == "__main__":
    main()
