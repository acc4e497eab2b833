"""Still images, placed on the canvas."""

from dataclasses import dataclass

from render_core.effects.blend import Veil, lay
from render_core.effects.sprite import sprite_of, sprite_resized
from render_core.geometry import Region
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """An image that rests at one place and size: resized once, alpha and all.

    Attributes:
        asset: The image.
        region: Where; even, inside the canvas. The image fills it, so it has the image's proportions.
        opacity: 0 … 1.
    """

    asset: AssetRef
    region: Region
    opacity: float = 1.0

    def paint(self, canvas: Picture, media: MediaSource) -> None:
        """Draw the image."""
        place = self.region
        if place.is_empty or self.opacity <= 0:
            return
        sprite = media.remembered(("logo", self.asset.sha256, place, self.opacity), lambda: self._sprite(media))
        lay(canvas.region(place.x, place.y, place.width, place.height), sprite)

    def hides_all_below(self, width: int, height: int) -> bool:  # noqa: ARG002 - the protocol's arguments
        """Never: it may have clear parts."""
        return False

    def _sprite(self, media: MediaSource) -> Veil:
        picture = media.image(self.asset)
        return sprite_resized(sprite_of(picture, self.opacity), self.region.width, self.region.height)
