"""Install what comes from Debian rather than PyPI, where this user may; say plainly what could not be installed.

python scripts/install_debian.py run     # shaping of text and emoji: missed, but not needed to start
python scripts/install_debian.py test    # also the servers and the browser that the tests drive: needed
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

Packages = Mapping[str, Callable[[], bool]]
"""Debian package → whether what it brings is here."""

RUN: Packages = {
    "libfribidi0": lambda: ctypes.util.find_library("fribidi") is not None,
    "fonts-noto-color-emoji": Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf").exists,
}
LACKING = {
    "libfribidi0": "letters are not kerned, and Arabic or Hindi text is refused",
    "fonts-noto-color-emoji": "emoji are refused",
}
TEST: Packages = {
    **RUN,
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/postgres")),
    "redis-server": lambda: shutil.which("redis-server") is not None,
    "chromium": lambda: shutil.which("chromium") is not None,
}


def missing(packages: Packages) -> list[str]:
    """Packages whose contents are not on this machine."""
    return [package for package, is_here in packages.items() if not is_here()]


def install(packages: list[str]) -> None:
    """Install with apt where this user may; otherwise change nothing."""
    if shutil.which("apt-get") is None:
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        with_rights = [*prefix, *command]
        if shutil.which(with_rights[0]):
            subprocess.run(with_rights, env=environment, check=False, stdout=subprocess.DEVNULL)


def main(purpose: str) -> None:
    """Install what is missing. What the tests lack ends with exit code 1; what running lacks is only told."""
    packages = {"run": RUN, "test": TEST}[purpose]
    absent = missing(packages)
    if absent:
        print(f"Installing from Debian: {', '.join(absent)}", flush=True)
        install(absent)
    absent = missing(packages)
    if not absent:
        return
    todo = f"Run as an administrator: apt-get install {' '.join(absent)}"
    if purpose == "test":
        sys.exit(
            f"The tests need these Debian packages, which could not be installed here: {', '.join(absent)}.\n{todo}"
        )
    print(*(f"Without {package} {LACKING[package]}." for package in absent), todo, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
