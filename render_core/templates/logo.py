"""Where a logo stands."""

from render_core.geometry import Box, Region, region_of
from render_core.layers.image import Logo
from render_core.spec import AssetRef, VideoFormat
from render_core.templates.common_config import LogoSettings


def logo_of(asset: AssetRef, settings: LogoSettings, room: Box, video_format: VideoFormat) -> Logo:
    """A logo in the corner of a room that its settings name."""
    width, height = logo_size(asset, settings, video_format)
    left = room.left if settings.logo_corner.endswith("left") else room.right - width
    top = room.top if settings.logo_corner.startswith("top") else room.bottom - height
    return logo_at(asset, Box(left=left, top=top, width=width, height=height), settings.logo_opacity, video_format)


def logo_below(
    asset: AssetRef, settings: LogoSettings, top: tuple[float, float], factor: float, video_format: VideoFormat
) -> Logo:
    """A logo ``factor`` times as large, the middle of its upper edge at ``top``."""
    width, height = (length * factor for length in logo_size(asset, settings, video_format))
    box = Box(left=top[0] - width / 2, top=top[1], width=width, height=height)
    return logo_at(asset, box, settings.logo_opacity, video_format)


def logo_at(asset: AssetRef, box: Box, opacity: float, video_format: VideoFormat) -> Logo:
    """A logo in a box, as far as that lies on the canvas."""
    region = region_of(box, video_format.width, video_format.height)
    region = Region(region.x, region.y, max(2, region.width), max(2, region.height))
    return Logo(asset=asset, region=region, opacity=opacity)


def logo_size(asset: AssetRef, settings: LogoSettings, video_format: VideoFormat) -> tuple[float, float]:
    """Width and height: the longer side is the wanted part of the canvas's shorter one."""
    longest = settings.logo_size_percent / 100 * min(video_format.width, video_format.height)
    factor = longest / max(asset.info.width, asset.info.height, 1)
    return asset.info.width * factor, asset.info.height * factor
