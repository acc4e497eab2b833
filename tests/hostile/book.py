"""All tricks: importing the modules enters them."""

from tests.hostile import clips, damage, sounds, stills, texts
from tests.hostile.upload import TRICKS

__all__ = ["TRICKS"]
CHAPTERS = (texts, clips, stills, sounds, damage)
