"""The same simple scene by us and by the tools that people would use otherwise: CPU seconds and wall, in one run.

B-roll fills the screen, the speaker is a circle over it, with a vignette, a title that stands still, the voice and
music; 1080×1920 at 30 frames a second, libx264 veryfast crf 23. Each tool gets its own script in ``peer_scenes``,
written as its users would, and a process of its own; the CPU is counted with all children, by the kernel.

The peers are no part of the project. Install them in an environment of their own (the extra `peers` in pyproject.toml
pins them), and say where it is:

    python3 -m venv .venv/peers && .venv/peers/bin/pip install moviepy movielite imageio-ffmpeg
    make bench PEERS_PYTHON=.venv/peers/bin/python
    python benchmarks/peers.py --peers-python .venv/peers/bin/python [--seconds 10] [--runs 3]
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fontpkg
import numpy as np
from PIL import Image, ImageDraw

from render_core.media.probe import probe

ROOT = Path(__file__).parents[1]
SHARED, SCENES = ROOT.parent / "shared" / "media", Path(__file__).parent / "peer_scenes"
WIDTH, HEIGHT, FPS, SIDE = 1080, 1920, 30, 484
PEERS = {"ours": "", "ffmpeg": "imageio-ffmpeg", "moviepy": "moviepy", "movielite": "movielite"}
"""Each tool with the package that brings it."""


@dataclass(frozen=True)
class Cost:
    """What a run cost, in seconds."""

    cpu: float
    wall: float


def main() -> None:
    """Measure and print the table."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scene = write_scene(folder, arguments.media, arguments.seconds)
        tools = installed(arguments.peers_python, folder)
        costs = {tool: _median(tool, tools[tool], scene, folder, arguments.runs) for tool in PEERS if tool in tools}
        if arguments.keep:
            for made in folder.glob("*.mp4"):
                shutil.copy(made, arguments.keep)
    print_table(costs, arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--peers-python", type=Path, default=Path(sys.executable), help="where the peers are installed")
    parser.add_argument("--media", type=Path, help="avatar.*, music.* and clips; default: the shared ones or the demo")
    parser.add_argument("--keep", type=Path, help="a folder for the videos, to look at")
    return parser.parse_args()


def write_scene(folder: Path, media: Path | None, seconds: int) -> Path:
    """What all the tools read: paths, times and places, a round mask and a picture of the vignette."""
    media = media or (SHARED if SHARED.is_dir() else ROOT / "demo")
    clips = sorted(path for path in media.glob("b*.mp4"))
    each = min(int(probe(clip, is_heard=False).duration_s) for clip in clips)
    lengths = [min(each, seconds - start) for start in range(0, seconds, each)]
    scene = {
        "width": WIDTH,
        "height": HEIGHT,
        "fps": FPS,
        "seconds": seconds,
        "avatar": str(next(media.glob("avatar.*"))),
        "music": str(next(media.glob("music.*"))),
        "rolls": [{"path": str(clips[i % len(clips)]), "seconds": length} for i, length in enumerate(lengths)],
        "circle": {"left": 40, "top": HEIGHT - SIDE - 348, "side": SIDE},
        "title": "Made in seconds",
        "title_size": 110,
        "title_top": 320,
        "font": str(shutil.copy(_bold(), folder / "title.ttf")),  # filter graphs read some names as syntax
        "mask": str(folder / "mask.png"),
        "vignette": str(folder / "vignette.png"),
    }
    mask = Image.new("L", (4 * SIDE, 4 * SIDE))
    ImageDraw.Draw(mask).ellipse((0, 0, 4 * SIDE - 1, 4 * SIDE - 1), fill=255)
    mask.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(scene["mask"])
    Image.fromarray(_vignette()).save(scene["vignette"])
    (folder / "scene.json").write_text(json.dumps(scene))
    return folder / "scene.json"


def _bold() -> Path:
    (poppins,) = (family for family in fontpkg.families().values() if family.name == "Poppins")
    return next(file.path for file in poppins.files if (file.weight, file.style) == (700, "normal"))


def _vignette() -> np.ndarray:
    """Black that is clear in the middle and covers seven tenths in the corners."""
    y, x = np.ogrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    pixels[..., 3] = np.round(178 * np.clip((np.sqrt((x**2 + y**2) / 2) - 0.4) / 0.6, 0, 1))
    return pixels


def installed(python: Path, folder: Path) -> dict[str, list[str]]:
    """The command of each tool that is there: its program and script, to be followed by the scene and the output."""
    found = {"ours": [sys.executable, str(SCENES / "scene_ours.py")]}
    if (ffmpeg := _ffmpeg(python)) is not None:
        found["ffmpeg"] = [sys.executable, str(SCENES / "scene_ffmpeg.py")]
        _put_in_path(ffmpeg, folder / "bin")
    for name in ("moviepy", "movielite"):
        if _answers([str(python), "-c", f"import {name}"]) is not None and ffmpeg is not None:
            found[name] = [str(python), str(SCENES / f"scene_{name}.py")]
    return found


def _ffmpeg(python: Path) -> str | None:
    """FFmpeg as a program: in the PATH, or from its wheel."""
    ask = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"
    return shutil.which("ffmpeg") or _answers([str(python), "-c", ask])


def _answers(command: list[str]) -> str | None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def _put_in_path(ffmpeg: str, folder: Path) -> None:
    """MovieLite calls both programs by name. The wheel has no ffprobe: ours tells the three figures it asks for."""
    folder.mkdir()
    (folder / "ffmpeg").symlink_to(ffmpeg)
    if shutil.which("ffprobe") is None:
        probing = folder / "ffprobe"
        probing.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{SCENES / 'ffprobe.py'}' \"$@\"\n")
        probing.chmod(0o755)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    os.environ["IMAGEIO_FFMPEG_EXE"] = ffmpeg


def _median(tool: str, command: list[str], scene: Path, folder: Path, runs: int) -> Cost:
    costs = [_measured([*command, str(scene), str(folder / f"{tool}.mp4")]) for _ in range(runs)]
    frames = probe(folder / f"{tool}.mp4", is_heard=False).frame_count
    wanted = FPS * json.loads(scene.read_text())["seconds"]
    if abs(frames - wanted) > 1:
        raise SystemExit(f"{tool} made {frames} frames instead of {wanted}: its figures would mean nothing")
    return Cost(statistics.median(cost.cpu for cost in costs), statistics.median(cost.wall for cost in costs))


def _measured(command: list[str]) -> Cost:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    folder = Path(command[-1]).parent  # where tools may leave what they need on the way
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, env=_environment())
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return Cost(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall)


def _environment() -> Mapping[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


def print_table(costs: Mapping[str, Cost], arguments: argparse.Namespace) -> None:
    """Each tool beside ours; what is missing is named."""
    ours: Any = costs["ours"]
    print(f"{arguments.seconds} s of the simple scene; CPU and wall in seconds, and as a multiple of ours\n")
    print(f"{'':12}{'CPU':>8}{'wall':>8}{'CPU ×':>8}{'wall ×':>8}")
    for tool, package in PEERS.items():
        cost = costs.get(tool)
        if cost is None:
            needed = " ".join(dict.fromkeys((package, "imageio-ffmpeg")))
            print(f"{tool:12}  missing: python3 -m pip --python {arguments.peers_python} install {needed}")
            continue
        print(f"{tool:12}{cost.cpu:8.1f}{cost.wall:8.1f}{cost.cpu / ours.cpu:8.2f}{cost.wall / ours.wall:8.2f}")


if __name__ == "__main__":
    main()
