"""Six seconds of real clips, from the upload to the finished file, through a real Ray."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.container import InputContainer

from render_core.audio.meter import integrated_loudness
from tests.factories import sound_of
from tests.webapp.product import Media, Product, settings_for
from tests.webapp.renders.dispatching import dispatcher, until_ended
from webapp.container import build_container
from webapp.db import migrate
from webapp.models import AssetType, RenderStatus
from webapp.renders.files import open_download
from webapp.renders.views import RenderOrder

pytestmark = [pytest.mark.ray, pytest.mark.shared_media]

SECONDS, FPS = 6, 30
FRAMES = SECONDS * FPS


@pytest.fixture(scope="module")
def video(shared_media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished file."""
    folder = tmp_path_factory.mktemp("real")
    settings = settings_for(folder / "data")
    migrate(settings)
    container = build_container(settings)
    clip = beginning(shared_media / "avatar.mp4", folder / "avatar.mp4")
    music = beginning(shared_media / "music.mp3", folder / "music.mp3")
    product = Product(container, Media(clip, clip, shared_media / "cover.png", music))
    ann = product.user("ann")
    assets = {
        "lipSyncVideo": product.upload(ann, clip).id,
        "coverImage": product.upload(ann, product.media.cover, AssetType.COVER).id,
        "backgroundMusic": product.upload(ann, product.media.music, AssetType.MUSIC).id,
        "backgroundVideos": [product.upload(ann, shared_media / "bg1.mp4", AssetType.BACKGROUND).id],
    }
    config = {"duration": SECONDS, "mainText": "ПЕРСОНАЛЬНЫЙ ТЕКСТ"}
    queued = product.render(ann, RenderOrder(template_name="LipSyncTemplate", user_assets=assets, config=config))
    with dispatcher(product, folder / "log"):
        ended = until_ended(product, ann, queued, folder / "log")
    assert ended.status is RenderStatus.COMPLETED, ended.error
    file = product.do(lambda session: open_download(session, ann, queued.id))
    path = container.objects.materialise(file.key)
    container.close()
    return path


def beginning(whole: Path, part: Path) -> Path:
    """As much of a recording as is used, its packets as they are."""
    with av.open(str(whole)) as source, av.open(str(part), "w") as target:
        taken = [*source.streams.video, *source.streams.audio]
        streams = {stream.index: target.add_stream_from_template(stream) for stream in taken}
        for packet in source.demux(taken):
            if packet.dts is not None and packet.dts * packet.time_base < SECONDS + 1:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    return part


@pytest.fixture
def container(video: Path) -> Iterator[InputContainer]:
    with av.open(str(video)) as container:
        yield container


def test_frames_are_all_there_and_evenly_spaced(container: InputContainer):
    stream = container.streams.video[0]
    times = [frame.pts * stream.time_base for frame in container.decode(stream)]
    assert times == [Fraction(n, FPS) for n in range(FRAMES)]


def test_size_and_colour_are_as_asked(container: InputContainer):
    codec = container.streams.video[0].codec_context
    assert (codec.width, codec.height, codec.pix_fmt) == (1080, 1920, "yuv420p")
    assert (codec.color_primaries, codec.color_trc, codec.colorspace, codec.color_range) == (1, 1, 1, 1)  # bt709, tv


def test_sound_is_as_long_as_the_picture(container: InputContainer):
    stream = container.streams.audio[0]
    assert (stream.codec_context.name, stream.sample_rate, stream.channels) == ("aac", 48000, 2)
    assert abs(stream.duration * stream.time_base - SECONDS) <= Fraction(1024, 48000)


def test_sound_is_heard(video: Path):
    assert -15 < integrated_loudness(sound_of(video)) < -13


def test_no_frame_is_black(container: InputContainer):
    lumas = [float(np.mean(frame.reformat(format="gray8").to_ndarray())) for frame in container.decode(video=0)]
    assert min(lumas) > 40
    assert len(lumas) == FRAMES
