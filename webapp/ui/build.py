"""Builds the front end, and only when something it is made of has changed."""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from render_core.text.fonts import font_families

ROOT = Path(__file__).resolve().parents[2]
_SOURCES = (
    "rxconfig.py",
    "assets",
    "reflex.lock",
    "webapp/webapp.py",
    "webapp/ui",
    "webapp/assets/kinds.py",
    "webapp/templates/showcase.py",
    "render_core/templates",
)
_IGNORED = {"__pycache__", "external"}


class FrontendBuildError(RuntimeError):
    """The export failed; the text is the end of its output."""


def build_frontend(web_dir: Path | None = None) -> bool:
    """Export the front end into ``web_dir`` (default ``.web``); False when what is there is already right.

    One build serves any port and host: see ``webapp.ui.origin``.
    """
    web_dir = web_dir or ROOT / ".web"
    stamp = web_dir / "reelgrove.stamp"
    if stamp.exists() and stamp.read_text("utf-8") == source_digest() and (web_dir / "build" / "client").is_dir():
        return False
    stamp.unlink(missing_ok=True)
    _export(web_dir)
    stamp.write_text(source_digest(), "utf-8")  # taken now: the export may have written the lock
    return True


def source_digest() -> str:
    """Hex digest of all that the bundle is made of: our sources, the lock, Reflex's version, the fonts to choose."""
    digest = hashlib.sha256(" ".join([version("reflex"), *font_families()]).encode())
    for path in sorted(_source_files()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _source_files() -> list[Path]:
    found: list[Path] = []
    for name in _SOURCES:
        path = ROOT / name
        found += [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return [path for path in found if not _IGNORED.intersection(path.parts)]


def _export(web_dir: Path) -> None:
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    done = subprocess.run(  # noqa: S603 - our own interpreter with fixed arguments
        command, cwd=ROOT, env=export_environment(web_dir), capture_output=True, text=True, check=False
    )
    if done.returncode or not (web_dir / "build" / "client").is_dir():
        raise FrontendBuildError((done.stdout + done.stderr)[-4000:])


def export_environment(web_dir: Path) -> dict[str, str]:
    """The environment of the export: bun from this virtual environment, the registry that npm is set to."""
    environment = dict(os.environ)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    environment["REFLEX_WEB_WORKDIR"] = str(web_dir)
    environment["REFLEX_TELEMETRY_ENABLED"] = environment["REFLEX_CHECK_LATEST_VERSION"] = "false"
    if "NPM_CONFIG_REGISTRY" not in environment and (registry := _npm_registry()):
        environment["NPM_CONFIG_REGISTRY"] = registry
    return environment


def _npm_registry() -> str | None:
    npm = shutil.which("npm")
    if npm is None:
        return None
    asked = subprocess.run([npm, "config", "get", "registry"], capture_output=True, text=True, check=False)  # noqa: S603 - npm from PATH
    return asked.stdout.strip() or None


if __name__ == "__main__":
    print("built" if build_frontend() else "up to date")  # noqa: T201 - a command's answer
