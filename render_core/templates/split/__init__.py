"""SplitTalkingHead: b-roll above, a talking head below, captions on the seam."""

from render_core.templates.split.scene import SPLIT

__all__ = ["SPLIT"]
