import json
from pathlib import Path

import pytest

from render_core.errors import InvalidInputError
from render_core.templates import roles_to_hear
from render_core.text.subtitles import timed_words
from tests.factories import make_clip, make_sound
from tests.sounds import drummed
from webapp.commands.props import read_spec

SRT = "1\n00:00:01,000 --> 00:00:02,000\nпривет\n"
FILES = {"lipSyncVideo": "avatar.mp4", "backgroundMusic": "music.wav"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("props")
    make_clip(folder / "avatar.mp4", frames=75, tone_hz=300)
    make_sound(folder / "music.wav", drummed([0.5 * beat for beat in range(16)], 8))
    return folder


def props(folder: Path, template: str = "LipSyncTemplate", assets: object = FILES, **config: object) -> Path:
    path = folder / "props.json"
    path.write_text(json.dumps({"template_name": template, "user_assets": assets, "config": config}))
    return path


@pytest.mark.parametrize(
    "data", [SRT.encode(), SRT.encode("utf-8-sig"), SRT.encode("utf-16")], ids=["utf-8", "with a mark", "utf-16"]
)
def test_captions_come_from_a_file(folder: Path, tmp_path: Path, data: bytes):
    (tmp_path / "x.srt").write_bytes(data)
    spec = read_spec(props(folder, captions=[{"text": "old", "start": 0, "end": 1}]), captions=tmp_path / "x.srt")
    assert spec.config["captions"] == []
    assert [word.text for word in timed_words(spec.config["captionText"], ())] == ["привет"]


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        (None, "--captions", "cannot be read: No such file"),
        ("привет".encode("cp1251"), "--captions", "no UTF-8 text; save it as UTF-8"),
        (b"1\n00:00:01 --> oops\nx", "config.captionText", "line 2: “oops” is no time"),
    ],
)
def test_captions_that_cannot_be_read_are_refused(
    folder: Path, tmp_path: Path, data: bytes | None, field: str, says: str
):
    path = tmp_path / "x.srt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InvalidInputError) as caught:
        read_spec(props(folder), captions=path)
    assert caught.value.field == field
    assert says in caught.value.problem


def test_templates_without_captions_say_so(folder: Path, tmp_path: Path):
    (tmp_path / "x.srt").write_text(SRT)
    with pytest.raises(InvalidInputError, match="there is no such setting"):
        read_spec(props(folder, "PromoTemplate", {}), captions=tmp_path / "x.srt")


def test_files_are_listened_to_only_where_it_matters(folder: Path):
    plain, captioned = read_spec(props(folder)), read_spec(props(folder, captionText="hello there"))
    assert plain.assets["lipSyncVideo"][0].info.speech == ()
    assert captioned.assets["lipSyncVideo"][0].info.speech
    music = {"backgroundMusic": "music.wav"}
    calm = read_spec(props(folder, "PromoTemplate", music, cutOnBeat=False, cards=[{"title": "One"}]))
    beaten = read_spec(props(folder, "PromoTemplate", music, cards=[{"title": "One"}]))
    assert calm.assets["backgroundMusic"][0].info.beat is None
    assert beaten.assets["backgroundMusic"][0].info.beat is not None


@pytest.mark.parametrize(
    ("template", "config", "roles"),
    [
        ("LipSyncTemplate", {}, set()),
        ("LipSyncTemplate", {"captionText": "x"}, {"lipSyncVideo"}),
        ("SplitTalkingHead", {"captionText": "x"}, {"avatarVideo"}),
        ("PromoTemplate", {}, {"backgroundMusic"}),
        ("PromoTemplate", {"cutOnBeat": False}, set()),
        ("NewsTemplate", {}, set()),
    ],
)
def test_what_must_be_listened_to_follows_from_the_settings(template: str, config: dict[str, object], roles: set[str]):
    assert roles_to_hear(template, config) == roles
