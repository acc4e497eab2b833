"""The simple scene from our own layers. Run by peers.py: scene.json, then the file to write."""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from cluster.planner import chunks
from render_core.audio.mix import Sound
from render_core.cells import Cell, plan_cells
from render_core.composition import Composition, Scripted
from render_core.effects.vignette import Vignette
from render_core.geometry import Box
from render_core.layers.placed import Placement
from render_core.layers.text import TextBlock, fonts_of
from render_core.layers.video import ClipFrame
from render_core.media.encode import STANDARD
from render_core.media.pool import MediaPool
from render_core.media.probe import probe
from render_core.render import assemble, render_cell, render_sound
from render_core.spec import AssetRef, VideoFormat
from render_core.text.raster import TextStyle

Scene = dict[str, Any]


def asset(path: str) -> AssetRef:
    """A file by its path."""
    with Path(path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return AssetRef(sha256=digest, key=path, info=probe(Path(path), is_heard=False))


def composed(scene: Scene, files: dict[str, AssetRef]) -> Composition:
    """B-roll, a round avatar, a vignette, a title; the voice with music under it."""
    size, fps = VideoFormat(width=scene["width"], height=scene["height"], fps=Fraction(scene["fps"])), scene["fps"]
    circle = scene["circle"]
    screen = Placement(box=Box(left=0, top=0, width=size.width, height=size.height))
    around = Box(left=circle["left"], top=circle["top"], width=circle["side"], height=circle["side"])
    avatar, every = files[scene["avatar"]], scene["rolls"][0]["seconds"]

    def roll(frame: int) -> ClipFrame:
        index, at_s = divmod(Fraction(frame, fps), Fraction(every))
        return ClipFrame(asset=files[scene["rolls"][index]["path"]], at_s=at_s, placement=screen)

    def face(frame: int) -> ClipFrame:
        return ClipFrame(asset=avatar, at_s=Fraction(frame, fps), placement=Placement(box=around, roundness=0.5))

    lines = (scene["title"],)
    style = TextStyle(family="Poppins", weight=700, size=scene["title_size"], outline=6.0, outline_color=(0, 0, 0))
    anchor = (size.width / 2, scene["title_top"] + scene["title_size"] / 2)
    title = TextBlock(lines=lines, style=style, fonts=fonts_of(lines, style.family), anchor=anchor)
    layers = (roll, face, lambda _: Vignette(strength=0.7), lambda _: title)
    return Composition(
        format=size,
        frame_count=round(scene["seconds"] * fps),
        layers=tuple(map(Scripted, layers)),
        sound=Sound(duration_s=Fraction(scene["seconds"]), voice=avatar, music=files[scene["music"]]),
    )


def render_cells(scene: Scene, files: dict[str, AssetRef], cells: Sequence[Cell], folder: Path) -> None:
    """Write some cells as files of their numbers."""
    composition = composed(scene, files)
    with MediaPool(lambda asset: Path(asset.key)) as media:
        for cell in cells:
            (folder / f"{cell.index}.mp4").write_bytes(render_cell(composition, cell, media, STANDARD))


def render_track(scene: Scene, files: dict[str, AssetRef], out: Path) -> None:
    """Write the sound."""
    with MediaPool(lambda asset: Path(asset.key)) as media:
        render_sound(composed(scene, files), media, STANDARD, out)


def main(scene_path: Path, out: Path) -> None:
    """Render with a process for each core."""
    scene, jobs = json.loads(scene_path.read_text()), os.cpu_count() or 1
    files = {
        path: asset(path) for path in {roll["path"] for roll in scene["rolls"]} | {scene["avatar"], scene["music"]}
    }
    composition = composed(scene, files)
    cells = plan_cells(composition, STANDARD)
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        folder = Path(name)
        work = [pool.submit(render_track, scene, files, folder / "sound.m4a")]
        work += [pool.submit(render_cells, scene, files, chunk, folder) for chunk in chunks(cells, jobs)]
        for done in work:
            done.result()
        parts = [folder / f"{cell.index}.mp4" for cell in cells]
        assemble(parts, folder / "sound.m4a", out, composition.format.fps)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
