"""Pictures that follow each other: what is shown from when to when, and how one becomes the next. Frames, no pixels."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from render_core.composition import Group
from render_core.layers.transition import Direction, Transition, TransitionKind
from render_core.motion import STANDARD_EASE
from render_core.templates.common_config import TransitionSettings
from render_core.timing import exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """Something that is shown for a while. Frames may be fractions: settings are in seconds.

    Attributes:
        start: First frame.
        stop: The frame behind the last one.
        show: What is seen in a frame; asked beyond start and stop too, while a neighbour comes or goes.
    """

    start: Fraction
    stop: Fraction
    show: Callable[[int], Group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How one shot becomes the next.

    Attributes:
        kind: See ``Transition``.
        towards: See ``Transition``.
        frames: How long it takes, half of it before the next shot's start; 0 is a hard cut.
    """

    kind: TransitionKind
    towards: Direction
    frames: Fraction


@dataclass(frozen=True)
class Timeline:
    """Shots one after the other without gaps; what comes before the first and after the last is theirs too.

    Attributes:
        shots: At least one.
        cut: Between any two.
    """

    shots: Sequence[Shot]
    cut: Cut

    def at(self, frame: int) -> Group:
        """What is seen in a frame: one shot, or two on their way from one to the other."""
        first, second, part = self.moment(frame)
        if first == second:
            return self.shots[first].show(frame)
        before, after = (self.shots[index].show(frame) for index in (first, second))
        kind, towards = self.cut.kind, self.cut.towards
        return Group((Transition(kind=kind, before=before, after=after, part=part, towards=towards),))

    def moment(self, frame: int) -> tuple[int, int, float]:
        """The shot that goes, the one that comes, and how far it has come, eased; twice the same one between cuts."""
        index = self.running(frame)
        for second in (index, index + 1):
            if 0 < second < len(self.shots):
                half = self._half(second)
                since = frame - (self.shots[second].start - half)
                if 0 < since < 2 * half:
                    return second - 1, second, STANDARD_EASE(float(since / (2 * half)))
        return index, index, 0.0

    def middle(self, index: int) -> int:
        """A frame in which a shot is seen alone."""
        shot = self.shots[index]
        return int((shot.start + shot.stop) / 2)

    def settled_until(self, index: int) -> Fraction:
        """When a shot begins to go."""
        return self.shots[index].stop - (self._half(index + 1) if index + 1 < len(self.shots) else 0)

    def running(self, frame: int) -> int:
        """The shot whose time it is."""
        return max(0, bisect_right(self._starts, frame) - 1)

    @cached_property
    def _starts(self) -> tuple[Fraction, ...]:
        return tuple(shot.start for shot in self.shots)

    def reach(self, index: int) -> tuple[Fraction, Fraction]:
        """The first and last moments at which a shot is seen, transitions included."""
        before = self._half(index) if index > 0 else Fraction(0)
        after = self._half(index + 1) if index + 1 < len(self.shots) else Fraction(0)
        return self.shots[index].start - before, self.shots[index].stop + after

    def _half(self, second: int) -> Fraction:
        """Half a transition; never more than half of the shorter neighbour, so that two never meet."""
        shortest = min(shot.stop - shot.start for shot in self.shots[second - 1 : second + 1])
        return min(self.cut.frames, shortest) / 2


def cut_of(settings: TransitionSettings, fps: Fraction) -> Cut:
    """The transition that settings ask for."""
    frames = exact(settings.transition_duration) * fps
    return Cut(kind=settings.transition, towards=settings.transition_direction, frames=frames)
