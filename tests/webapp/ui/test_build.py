"""The front end: built once for every address, again only when something has changed."""

from pathlib import Path

import pytest

from webapp.ui.build import ROOT, build_frontend, export_environment, source_digest
from webapp.ui.origin import BundleFormatError, SameOriginPlugin, follow_page
from webapp.ui.serve import dev_command, web_command

_CHUNK = 'var e={PING:"http://localhost:8000/ping",EVENT:`ws://localhost:8000/_event`,TRANSPORT:"websocket"};'


def test_endpoints_follow_the_page():
    script = follow_page(_CHUNK)
    assert "localhost:8000" not in script
    assert script.count("window.location.origin") == 2
    assert '+"/_event"' in script


def test_a_bundle_without_endpoints_is_an_error():
    with pytest.raises(BundleFormatError):
        follow_page("var e={};")


def test_only_one_chunk_may_hold_the_endpoints(tmp_path: Path):
    (tmp_path / "assets").mkdir()
    chunk = tmp_path / "assets" / "reflex-env-x.js"
    chunk.write_text(_CHUNK)
    SameOriginPlugin().post_build(static_dir=tmp_path)
    assert "localhost:8000" not in chunk.read_text()
    (tmp_path / "assets" / "reflex-env-y.js").write_text(_CHUNK)
    with pytest.raises(BundleFormatError):
        SameOriginPlugin().post_build(static_dir=tmp_path)


def test_what_is_built_is_not_built_again(tmp_path: Path):
    (tmp_path / "build" / "client").mkdir(parents=True)
    (tmp_path / "reelgrove.stamp").write_text(source_digest())
    assert not build_frontend(tmp_path)


def test_the_digest_knows_the_sources_of_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    page = tmp_path / "rxconfig.py"
    page.write_text("one")
    monkeypatch.setattr("webapp.ui.build.ROOT", tmp_path)
    before = source_digest()
    page.write_text("two")
    assert source_digest() != before


def test_the_export_finds_bun_in_this_environment_and_calls_nobody(tmp_path: Path):
    environment = export_environment(tmp_path)
    assert (Path(environment["PATH"].split(":")[0]) / "bun").exists()
    assert environment["REFLEX_WEB_WORKDIR"] == str(tmp_path)
    assert environment["REFLEX_TELEMETRY_ENABLED"] == "false"


def test_the_server_runs_the_compiled_front_end_on_the_loopback():
    argv, environment = web_command(4000, redis_url="redis://r")
    assert argv[argv.index("--port") + 1] == "4000"
    assert argv[argv.index("--host") + 1] == "127.0.0.1"
    assert argv[argv.index("--working-dir") + 1] == str(ROOT)
    assert environment["__REFLEX_SKIP_COMPILE"] == environment["__REFLEX_MOUNT_FRONTEND_COMPILED_APP"] == "true"
    assert environment["REFLEX_REDIS_URL"] == "redis://r"


def test_several_processes_need_redis():
    with pytest.raises(ValueError, match="REELGROVE_REDIS_URL"):
        web_command(4000, 2)


def test_the_development_server_leaves_the_built_front_end_alone():
    _argv, environment = dev_command(4000)
    assert environment["REFLEX_WEB_WORKDIR"] != str(ROOT / ".web")
