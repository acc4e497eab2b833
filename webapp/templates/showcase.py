"""An example of each template: settings that show what it does, and the moment that shows it best."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Showcase:
    """Settings for the demo media.

    Attributes:
        config: What differs from the defaults.
        moment: Of the picture, in seconds.
    """

    config: Mapping[str, Any]
    moment: float = 2.0


_SHOWCASES = {
    "LipSyncTemplate": Showcase(config={"mainText": "Your story, in seconds", "musicVolume": 0.4}, moment=1.4),
}


def showcase_of(template: str) -> Showcase:
    """The example of a template; one that nobody has written yet shows the defaults."""
    return _SHOWCASES.get(template, Showcase(config={}))
