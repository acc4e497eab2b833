from fractions import Fraction

import pytest
from PIL import Image

from render_core.errors import MediaError
from render_core.media.concat import concat
from render_core.media.encode import HIGH, encode_cell
from render_core.media.probe import probe
from render_core.spec import MediaInfo, VideoFormat
from tests.factories import (
    jpeg_bytes,
    make_audio_only_mp4,
    make_clip,
    make_image,
    make_sound,
    make_text_named_mp4,
    numbered_picture,
    tone,
)
from tests.sounds import drummed


def test_a_clip_tells_its_exact_numbers(tmp_path):
    info = probe(make_clip(tmp_path / "a.mp4", fps=Fraction(30000, 1001), tone_hz=440.0))
    assert (info.kind, info.width, info.height, info.frame_count) == ("video", 96, 64, 40)
    assert info.fps == Fraction(30000, 1001)
    assert info.duration_s == Fraction(40 * 1001, 30000)
    assert (info.has_audio, info.sample_rate) == (True, 48000)


def test_a_silent_clip_says_so(tmp_path):
    assert not probe(make_clip(tmp_path / "a.mp4")).has_audio


@pytest.mark.parametrize(("rotation", "size"), [(0, (96, 64)), (90, (64, 96)), (180, (96, 64)), (-90, (64, 96))])
def test_the_size_is_as_displayed(tmp_path, rotation, size):
    info = probe(make_clip(tmp_path / "a.mp4", rotation=rotation))
    assert (info.width, info.height) == size


def test_a_variable_rate_is_measured(tmp_path):
    ticks = tuple(n * 20 + (n % 3) * 5 for n in range(40))
    info = probe(make_clip(tmp_path / "a.mp4", ticks=ticks, time_base=Fraction(1, 600)))
    assert info.frame_count == 40
    assert info.fps is not None
    assert abs(info.fps - 30) < 1


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_an_image_tells_its_size_whatever_its_name(tmp_path, name):
    path = make_image(tmp_path / name).rename(tmp_path / "renamed.mp4")
    info = probe(path)
    assert (info.kind, info.width, info.height, info.duration_s) == ("image", 64, 48, 0)


def test_the_cameras_orientation_is_applied(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg_bytes(60, 40, orientation=6))
    info = probe(path)
    assert (info.width, info.height) == (40, 60)


@pytest.mark.parametrize(("name", "codec"), [("a.wav", "pcm_s16le"), ("a.mp3", "libmp3lame"), ("a.m4a", "aac")])
def test_a_sound_tells_its_length(tmp_path, name, codec):
    info = probe(make_sound(tmp_path / name, tone(440, 2), codec))
    assert (info.kind, info.has_audio, info.sample_rate) == ("audio", True, 48000)
    assert abs(info.duration_s - 2) < Fraction(6, 100)


def test_sound_in_an_mp4_is_sound(tmp_path):
    assert probe(make_audio_only_mp4(tmp_path / "voice.mp4")).kind == "audio"


def empty(path):
    path.write_bytes(b"")


def cut_off_in_front(path):
    path.write_bytes(make_clip(path.with_name("whole.mp4")).read_bytes()[:3000])


def cut_off_behind(path):
    video_format = VideoFormat(width=96, height=64, fps=Fraction(30))
    cell = path.with_name("cell.mp4")
    cell.write_bytes(encode_cell((numbered_picture(n) for n in range(40)), video_format, HIGH))
    concat([cell], None, path, video_format.fps)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])


def scripted(path):
    path.write_text(f"ffconcat version 1.0\nfile {path.parent / 'neighbour.mp4'}\n")


def session(path):
    path.write_text("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (empty, "The file is empty"),
        (make_text_named_mp4, "no media file"),
        (cut_off_in_front, "cut off"),
        (cut_off_behind, "The file is cut off"),
        (scripted, "no media file"),
        (session, "no media file"),
    ],
)
def test_what_is_no_media_file_is_refused_with_a_sentence(tmp_path, spoil, sentence):
    make_clip(tmp_path / "neighbour.mp4")
    path = tmp_path / "upload.mp4"
    spoil(path)
    with pytest.raises(MediaError, match=sentence) as caught:
        probe(path)
    assert str(caught.value).startswith("upload.mp4: ")
    assert str(tmp_path) not in str(caught.value)


def test_a_picture_of_an_unknown_coding_is_refused(tmp_path):
    path = make_clip(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"xvc9"))
    with pytest.raises(MediaError, match="no picture or sound in it that can be read"):
        probe(path)


def test_sound_of_an_unknown_coding_is_no_sound(tmp_path):
    path = make_clip(tmp_path / "a.mp4", tone_hz=440.0)
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"xp4a").replace(b"esds", b"xsds"))
    info = probe(path)
    assert (info.kind, info.has_audio) == ("video", False)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(MediaError, match="not there"):
        probe(tmp_path / "nothing.mp4")


def test_an_enormous_picture_is_refused_by_its_header(tmp_path):
    path = make_clip(tmp_path / "a.mp4", width=8192, height=4096, frames=1, options={"preset": "ultrafast"})
    with pytest.raises(MediaError, match="8192×4096"):
        probe(path)


def test_an_enormous_image_is_refused_by_its_header(tmp_path):
    path = tmp_path / "a.png"
    Image.new("1", (8000, 6000)).save(path)
    with pytest.raises(MediaError, match="40 million pixels"):
        probe(path)


def test_a_cut_image_is_refused(tmp_path):
    path = make_image(tmp_path / "a.jpg", 400, 300)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(MediaError, match="damaged or cut off"):
        probe(path)


@pytest.mark.shared_media
def test_real_clips_are_understood(shared_media):
    info = probe(shared_media / "avatar.mp4")
    assert (info.width, info.height, info.frame_count, info.fps) == (1080, 1920, 900, 30)


def test_a_clip_tells_when_somebody_speaks(tmp_path):
    info = probe(make_clip(tmp_path / "a.mp4", frames=120, tone_hz=440.0, sound_at=2.0))
    ((start, end),) = info.speech
    assert abs(start - 2000) < 60
    assert abs(end - 4000) < 60
    assert info.beat is None


def test_music_tells_its_beat(tmp_path):
    moments = [0.5 * beat for beat in range(20)]
    info = probe(make_sound(tmp_path / "a.mp3", drummed(moments, 10), "libmp3lame"))
    assert info.beat is not None
    assert float(info.beat.period_s) == pytest.approx(0.5, abs=0.001)
    assert min(float(info.beat.first_s), 0.5 - float(info.beat.first_s)) < 0.02


def test_who_does_not_want_to_listen_need_not(tmp_path):
    path = make_clip(tmp_path / "a.mp4", frames=120, tone_hz=440.0)
    assert probe(path, is_heard=False) == probe(path).model_copy(update={"speech": ()})


def test_what_was_heard_survives_json_and_older_rows_have_nothing(tmp_path):
    info = probe(make_sound(tmp_path / "a.wav", drummed([0.5 * beat for beat in range(20)], 10)))
    assert MediaInfo.model_validate_json(info.model_dump_json()) == info
    older = {name: value for name, value in info.model_dump(mode="json").items() if name not in {"speech", "beat"}}
    assert (MediaInfo.model_validate(older).speech, MediaInfo.model_validate(older).beat) == ((), None)
