"""Install the servers and the browser that the tests drive, and say plainly what could not be installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = {
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/postgres")),
    "redis-server": lambda: shutil.which("redis-server") is not None,
    "chromium": lambda: shutil.which("chromium") is not None,
    "fonts-noto-core": lambda: Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf").exists(),
}
"""Debian package → whether what it brings is here."""


def missing() -> list[str]:
    """Packages whose programs are not on this machine."""
    return [package for package, is_here in NEEDED.items() if not is_here()]


def install(packages: list[str]) -> None:
    """Install with apt where this user may; otherwise change nothing."""
    if shutil.which("apt-get") is None:
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        subprocess.run([*prefix, *command], env=environment, check=False, stdout=subprocess.DEVNULL)


def main() -> None:
    """Install what is missing; exit with 1 and the list when something still is."""
    absent = missing()
    if absent:
        print(f"Installing for the tests: {', '.join(absent)}", flush=True)
        install(absent)
    absent = missing()
    if absent:
        sys.exit(
            f"The tests need these Debian packages, which could not be installed here: {', '.join(absent)}.\n"
            f"Run as an administrator: apt-get install {' '.join(absent)}"
        )


if __name__ == "__main__":
    main()
