import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from render_core.media.decode import VideoReader
from render_core.media.probe import probe
from tests.factories import make_clip, make_sound, make_text_named_mp4, tone
from tests.landlock import run_without_landlock
from tests.webapp.product import settings_for
from tests.webapp.servers import free_port
from webapp.db import migrate
from webapp.settings import known_variables

REELGROVE = Path(sys.executable).parent / "reelgrove"
CONFIG = {"width": 180, "height": 320, "mainText": "Привет"}
ASSETS = {"lipSyncVideo": "avatar.mp4", "backgroundVideos": ["roll.mp4"], "backgroundMusic": "music.wav"}

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    make_clip(folder / "avatar.mp4", frames=75, tone_hz=300)
    make_clip(folder / "roll.mp4", frames=30)
    make_sound(folder / "music.wav", tone(220, 2.0))
    make_text_named_mp4(folder / "letter.mp4")
    return folder


@pytest.fixture
def write_props(folder: Path) -> Write:
    def write(**changes: object) -> Path:
        props: dict[str, Any] = {
            "template_name": "LipSyncTemplate",
            "user_assets": {
                "lipSyncVideo": "avatar.mp4",
                "backgroundVideos": ["roll.mp4"],
                "backgroundMusic": "music.wav",
            },
            "config": CONFIG,
        }
        path = folder / "props.json"
        path.write_text(json.dumps(props | changes))
        return path

    return write


def reelgrove(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([REELGROVE, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=240)


def test_render_writes_the_whole_video(write_props: Write, tmp_path: Path):
    done = reelgrove("render", write_props(), "-o", tmp_path / "out.mp4", "--jobs", 2, "--json")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    percents = [line["percent"] for line in lines if "percent" in line]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    info = probe(tmp_path / "out.mp4")
    assert (info.width, info.height, info.has_audio) == (180, 320, True)
    assert info.frame_count == lines[-1]["frames"]


@pytest.mark.parametrize("output", ["webm", "gif"])
def test_the_ending_of_the_file_says_what_is_wanted(write_props: Write, tmp_path: Path, output: str):
    out, poster, sprites = tmp_path / f"out.{output}", tmp_path / "p.jpg", tmp_path / "s.jpg"
    done = reelgrove("render", write_props(quality="draft"), "-o", out, "--poster", poster, "--sprites", sprites)
    assert done.returncode == 0, done.stderr
    with av.open(str(out)) as video:
        assert video.format.name == {"webm": "matroska,webm", "gif": "gif"}[output]
    assert (probe(poster).width, probe(poster).height) == (180, 320)
    assert probe(sprites).width == 2 * 90
    assert "s.jpg#xywh=90,0,90,160" in (tmp_path / "s.vtt").read_text()


def test_scale_gives_the_same_video_smaller(write_props: Write, tmp_path: Path):
    done = reelgrove("render", write_props(), "-o", tmp_path / "out.mp4", "--jobs", 1, "--scale", 0.5)
    assert done.returncode == 0, done.stderr
    info = probe(tmp_path / "out.mp4")
    assert (info.width, info.height) == (90, 160)


def test_kept_cells_give_the_same_file_without_rendering(write_props: Write, tmp_path: Path):
    props, cells = write_props(), tmp_path / "cells"
    reelgrove("render", props, "-o", tmp_path / "one.mp4", "--jobs", 1, "--cells-dir", cells)
    before = {path: path.stat().st_ino for path in cells.rglob("*") if path.is_file()}
    done = reelgrove("render", props, "-o", tmp_path / "two.mp4", "--jobs", 1, "--cells-dir", cells)
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_ino for path in cells.rglob("*") if path.is_file()} == before, "none was written anew"
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_progress_goes_to_stderr_as_plain_lines(write_props: Write, tmp_path: Path):
    done = reelgrove("render", write_props(), "-o", tmp_path / "out.mp4", "--jobs", 1)
    assert done.stderr.splitlines()[-1] == "100 %"
    assert "out.mp4" in done.stdout


def test_still_is_the_frame_of_the_video(write_props: Write, tmp_path: Path):
    done = reelgrove("still", write_props(), "--frame", 40, "-o", tmp_path / "x.png")
    assert done.returncode == 0, done.stderr
    info = probe(tmp_path / "x.png")
    assert (info.width, info.height) == (180, 320)


@pytest.mark.parametrize("name", ["x.jpg", "x.webp"])
def test_a_still_may_be_a_jpeg_or_webp(write_props: Write, tmp_path: Path, name: str):
    done = reelgrove("still", write_props(), "--frame", 40, "-o", tmp_path / name)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / name) as image:
        assert (image.format, image.size) == ({"x.jpg": "JPEG", "x.webp": "WEBP"}[name], (180, 320))


