"""`reelgrove web`, `dispatch` and `migrate`: one process of a deployment each, where a cluster keeps them running."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

from render_core.errors import InvalidInputError
from webapp.db import migrate
from webapp.metrics import FOLDER_VARIABLE
from webapp.settings import load_settings
from webapp.ui.build import ROOT
from webapp.ui.serve import web_command


def serve_web(host: str, workers: int) -> NoReturn:
    """Become the web server on ``REELGROVE_PORT``; the front end must have been built.

    Raises:
        InvalidInputError: Several workers without Redis, or no front end.
    """
    settings = load_settings()
    redis_url = settings.redis.redis_url
    if workers > 1 and not redis_url:
        raise InvalidInputError("workers", "several web processes need Redis: set REELGROVE_REDIS_URL or start one")
    if not (ROOT / ".web" / "build" / "client").is_dir():
        raise InvalidInputError("front end", "it is not built: run `python -m webapp.ui.build` first")
    scratch = settings.app.data_dir / "web"
    argv, environment = web_command(settings.app.port, workers, host=host, redis_url=redis_url, scratch=scratch)
    if workers > 1:
        environment |= _shared_figures(scratch / "figures")
    os.execve(argv[0], argv, os.environ | environment)  # noqa: S606 - our own interpreter with fixed arguments


def _shared_figures(folder: Path) -> dict[str, str]:
    """Where the processes keep what they count, so that each can tell the sum; what others have left goes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {FOLDER_VARIABLE: str(folder.absolute())}


def dispatch() -> int:
    """Dispatch renders until SIGTERM. Returns the exit code."""
    from webapp.renders.dispatch import main  # Ray takes a second to load

    return main()


def migrate_database() -> None:
    """Bring the database to the newest revision."""
    migrate(load_settings())
