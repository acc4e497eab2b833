"""One frame of a clip, placed on the canvas."""

from dataclasses import dataclass
from fractions import Fraction

from render_core.layer import MediaSource
from render_core.layers.placed import Placement, paint_placed
from render_core.picture import Picture
from render_core.spec import AssetRef, MediaInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFrame:
    """What a clip shows at one moment.

    Attributes:
        asset: The clip.
        at_s: Seconds since its first frame.
        placement: Where and how it is seen.
    """

    asset: AssetRef
    at_s: Fraction
    placement: Placement

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw the frame."""
        paint_placed(canvas, media.video_frame(self.asset, self.at_s), self.placement, media)

    def hides_all_below(self, width: int, height: int) -> bool:
        """Whether it is opaque and fills the canvas."""
        info = self.asset.info
        return self.placement.hides((info.width, info.height), width, height)


def clip_seconds(info: MediaInfo) -> Fraction:
    """How long a clip's picture lasts; what its frames say counts more than what its container says."""
    return info.frame_count / info.fps if info.frame_count and info.fps else info.duration_s


def looped(at_s: Fraction, info: MediaInfo) -> Fraction:
    """The moment of a clip that plays again from its start when it is over."""
    length = clip_seconds(info)
    return at_s % length if length > 0 else Fraction(0)