def test_variables_come_from_the_file_and_the_command_line_goes_first(write_props: Write, tmp_path: Path):
    def still(text: str, *arguments: object, **props: object) -> bytes:
        path = write_props(config=CONFIG | {"mainText": text}, **props)
        done = reelgrove("still", path, "--frame", 40, "-o", tmp_path / "x.png", *arguments)
        assert done.returncode == 0, done.stderr
        return (tmp_path / "x.png").read_bytes()

    expected = still("Hi Anna")
    assert still("Hi {{name}}", variables={"name": "Anna"}) == expected
    assert still("Hi {{ name }}", "--set", "name=Anna", variables={"name": "Bob"}) == expected


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((), "config.mainText: the variable “name” has no value"), (("--set", "name"), "--set: must be name=value")],
)
def test_variables_without_values_are_refused(write_props: Write, tmp_path: Path, arguments: tuple[str], says: str):
    props = write_props(config=CONFIG | {"mainText": "Hi {{name}}"})
    done = reelgrove("render", props, "-o", tmp_path / "x.mp4", *arguments)
    assert (done.returncode, done.stderr.startswith(f"reelgrove: {says}")) == (2, True), done.stderr


def test_captions_come_from_a_file(write_props: Write, tmp_path: Path):
    (tmp_path / "x.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nhello\n")
    out, words = tmp_path / "x.png", [{"text": "hello", "start": 1000, "end": 2000}]
    done = reelgrove("still", write_props(), "--frame", 40, "-o", out, "--captions", tmp_path / "x.srt")
    assert done.returncode == 0, done.stderr
    with_file = out.read_bytes()
    reelgrove("still", write_props(config=CONFIG | {"captions": words}), "--frame", 40, "-o", out)
    assert out.read_bytes() == with_file


def test_interrupted_render_leaves_no_file(write_props: Write, tmp_path: Path):
    command = [REELGROVE, "render", write_props(config=CONFIG | {"duration": 30}), "-o", tmp_path / "out.mp4", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=240)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_templates_are_json_schemas_for_programs():
    schemas = json.loads(reelgrove("templates", "--json").stdout)
    assert schemas["LipSyncTemplate"]["properties"]["mainText"]["maxLength"] == 120
    assert {role["name"] for role in schemas["LipSyncTemplate"]["x-assets"]} >= {"lipSyncVideo", "backgroundVideos"}


def test_doctor_reports_encoders_fonts_and_services(tmp_path: Path):
    environment = os.environ | {"REELGROVE_DATA_DIR": str(tmp_path)}
    done = subprocess.run([REELGROVE, "doctor", "--json"], env=environment, capture_output=True, text=True, check=False)
    checks = {(check["area"], check["name"]): check["is_fine"] for check in json.loads(done.stdout)}
    assert checks["encoders", "libx264"]
    assert any(area == "fonts" for area, _ in checks)
    assert checks["services", "embedded"]
    assert list(tmp_path.iterdir()) == [], "looking changes nothing"


