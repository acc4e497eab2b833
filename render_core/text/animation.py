"""How text comes and goes: for each of its parts a pose, as a function of time alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from render_core.motion import settled

Kind = Literal["none", "pop", "fade", "slide", "bounce", "typewriter"]
Per = Literal["block", "line", "word", "letter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How a part differs from where and what it is at rest.

    Attributes:
        zoom: Size about the part's middle.
        down: Shift downwards, in font sizes.
        opacity: 0 … 1.
    """

    zoom: float = 1.0
    down: float = 0.0
    opacity: float = 1.0


REST, GONE = Pose(), Pose(opacity=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Animation:
    """A way to come in; played backwards it is a way to leave.

    Attributes:
        kind: ``pop`` grows with a spring, ``fade`` gets opaque, ``slide`` rises into place, ``bounce`` rises and
            swings over, ``typewriter`` shows one part after the other, ``none`` is there at once.
        per: What moves as one. Where letters join (Arabic, Devanagari …) the smallest such part is the word.
        duration_s: Of one part, in seconds; a typewriter has only ``stagger_s``.
        stagger_s: From the start of one part to that of the next one, in reading order.
    """

    kind: Kind = "none"
    per: Per = "block"
    duration_s: float = 0.5
    stagger_s: float = 0.06

    def total_s(self, parts: int) -> float:
        """Seconds from the first sign of ``parts`` parts until the last one rests."""
        if self.kind == "none" or parts == 0:
            return 0.0
        return self._own_s + self.stagger_s * (parts - 1)

    def entering(self, part: int, since_s: float) -> Pose:
        """The pose of part ``part`` (from 0, in reading order), ``since_s`` seconds after the first one began."""
        return self._pose(since_s - self.stagger_s * part)

    def leaving(self, part: int, parts: int, left_s: float) -> Pose:
        """The pose ``left_s`` seconds before the last of ``parts`` parts is gone.

        The first part leaves first; a typewriter takes its letters back from the end.
        """
        behind = part if self.kind == "typewriter" else parts - 1 - part
        return self._pose(left_s - self.stagger_s * behind)

    def _pose(self, time_s: float) -> Pose:
        if self.kind == "none":
            return REST
        if time_s >= self._own_s:
            return REST
        return _POSES[self.kind](time_s, self.duration_s) if time_s > 0 else GONE

    @property
    def _own_s(self) -> float:
        """Seconds that one part takes."""
        return self.stagger_s if self.kind == "typewriter" else self.duration_s


STILL = Animation()


def _popping(time_s: float, duration_s: float) -> Pose:
    return Pose(zoom=0.4 + 0.6 * settled(time_s, duration_s=duration_s), opacity=_quickly(time_s / duration_s))


def _fading(time_s: float, duration_s: float) -> Pose:
    return Pose(opacity=time_s / duration_s)


def _sliding(time_s: float, duration_s: float) -> Pose:
    part = time_s / duration_s
    return Pose(down=0.9 * (1 - part) ** 3, opacity=_quickly(part))


def _bouncing(time_s: float, duration_s: float) -> Pose:
    return Pose(down=0.9 * (1 - settled(time_s, duration_s=duration_s)), opacity=_quickly(time_s / duration_s))


def _quickly(part: float) -> float:
    """Opaque after a third of the time, while there is still motion to be seen."""
    return min(1.0, 3 * part)


_POSES: dict[str, Callable[[float, float], Pose]] = {
    "pop": _popping,
    "fade": _fading,
    "slide": _sliding,
    "bounce": _bouncing,
    "typewriter": lambda _time_s, _duration_s: GONE,
}
