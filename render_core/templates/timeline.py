"""Pictures that follow each other: what is shown from when to when, and how one becomes the next. Frames, no pixels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from render_core.composition import Group
from render_core.layer import Drawing
from render_core.layers.transition import Direction, Transition, TransitionKind
from render_core.motion import STANDARD_EASE


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

    def at(self, frame: int) -> Drawing:
        """What is seen in a frame: one shot, or two on their way from one to the other."""
        index = self._running(frame)
        for second in (index, index + 1):
            if 0 < second < len(self.shots):
                half = self._half(second)
                since = frame - (self.shots[second].start - half)
                if 0 < since < 2 * half:
                    return self._between(second, frame, float(since / (2 * half)))
        return self.shots[index].show(frame)

    def reach(self, index: int) -> tuple[Fraction, Fraction]:
        """The first and last moments at which a shot is seen, transitions included."""
        before = self._half(index) if index > 0 else Fraction(0)
        after = self._half(index + 1) if index + 1 < len(self.shots) else Fraction(0)
        return self.shots[index].start - before, self.shots[index].stop + after

    def _running(self, frame: int) -> int:
        begun = sum(shot.start <= frame for shot in self.shots)
        return max(0, begun - 1)

    def _half(self, second: int) -> Fraction:
        """Half a transition; never more than half of the shorter neighbour, so that two never meet."""
        shortest = min(shot.stop - shot.start for shot in self.shots[second - 1 : second + 1])
        return min(self.cut.frames, shortest) / 2

    def _between(self, second: int, frame: int, part: float) -> Drawing:
        before, after = (self.shots[index].show(frame) for index in (second - 1, second))
        return Transition(
            kind=self.cut.kind, before=before, after=after, part=STANDARD_EASE(part), towards=self.cut.towards
        )