def test_doctor_shows_the_settings_in_force_and_no_secret(tmp_path: Path):
    ours = {"REELGROVE_DATA_DIR": str(tmp_path), "REELGROVE_REDIS_URL": "redis://:hunter2@127.0.0.1:1/0"}
    ours |= {"REELGROVE_SECRET_KEY": "hunter2", "REELGROVE_S3_SECRET_KEY": "hunter2"}
    environment = os.environ | ours
    done = subprocess.run([REELGROVE, "doctor", "--json"], env=environment, capture_output=True, text=True, check=False)
    shown = {check["name"]: check["detail"] for check in json.loads(done.stdout) if check["area"] == "settings"}
    assert shown.keys() == set(known_variables())
    assert shown["REELGROVE_REDIS_URL"] == "redis://:…@127.0.0.1:1/0"
    assert shown["REELGROVE_SECRET_KEY"] == "set, not shown"
    assert "hunter2" not in done.stdout


def test_doctor_names_a_misspelt_setting(tmp_path: Path):
    environment = os.environ | {"REELGROVE_DATA_DIR": str(tmp_path), "REELGROVE_RAY_CPU": "2"}
    done = subprocess.run([REELGROVE, "doctor", "--json"], env=environment, capture_output=True, text=True, check=False)
    [wrong] = [check for check in json.loads(done.stdout) if check["area"] == "settings"]
    assert (done.returncode, wrong["is_fine"]) == (1, False)
    assert "did you mean REELGROVE_RAY_CPUS?" in wrong["detail"]


@pytest.mark.parametrize(
    ("demanded", "told"), [("true", "uploads are not read here"), ("", "uploads are read without it")]
)
def test_doctor_says_that_uploads_cannot_be_walled_in(tmp_path: Path, demanded: str, told: str):
    variables = {"REELGROVE_DATA_DIR": str(tmp_path)} | ({"REELGROVE_REQUIRE_LANDLOCK": demanded} if demanded else {})
    done = run_without_landlock(str(REELGROVE), "doctor", "--json", **variables)
    [check] = [check for check in json.loads(done.stdout) if check["name"] == "landlock"]
    assert not check["is_fine"]
    assert told in check["detail"]


