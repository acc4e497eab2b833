"""Which moment of the video is looked at, and how long the video is."""

# ruff: noqa: SLF001 - the functions below the state are this module's own

import reflex as rx

from webapp.ui.edge import actor_of
from webapp.ui.words import clock, number_of

_FIRST_FRAME = 36


class MomentState(rx.State):
    """A frame of the draft; how many there are is known from the first still on."""

    frame: int = _FIRST_FRAME
    frame_count: int = 0
    jumps: int = 0
    _fps: float = 30.0

    @rx.var
    def time(self) -> str:
        """The moment that is shown."""
        return clock(self.frame / self._fps)

    @rx.var
    def length(self) -> str:
        """How long the video will be."""
        return clock(self.frame_count / self._fps)

    @rx.var
    def last_frame(self) -> int:
        """Where the scrubber ends."""
        return max(1, self.frame_count - 1)

    @rx.event
    async def scrub(self, frame: float) -> None:
        """Look at another frame."""
        await actor_of(self)
        self.frame = max(0, min(int(number_of(frame)), self.last_frame))


# Public methods of a state are handlers that any client can call: what other states need are functions.


def learn(moment: MomentState, frame: int, frame_count: int, fps: float) -> bool:
    """Take over what a still has told; whether the video has another length now."""
    before = length_ms(moment)
    moment.frame, moment.frame_count, moment._fps = frame, frame_count, fps
    return length_ms(moment) != before


def length_ms(moment: MomentState) -> float | None:
    """How long the video will be; None before the first still."""
    return 1000 * moment.frame_count / moment._fps if moment.frame_count else None


def moment_ms(moment: MomentState) -> float:
    """The moment that is shown."""
    return 1000 * moment.frame / moment._fps


def jump_to(moment: MomentState, time_ms: float) -> None:
    """Choose the frame of a moment; the scrubber goes along."""
    moment.frame = max(0, min(int(time_ms * moment._fps / 1000), moment.last_frame))
    moment.jumps += 1
