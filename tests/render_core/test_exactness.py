"""The same frame and the same cell, whoever makes them, when, and after what: with real files."""

import random
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context

import cv2
import pytest

from render_core.cells import plan_cells
from render_core.media.pool import MediaPool
from render_core.media.profiles import profile_of
from render_core.picture import Picture
from render_core.render import render_cell, render_frame, render_frames
from render_core.spec import AssetRef, Output, RenderSpec
from render_core.templates import asset_roles, build, make_spec, template_names
from tests.factories import asset, by_path, make_clip, make_image

WORDS = [{"text": word, "start": 300 * n, "end": 300 * n + 250} for n, word in enumerate("abcd")]
CONFIGS: Mapping[str, dict[str, object]] = {
    "LipSyncTemplate": {"mainText": "Headline", "captions": WORDS, "gapDuration": 0.5, "segmentDuration": 1},
    "NewsTemplate": {"introDuration": 1, "outroDuration": 1, "items": [{"headline": "One", "duration": 1}]},
    "SplitTalkingHead": {"captions": WORDS, "segmentDuration": 1},
    "PromoTemplate": {"cards": [{"title": "One"}, {"title": "Two"}], "cardDuration": 1.5, "endDuration": 1},
}
FRAMES = (0, 1, 20, 31, 47, 62, 63, 65)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[AssetRef, ...]]:
    """Something for each type of input; the clips have B-frames and a keyframe every 12."""
    folder = tmp_path_factory.mktemp("media")
    speaker = make_clip(folder / "speaker.mp4", frames=80, width=72, height=128, tone_hz=300)
    rolls = (asset(make_clip(folder / "roll.mp4", frames=25)), asset(make_image(folder / "photo.png", 200, 150)))
    return {"avatar": (asset(speaker),), "background": rolls, "cover": rolls[1:]}


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


def spec_of(template: str, files: Mapping[str, tuple[AssetRef, ...]], output: Output = "mp4") -> RenderSpec:
    assets = {
        role.name: files[role.asset_type] if role.is_many else files[role.asset_type][:1]
        for role in asset_roles(template)
        if role.asset_type in files
    }
    size = {"width": 72, "height": 128, "fps": "25"}
    return make_spec(template, assets, size | CONFIGS[template], output=output)


def frame_hashes(spec: RenderSpec, frames: Iterable[int], reader_limit: int = 3) -> dict[int, str]:
    composition = build(spec)
    with MediaPool(by_path(), reader_limit=reader_limit) as media:
        return {frame: hash_of(render_frame(composition, frame, media)) for frame in frames}


def hash_of(picture: Picture) -> str:
    return sha256(b"".join(plane.tobytes() for plane in (picture.y, picture.u, picture.v))).hexdigest()


def cell_hashes(spec: RenderSpec, order: Iterable[int], threads: int) -> dict[int, str]:
    composition, profile = build(spec), profile_of(spec.output, spec.quality)
    cells = plan_cells(composition, profile)
    cv2.setNumThreads(threads)
    with MediaPool(by_path()) as media:
        return {i: sha256(render_cell(composition, cells[i], media, profile)).hexdigest() for i in order}


@pytest.mark.parametrize("template", template_names())
def test_a_frame_depends_on_its_number_alone(template, files, elsewhere):
    spec = spec_of(template, files)
    expected = {frame: frame_hashes(spec, [frame])[frame] for frame in FRAMES}
    shuffled = random.Random(template).sample(FRAMES * 2, 2 * len(FRAMES))
    assert frame_hashes(spec, FRAMES) == expected
    assert frame_hashes(spec, shuffled, reader_limit=1) == expected
    assert elsewhere.submit(frame_hashes, spec, shuffled).result() == expected


@pytest.mark.parametrize("template", template_names())
def test_the_frames_of_a_cell_are_the_frames_of_the_video(template, files):
    spec = spec_of(template, files)
    composition = build(spec)
    cell = plan_cells(composition, profile_of("mp4", "draft"))[1]
    with MediaPool(by_path()) as media:
        made = dict(enumerate(map(hash_of, render_frames(composition, cell, media)), cell.start))
    assert {frame: made[frame] for frame in FRAMES if frame in made} == frame_hashes(spec, set(FRAMES) & set(made))


@pytest.mark.parametrize(
    ("template", "output"),
    [*((name, "mp4") for name in template_names()), ("LipSyncTemplate", "webm"), ("LipSyncTemplate", "gif")],
)
def test_a_cell_has_the_same_bytes_in_any_process_and_order(template, output, files, elsewhere):
    spec = spec_of(template, files, output)
    here = cell_hashes(spec, (0, 1), 1)
    assert elsewhere.submit(cell_hashes, spec, (1, 0), 4).result() == here
    assert cell_hashes(spec, (1,), 1)[1] == here[1]
