from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageCms

from render_core.audio.meter import integrated_loudness, true_peak_db
from render_core.errors import MediaError
from render_core.ingest.normalise import normalise_image, normalise_sound, normalise_video
from render_core.media.decode import VideoReader
from tests.factories import (
    jpeg_bytes,
    make_audio_only_mp4,
    make_clip,
    make_image,
    make_sound,
    read_number,
    sound_of,
    tone,
)


def numbers(path):
    with VideoReader(path) as reader:
        return [read_number(reader.frame(n)) for n in range(reader.index.frame_count)]


@pytest.mark.parametrize(
    "plan",
    [
        {},
        {"fps": Fraction(30000, 1001)},
        {"pix_fmt": "yuv420p10le"},
        {"codec": "libx265", "options": {"preset": "ultrafast", "x265-params": "log-level=none"}},
    ],
    ids=["h264", "ntsc", "ten bits", "hevc"],
)
def test_a_clip_keeps_its_frames(tmp_path, plan):
    out = tmp_path / "out.mp4"
    info = normalise_video(make_clip(tmp_path / "in.mp4", **plan), out)
    assert (info.width, info.height, info.frame_count) == (96, 64, 40)
    assert info.fps == plan.get("fps", 30)
    assert numbers(out) == list(range(40))


def test_a_variable_rate_becomes_constant(tmp_path):
    ticks = tuple(n * 20 + 10 * (n % 2) for n in range(40))
    out = tmp_path / "out.mp4"
    normalise_video(make_clip(tmp_path / "in.mp4", ticks=ticks, time_base=Fraction(1, 600)), out)
    with VideoReader(out) as reader:
        assert len({later - earlier for earlier, later in pairwise(reader.index.pts)}) == 1
        assert reader.index.frame_count == 40


def test_a_turned_clip_is_written_upright(tmp_path):
    out = tmp_path / "out.mp4"
    info = normalise_video(make_clip(tmp_path / "in.mp4", rotation=90), out)
    assert (info.width, info.height) == (64, 96)
    with av.open(str(out)) as container:
        assert next(container.decode(video=0)).rotation == 0


def test_there_is_a_keyframe_each_half_second_and_the_index_is_in_front(tmp_path):
    out = tmp_path / "out.mp4"
    normalise_video(make_clip(tmp_path / "in.mp4", frames=70), out)
    with VideoReader(out) as reader:
        assert [reader.index.number_of(tick) for tick in reader.index.keyframes] == [*range(0, 70, 15)]
    assert out.read_bytes().index(b"moov") < out.read_bytes().index(b"mdat")


def test_sound_stays_with_its_picture(tmp_path):
    out = tmp_path / "out.mp4"
    info = normalise_video(make_clip(tmp_path / "in.mp4", tone_hz=440.0, sound_at=0.5), out)
    assert info.has_audio
    heard = sound_of(out)
    assert np.argmax(np.abs(heard[:, 0]) > 0.1) / 48000 == pytest.approx(0.5, abs=0.01)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_a_clip_that_cannot_be_used_leaves_nothing(tmp_path):
    path, out = make_clip(tmp_path / "in.mp4", width=8, height=8), tmp_path / "out.mp4"
    with pytest.raises(MediaError, match="16 pixels"):
        normalise_video(path, out)
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_sound_is_no_clip(tmp_path):
    with pytest.raises(MediaError, match="no moving picture"):
        normalise_video(make_audio_only_mp4(tmp_path / "in.mp4"), tmp_path / "out.mp4")


def test_a_large_clip_is_made_smaller(tmp_path):
    path = make_clip(tmp_path / "in.mp4", width=4000, height=1000, frames=1, options={"preset": "ultrafast"})
    info = normalise_video(path, tmp_path / "out.mp4")
    assert (info.width, info.height) == (3840, 960)


def test_an_opaque_image_becomes_a_jpeg_without_metadata(tmp_path):
    path, out = tmp_path / "in.jpg", tmp_path / "out"
    path.write_bytes(jpeg_bytes(60, 40, orientation=6))
    assert normalise_image(path, out) == "image/jpeg"
    with Image.open(out) as image:
        assert (image.format, image.size) == ("JPEG", (40, 60))
        assert not image.getexif()
        assert image.getpixel((35, 5)) > (240, 240, 240)


def test_a_transparent_image_stays_transparent(tmp_path):
    out = tmp_path / "out"
    assert normalise_image(make_image(tmp_path / "in.png", mode="RGBA"), out) == "image/png"
    with Image.open(out) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((5, 5))[3] == 0


@pytest.mark.parametrize(
    ("size", "fitted"), [((2160, 3840), (2160, 3840)), ((4320, 4320), (2160, 2160)), ((5000, 1000), (3840, 768))]
)
def test_an_image_is_no_larger_than_any_template_needs(tmp_path, size, fitted):
    Image.new("RGB", size, (200, 20, 20)).save(tmp_path / "in.png")
    normalise_image(tmp_path / "in.png", tmp_path / "out")
    with Image.open(tmp_path / "out") as image:
        assert image.size == fitted


def test_an_embedded_colour_profile_is_applied(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    broken = tmp_path / "in.png"
    Image.new("RGB", (32, 32), (200, 20, 20)).save(broken, icc_profile=profile.tobytes())
    normalise_image(broken, tmp_path / "out")
    with Image.open(tmp_path / "out") as image:
        assert "icc_profile" not in image.info
        assert np.abs(np.array(image.getpixel((16, 16))) - (200, 20, 20)).max() <= 3


def test_grey_of_sixteen_bits_keeps_its_shades(tmp_path):
    pixels = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    Image.fromarray(pixels).save(tmp_path / "in.png")
    normalise_image(tmp_path / "in.png", tmp_path / "out")
    with Image.open(tmp_path / "out") as image:
        assert image.getpixel((32, 32))[0] == pytest.approx(128, abs=4)


def test_music_becomes_an_mp3_of_even_loudness(tmp_path):
    out = tmp_path / "out.mp3"
    info = normalise_sound(make_sound(tmp_path / "in.wav", tone(440, 4, 0.05)), out)
    heard = sound_of(out)
    assert (info.kind, info.sample_rate) == ("audio", 48000)
    assert integrated_loudness(heard) == pytest.approx(-14, abs=0.5)
    assert true_peak_db(heard) <= -1
    assert abs(len(heard) - 4 * 48000) <= 1152


def without_sound_that_decodes(path: Path) -> Path:
    """The same file, its sound's packets overwritten."""
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.audio[0]):
            if packet.size and packet.pos is not None:
                data[packet.pos + 6 : packet.pos + packet.size] = b"\xff" * (packet.size - 6)
    path.write_bytes(data)
    return path


def test_sound_of_which_nothing_can_be_decoded_is_told_as_that(tmp_path: Path):
    song = without_sound_that_decodes(make_sound(tmp_path / "song.mp3", tone(440, 1), "libmp3lame"))
    with pytest.raises(MediaError, match=r"song\.mp3: None of its sound can be decoded"):
        normalise_sound(song, tmp_path / "out")


def test_a_clip_keeps_its_picture_when_nothing_of_its_sound_can_be_decoded(tmp_path: Path):
    clip = without_sound_that_decodes(make_clip(tmp_path / "clip.mp4", frames=10, tone_hz=440))
    assert normalise_video(clip, tmp_path / "out").frame_count == 10
