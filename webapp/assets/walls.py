"""Whether uploads can be read safely on this machine."""

from render_core.ingest import landlock
from webapp.settings import Settings
from webapp.variables import variable_of


def wall_problem(settings: Settings) -> str | None:
    """What is wrong with this machine as a reader of uploads; None where it can wall their readers in."""
    if landlock.is_available():
        return None
    name = variable_of("require_landlock")
    then = "uploads are not read here" if settings.needs_wall else "uploads are read without it"
    what = f"{name}=false reads them all the same" if settings.needs_wall else f"{name}=true refuses that"
    return f"{landlock.MISSING}; {then}, {what}"
