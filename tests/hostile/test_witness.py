"""That the witness would see it, and that the child's walls hold where its reader does not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import av
import pytest

from tests.factories import make_clip
from tests.hostile.witness import Witness, watching

_ROOT = Path(__file__).parents[2]
_READ = """
import av, os, sys
from pathlib import Path
from render_core.ingest.confine import Files, Limits, confine
script, folder = Path(sys.argv[1]), Path(sys.argv[2])
confine({parent}, Files(readable=(script,)), Limits(memory_bytes=1_500_000_000, cpu_s=10, wall_s=60))
av.open(str(script), format={format!r}, options={options}).close()
"""
_CARELESS = {"safe": "0", "protocol_whitelist": "file,http,tcp,crypto,data", "allowed_extensions": "ALL"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_clip(tmp_path / "neighbour.mp4", frames=3)
    return tmp_path


@pytest.fixture
def witness(folder: Path) -> Iterator[Witness]:
    with watching(folder) as witness:
        yield witness


def playlist(folder: Path) -> Path:
    path = folder / "script"
    path.write_text(f"ffconcat version 1.0\nfile '{folder / 'neighbour.mp4'}'\n")
    return path


def calling(folder: Path, port: int) -> Path:
    path = folder / "script"
    path.write_text(f"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n")
    return path


def confined(script: Path, form: str) -> str:
    """What a reader without any care complains of behind the child's walls."""
    code = _READ.format(parent=os.getpid(), format=form, options=_CARELESS)
    command = [sys.executable, "-c", code, str(script), str(script.parent)]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False).stderr


def test_a_neighbour_that_a_careless_reader_opens_is_seen(folder: Path, witness: Witness):
    av.open(str(playlist(folder)), format="concat", options=_CARELESS).close()
    assert "neighbour.mp4" in witness.opened()
    assert "neighbour.mp4" not in witness.opened()


def test_a_call_that_a_careless_reader_makes_is_seen(folder: Path, witness: Witness):
    with suppress(av.FFmpegError):
        av.open(str(calling(folder, witness.port)), format="hls", options=_CARELESS, timeout=1).close()
    assert witness.calls() > 0
    assert witness.calls() == 0


def test_in_the_child_the_same_reader_opens_no_neighbour(folder: Path, witness: Witness):
    assert "PermissionError" in confined(playlist(folder), "concat")
    assert witness.opened() == {"script"}


def test_in_the_child_the_same_reader_calls_nobody(folder: Path, witness: Witness):
    confined(calling(folder, witness.port), "hls")
    assert witness.calls() == 0
    assert "script" in witness.opened()