def test_doctor_says_that_nobody_renders(tmp_path: Path):
    migrate(settings_for(tmp_path))
    environment = os.environ | {"REELGROVE_DATA_DIR": str(tmp_path)}
    done = subprocess.run([REELGROVE, "doctor"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "none is running, so renders stay queued" in done.stdout


BAD: list[tuple[dict[str, Any], str]] = [
    ({"template_name": "NoSuch"}, "template_name"),
    ({"surprise": 1}, "surprise"),
    ({"user_assets": {}}, "lipSyncVideo"),
    ({"user_assets": {"lipSyncVideo": "nowhere.mp4"}}, "user_assets.lipSyncVideo"),
    ({"user_assets": {"lipSyncVideo": "letter.mp4"}}, "user_assets.lipSyncVideo"),
    ({"user_assets": {"lipSyncVideo": "x" * 5000}}, "user_assets.lipSyncVideo"),
    ({"user_assets": {"lipSyncVideo": "a\0b.mp4"}}, "user_assets.lipSyncVideo"),
    ({"user_assets": {"lipSyncVideo": "a\nb.mp4"}}, "user_assets.lipSyncVideo"),
    ({"user_assets": {"lipSyncVideo": "music.wav"}}, "user_assets.lipSyncVideo"),
    ({"user_assets": {"lipSyncVideo": 5}}, "user_assets.lipSyncVideo"),
    ({"config": CONFIG | {"vignetteStrength": 1.5}}, "config.vignetteStrength"),
    ({"config": CONFIG | {"mainText": "x" * 10_000}}, "config.mainText"),
    ({"config": CONFIG | {"noSuchKey": 1}}, "config.noSuchKey"),
    ({"config": CONFIG | {"musicVolume": float("nan")}}, "config.musicVolume"),
    ({"config": CONFIG | {"duration": float("inf")}}, "config.duration"),
    ({"user_assets": {"lipSyncVideo": float("-inf")}}, "user_assets.lipSyncVideo"),
    ({"variables": {"name": float("nan")}}, "variables"),
    ({"config": []}, "config"),
]


@pytest.mark.parametrize(("changes", "named"), BAD, ids=[named + str(i) for i, (_, named) in enumerate(BAD)])
def test_bad_input_is_one_clear_line_and_exit_code_2(
    changes: dict[str, Any], named: str, write_props: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from webapp import cli

    arguments = ["render", str(write_props(**changes)), "-o", str(tmp_path / "out.mp4")]
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    errors = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 2
    assert len(errors) == 1
    assert named in errors[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "output", "sentence"),
    [
        ("render", ".", "must end in .mp4"),
        ("render", "out.mov", "must end in .mp4, .webm or .gif"),
        ("render", "folder.mp4", "is a folder"),
        ("render", "nowhere/out.mp4", "there is no folder"),
        ("render", "/proc/out.mp4", "cannot be written in /proc"),
        ("render", "x" * 300 + ".mp4", "File name too long"),
        ("still", "/proc/out.png", "cannot be written in /proc"),
    ],
)
def test_what_cannot_be_written_is_said_before_rendering(
    command: str, output: str, sentence: str, write_props: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from webapp import cli

    (tmp_path / "folder.mp4").mkdir()
    more = ["--frame", "0"] if command == "still" else []
    with pytest.raises(SystemExit) as stopped:
        cli.main([command, str(write_props()), "-o", str(tmp_path / output), *more])
    assert stopped.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert sentence in line


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--poster", "x.png", "--poster: must end in .jpg"),
        ("--sprites", "x.gif", "--sprites: must end in .jpg"),
        ("--poster", "nowhere/x.jpg", "--poster: there is no folder"),
    ],
)
def test_pictures_that_cannot_be_written_are_said_before_rendering(
    option: str, value: str, sentence: str, write_props: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from webapp import cli

    with pytest.raises(SystemExit) as stopped:
        cli.main(["render", str(write_props()), "-o", str(tmp_path / "out.mp4"), option, str(tmp_path / value)])
    assert stopped.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert sentence in line


def test_a_gif_that_would_be_too_long_is_refused_with_its_limit(
    write_props: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from webapp import cli

    props = write_props(config=CONFIG | {"duration": 30.5})
    with pytest.raises(SystemExit) as stopped:
        cli.main(["render", str(props), "-o", str(tmp_path / "out.gif")])
    assert stopped.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "a GIF lasts 30 s at most, and this video lasts 30.5 s" in line


def test_a_folder_for_cells_that_cannot_be_made_is_named(write_props: Write, tmp_path: Path):
    (tmp_path / "file").touch()
    done = reelgrove("render", write_props(), "-o", tmp_path / "out.mp4", "--cells-dir", tmp_path / "file")
    assert done.returncode == 2
    assert "--cells-dir" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("REELGROVE_ENV", "elsewhere", 2),
        ("REELGROVE_RAY_CPUS", "many", 2),
        ("REELGROVE_DATA_DIR", "/proc/nowhere", 1),
        ("REELGROVE_REDIS_URL", "redis://:secret@127.0.0.1:1/0", 1),
    ],
)
def test_settings_that_cannot_be_are_named_in_one_line(variable: str, value: str, code: int, tmp_path: Path):
    environment = os.environ | {"REELGROVE_DATA_DIR": str(tmp_path), "PORT": str(free_port()), variable: value}
    done = subprocess.run([REELGROVE, "up"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == 1
    assert value in done.stderr or variable in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00\xff", "[" * 100_000], ids=range(5))
def test_props_that_are_no_object_are_named(text: str, tmp_path: Path):
    (tmp_path / "props.json").write_text(text, encoding="latin-1")
    done = reelgrove("still", tmp_path / "props.json", "--frame", 0, "-o", tmp_path / "x.png")
    assert done.returncode == 2
    assert "props.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_frame_behind_the_end_names_the_last_one(write_props: Write, tmp_path: Path):
    done = reelgrove("still", write_props(), "--frame", 100_000, "-o", tmp_path / "x.png")
    assert done.returncode == 2
    assert "--frame" in done.stderr


def test_rendered_frames_can_be_read(write_props: Write, tmp_path: Path):
    reelgrove("render", write_props(), "-o", tmp_path / "out.mp4", "--jobs", 1)
    with VideoReader(tmp_path / "out.mp4") as reader:
        assert reader.frame(reader.index.frame_count - 1).width == 180
