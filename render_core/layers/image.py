"""A still image, placed on the canvas."""

from dataclasses import dataclass

from render_core.layer import MediaSource
from render_core.layers.placed import Placement, paint_placed
from render_core.picture import Picture
from render_core.spec import AssetRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """An image in one frame.

    Attributes:
        asset: The image.
        placement: Where and how it is seen; a ``Move`` that grows from frame to frame makes it a Ken Burns still.
    """

    asset: AssetRef
    placement: Placement

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw the image."""
        paint_placed(canvas, media.image(self.asset), self.placement, media)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never: what the probe tells does not say whether an image has clear parts."""
        return False
