"""How the web server is started in production mode: the one place that knows Reflex's internal switches."""

import sys
from pathlib import Path

from webapp.ui.build import ROOT, export_environment

_DEV_WEB = ".web-dev"


def web_command(
    port: int, workers: int = 1, *, host: str = "127.0.0.1", redis_url: str = "", scratch: Path | None = None
) -> tuple[list[str], dict[str, str]]:
    """The program and the environment to add to one's own, for a front end that ``build_frontend`` has made.

    Args:
        port: Where to listen.
        workers: Processes; more than one needs ``redis_url``, through which they share the state of the tabs.
        host: Address to bind; the loopback unless said otherwise.
        redis_url: Keeps the state of the tabs; without it they live in files below ``scratch``.
        scratch: Folder for what may be lost at any time.
    """
    if workers > 1 and not redis_url:
        raise ValueError("several web processes need Redis: set REELGROVE_REDIS_URL or start one process")
    argv = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--no-access-log"]
    argv += ["--host", host, "--port", str(port), "--workers", str(workers), "--working-dir", str(ROOT)]
    argv += ["--respawn-failed-workers", "--workers-kill-timeout", "2", "webapp.webapp:app"]
    switches = {
        "REFLEX_ENV_MODE": "prod",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        "__REFLEX_SKIP_COMPILE": "true",
        "REFLEX_WEB_WORKDIR": str(ROOT / ".web"),  # wherever the program is started
    }
    return argv, switches | _tabs(redis_url, scratch)


def dev_command(port: int, *, redis_url: str = "", scratch: Path | None = None) -> tuple[list[str], dict[str, str]]:
    """The same with hot reload on the same single port; builds into a folder of its own, for one's own machine only."""
    argv = [sys.executable, "-m", "reflex", "run", "--env", "preview"]
    argv += ["--backend-port", str(port), "--frontend-port", str(port), "--backend-host", "127.0.0.1"]
    return argv, export_environment(ROOT / _DEV_WEB) | _tabs(redis_url, scratch)


def _tabs(redis_url: str, scratch: Path | None) -> dict[str, str]:
    """Where the state of the tabs is kept."""
    environment = {"REFLEX_TELEMETRY_ENABLED": "false", "REFLEX_CHECK_LATEST_VERSION": "false"}
    if redis_url:
        environment["REFLEX_REDIS_URL"] = redis_url
    if scratch is not None:
        environment["REFLEX_STATES_WORKDIR"] = str(scratch.absolute() / "tabs")
        environment["REFLEX_UPLOADED_FILES_DIR"] = str(scratch.absolute() / "unused")
    return environment
