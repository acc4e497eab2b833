"""Clips and images as they fill a box: clips play from their start and loop, images move slowly."""

from fractions import Fraction

from render_core.composition import Group
from render_core.geometry import CENTRED, Box, Focus
from render_core.layers.image import Still
from render_core.layers.placed import STILL, Move, Placement
from render_core.layers.video import ClipFrame, looped
from render_core.spec import AssetRef


def footage(asset: AssetRef, box: Box, at_s: Fraction, move: Move = STILL, focus: Focus = CENTRED) -> Group:
    """What an asset shows in a box it fills.

    Args:
        asset: A clip or an image.
        box: In pixels.
        at_s: Seconds since it came in; before that it is at its start.
        move: For images and, where it is wanted, clips.
        focus: Which part is wanted.
    """
    placement = Placement(box=box, move=move, focus=focus)
    if asset.info.kind == "image":
        return Group((Still(asset=asset, placement=placement),))
    return Group((ClipFrame(asset=asset, at_s=looped(max(Fraction(0), at_s), asset.info), placement=placement),))


def ken_burns(index: int, part: float, box: Box, strength: float) -> Move:
    """The slow move of picture ``index`` at ``part`` (0 … 1) of its time: in, out, across, and so on in turn.

    Args:
        index: Chooses the move.
        part: Of the time in which it is seen.
        box: That the picture fills, in pixels; the move never uncovers it.
        strength: How much larger the picture gets, as a part of its size; 0 for no move.
    """
    near, room = 1 + strength, strength / 2 / (1 + strength)
    across, down = box.width * room * (2 * part - 1), box.height * room * (2 * part - 1)
    moves = (
        Move(zoom=1 + strength * part),
        Move(zoom=near, shift_x=across),
        Move(zoom=near - strength * part),
        Move(zoom=near, shift_y=-down),
        Move(zoom=near, shift_x=-across),
    )
    return moves[index % len(moves)] if strength > 0 else STILL
