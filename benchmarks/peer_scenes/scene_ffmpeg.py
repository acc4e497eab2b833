"""The simple scene as a filter graph of FFmpeg. Run by peers.py: scene.json, then the file to write."""

import json
import os
import sys
from pathlib import Path
from typing import Any

_ENCODING = "-c:v libx264 -preset veryfast -crf 23 -pix_fmt yuv420p -c:a aac -b:a 192k -movflags +faststart"


def command(scene: dict[str, Any], out: str) -> list[str]:
    """The arguments of ffmpeg."""
    inputs = [arg for roll in scene["rolls"] for arg in ("-t", str(roll["seconds"]), "-i", roll["path"])]
    inputs += ["-i", scene["avatar"], "-i", scene["music"], "-loop", "1", "-i", scene["mask"]]
    ending = ["-t", str(scene["seconds"]), "-r", str(scene["fps"]), *_ENCODING.split(), out]
    picked = ["-filter_complex", graph(scene), "-map", "[v]", "-map", "[a]"]
    return ["ffmpeg", "-y", "-v", "error", *inputs, *picked, *ending]


def graph(scene: dict[str, Any]) -> str:
    """B-roll one after the other, the speaker through a round mask over it, vignette, title; two sounds mixed."""
    count, circle, top = len(scene["rolls"]), scene["circle"], scene["title_top"]
    rolls = "".join(f"[{i}:v]" for i in range(count))
    title = (
        f"drawtext=fontfile='{scene['font']}':text='{scene['title']}':fontsize={scene['title_size']}"
        f":fontcolor=white:borderw=6:x=(w-tw)/2:y={top}"
    )
    return ";".join(
        (
            f"{rolls}concat=n={count}:v=1:a=0[roll]",
            f"[{count}:v]crop=iw:iw,scale={circle['side']}:{circle['side']}[square]",
            f"[{count + 2}:v]format=gray[mask]",
            "[square][mask]alphamerge[face]",
            f"[roll][face]overlay={circle['left']}:{circle['top']}:shortest=1,vignette,{title}[v]",
            f"[{count + 1}:a]volume=0.5[music]",
            f"[{count}:a][music]amix=inputs=2:duration=first[a]",
        )
    )


if __name__ == "__main__":
    arguments = command(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2])
    os.execvp(arguments[0], arguments)
