"""`reelgrove doctor`: what is installed, which services answer, which fonts and encoders there are."""

import platform
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rich.console import Console

from render_core.errors import InvalidInputError
from webapp.settings import Settings, load_settings
from webapp.variables import shown, variable_of

PACKAGES = ("av", "numpy", "opencv-python-headless", "pillow", "ray", "reflex", "fastapi", "sqlmodel", "redis", "boto3")
ENCODERS = ("libx264", "aac", "libvpx-vp9", "libopus", "gif", "libmp3lame")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at.

    Attributes:
        detail: What was found, or what is wrong and what to do.
    """

    area: str
    name: str
    is_fine: bool
    detail: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def examine() -> list[Check]:
    """Look at everything; nothing is changed."""
    installed = [*_machine(), *_packages(), *_encoders(), *_fonts()]
    try:
        settings = load_settings()
    except InvalidInputError as error:
        return [*installed, Check(area="settings", name=error.field, is_fine=False, detail=error.problem)]
    return [*installed, *_settings(settings), *_walls(settings), *_keys_of_storage(settings), *_services(settings)]


def print_report(checks: Iterable[Check]) -> None:
    """Print the checks by area."""
    console = Console()
    area = ""
    for check in checks:
        if check.area != area:
            area = check.area
            console.print(f"\n[bold]{area}[/bold]")
        mark = "[green]ok[/green] " if check.is_fine else "[red]bad[/red]"
        console.print(f"  {mark} {check.name:<32} {check.detail}", highlight=False, soft_wrap=True)


def _machine() -> Iterable[Check]:
    free_gb = shutil.disk_usage(".").free / 1e9
    yield Check(
        area="machine", name="python", is_fine=True, detail=f"{platform.python_version()} on {platform.system()}"
    )
    enough = free_gb > 1
    detail = f"{free_gb:.0f} GB free" if enough else f"only {free_gb:.1f} GB free: renders need room"
    yield Check(area="machine", name="disk", is_fine=enough, detail=detail)


def _packages() -> Iterable[Check]:
    for name in PACKAGES:
        try:
            yield Check(area="packages", name=name, is_fine=True, detail=version(name))
        except PackageNotFoundError:
            yield Check(area="packages", name=name, is_fine=False, detail="missing: run make setup")


def _encoders() -> Iterable[Check]:
    from render_core.media.encode import has_encoder

    for name in ENCODERS:
        is_here = has_encoder(name)
        yield Check(area="encoders", name=name, is_fine=is_here, detail="" if is_here else "missing: run make setup")


def _fonts() -> Iterable[Check]:
    from render_core.text.fonts import can_draw_emoji, can_shape, font_families

    shaping = (
        "" if can_shape() else "missing: letters are not kerned, Arabic and the like are refused; install libfribidi0"
    )
    yield Check(area="fonts", name="shaping", is_fine=not shaping, detail=shaping)
    emoji = "" if can_draw_emoji() else "missing: emoji are refused; install fonts-noto-color-emoji"
    yield Check(area="fonts", name="emoji", is_fine=not emoji, detail=emoji)
    for family in font_families():
        yield Check(area="fonts", name=family, is_fine=True, detail="")


def _settings(settings: Settings) -> Iterable[Check]:
    for concern in settings.concerns:
        for name, value in concern:
            yield Check(area="settings", name=variable_of(name), is_fine=True, detail=shown(value))


def _keys_of_storage(settings: Settings) -> Iterable[Check]:
    """Those of this machine; where there are roles, workers on others have their own."""
    if not settings.storage.is_s3:
        return
    from cluster.s3 import key_source

    source = key_source(settings.storage.s3_access_key)
    detail = source or "there are no keys in the settings, and boto3 finds none: set both, or give the machine a role"
    yield Check(area="storage", name="credentials", is_fine=source is not None, detail=detail)


def _walls(settings: Settings) -> Iterable[Check]:
    """Of this machine; workers on others tell of themselves in their log."""
    from webapp.assets.walls import wall_problem

    problem = wall_problem(settings)
    detail = problem or "files are refused to what reads uploads"
    yield Check(area="uploads", name="landlock", is_fine=problem is None, detail=detail)


def _services(settings: Settings) -> Iterable[Check]:
    from webapp.container import build_container
    from webapp.health import probe_services

    if not settings.database.database_url and not (settings.app.data_dir / "reelgrove.db").exists():
        detail = f"nothing in {settings.app.data_dir} yet: `reelgrove up` makes the database and starts the rest"
        yield Check(area="services", name="embedded", is_fine=True, detail=detail)
        return
    container = build_container(settings)
    try:
        for name, problem in probe_services(container):
            yield Check(area="services", name=name, is_fine=problem is None, detail=problem or "answers")
    finally:
        container.close()
