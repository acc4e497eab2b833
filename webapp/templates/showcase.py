"""An example of each template: settings that show what it does, and the moment that shows it best."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Showcase:
    """What goes with the demo media.

    Attributes:
        config: Settings that differ from the defaults.
        roles: The inputs that demo media fill, besides those that are needed.
        moment: Of the picture, in seconds.
    """

    config: Mapping[str, Any]
    roles: tuple[str, ...] = ("backgroundVideos", "backgroundMusic")
    moment: float = 2.0


_SAID = (
    "Hi! I'm Ivy. This video was put together by Reelgrove, in just a few seconds. Change the headline, swap in your "
    "own clips, and press Render. Pictures, captions and music all follow along. So, what story will you grow today?"
)
"""By the demo speaker."""

_SHOWCASES = {
    "LipSyncTemplate": Showcase(
        config={
            "mainText": "Your story, in seconds",
            "captionText": _SAID,
            "captionStyle": {"fontSize": 72, "bottomPercent": 8},
        },
        roles=("coverImage", "backgroundVideos", "backgroundMusic"),
        moment=3.6,
    ),
    "NewsTemplate": Showcase(config={"mainText": "Grove Today"}, moment=6.0),
    "SplitTalkingHead": Showcase(config={"mainText": "Your story, in seconds", "captionText": _SAID}, moment=5.3),
    "PromoTemplate": Showcase(config={"endText": "reelgrove.example"}, moment=4.0),
}


def showcase_of(template: str) -> Showcase:
    """The example of a template; one that nobody has written yet shows the defaults."""
    return _SHOWCASES.get(template, Showcase(config={}))


def takes_demo(template: str, role: str, *, is_required: bool) -> bool:
    """Whether demo media fill an input of a template."""
    return is_required or role in showcase_of(template).roles
