"""The presenter: an illustrated woman, head and shoulders, drawn anew for each pose."""

from demo_assets import clothes, face, hair
from demo_assets.canvas import Canvas
from demo_assets.rig import Pose, Rig


def draw_person(canvas: Canvas, pose: Pose) -> None:
    """Draw the presenter over what is on the canvas."""
    rig = Rig(canvas, pose)
    hair.draw_back(rig)
    jacket = clothes.draw_body(rig)
    skin = face.draw_skin(rig)
    face.draw_nose(rig)
    for side in (-1, 1):
        face.draw_eye(rig, side)
    face.draw_mouth(rig)
    hair.draw_front(rig, skin, jacket)
    for side in (-1, 1):
        face.draw_brow(rig, side)
