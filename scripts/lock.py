"""Write requirements.lock: what a fresh environment holds after installing the pins of pyproject.toml."""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADER = "# Every package with its exact version. Made by `make lock`; edit pyproject.toml instead.\n"


def main() -> None:
    """Install the pins into a throw-away environment and freeze it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        pip = [sys.executable, "-m", "pip", "--python", f"{folder}/bin/python"]
        subprocess.run([*pip, "install", "--quiet", *wanted], check=True)
        frozen = subprocess.run([*pip, "freeze", "--all"], check=True, capture_output=True, text=True).stdout
    (ROOT / "requirements.lock").write_text(HEADER + frozen)


if __name__ == "__main__":
    main()
