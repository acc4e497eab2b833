"""Compare our stills of the LipSync scene with reference stills: a table, and a sheet to look at.

The references stay beside the checkout (``../shared/references``); another folder can be given as the argument. It
holds ``lipsync_NNNN.png`` files and the ``props.json`` they were made from, with media paths relative to it.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from render_core.composition import Composition
from render_core.media.pool import MediaPool
from render_core.picture import to_rgb
from render_core.render import render_frame
from render_core.templates import build
from webapp.commands.props import read_spec

ROOT = Path(__file__).parents[1]
SHEET = ROOT / "test-artifacts" / "compare.png"
MEAN, LEAST = 0.975, 0.95
"""SSIM that the mean over all stills and each single one has to reach."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One still beside its reference; pictures are RGB, shape (height, width, 3)."""

    frame: int
    ssim: float
    reference: Pixels
    ours: Pixels


def luma(pixels: Pixels) -> NDArray[np.float64]:
    """BT.709 luma of RGB pixels, 0 … 255, shape (height, width)."""
    return np.asarray(pixels @ np.array([0.2126, 0.7152, 0.0722]), np.float64)


def ssim(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Mean structural similarity over all 8×8 windows (Wang, Bovik, Sheikh and Simoncelli, 2004)."""

    def mean(plane: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.blur(plane, (8, 8))[4:-4, 4:-4], np.float64)

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    both = mean(a * b) - mean_a * mean_b
    numerator = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float((numerator / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def compare(folder: Path) -> Iterator[Comparison]:
    """Every reference still of a folder beside ours."""
    stills = sorted(folder.glob("lipsync_*.png"))
    composition = _composition(folder, _read(stills[0]).shape[1])
    with MediaPool(lambda asset: Path(asset.key)) as media:
        for still in stills:
            reference = _read(still)
            frame = int(still.stem.rsplit("_", 1)[1])
            ours = to_rgb(render_frame(composition, frame, media))
            yield Comparison(frame, ssim(luma(reference), luma(ours)), reference, ours)


def sheet(comparisons: list[Comparison]) -> Pixels:
    """A row for each still: reference, ours, and the difference of luma, four times as strong, about grey."""
    rows = []
    for one in comparisons:
        difference = np.clip(128 + 4 * (luma(one.ours) - luma(one.reference)), 0, 255).astype(np.uint8)
        rows.append(np.hstack([one.reference, one.ours, np.dstack([difference] * 3)]))
    return np.vstack(rows)


def _composition(folder: Path, width: int) -> Composition:
    props = folder / "props.json"
    return build(read_spec(props, scale=width / build(read_spec(props)).format.width))


def main(arguments: list[str]) -> int:
    """Print the table, write the sheet; 1 when a still is too far off, 2 when there is nothing to compare with."""
    folder = Path(arguments[0]) if arguments else ROOT.parent / "shared" / "references"
    if not any(folder.glob("lipsync_*.png")):
        print(f"nothing to compare with: {folder} holds no lipsync_*.png")
        return 2
    comparisons = list(compare(folder))
    SHEET.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(SHEET), sheet(comparisons)[..., ::-1])
    return _report(comparisons)


def _report(comparisons: list[Comparison]) -> int:
    for one in comparisons:
        print(f"frame {one.frame:5d}   SSIM {one.ssim:.4f}{'' if one.ssim >= LEAST else '   too far off'}")
    values = [one.ssim for one in comparisons]
    print(f"mean {np.mean(values):.4f} (to reach {MEAN}), least {min(values):.4f} (to reach {LEAST})")
    print(f"sheet: {SHEET}")
    return 0 if np.mean(values) >= MEAN and min(values) >= LEAST else 1


def _read(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
