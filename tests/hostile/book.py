"""All tricks: importing the chapters enters them."""

from tests.hostile import clips, damage, sounds, stills, texts
from tests.hostile.upload import TRICKS, Trick

__all__ = ["TRICKS", "chapter", "clips", "damage", "sounds", "stills", "texts"]


def chapter(name: str) -> list[Trick]:
    """The tricks of a chapter."""
    return [trick for trick in TRICKS.values() if trick.chapter == name]
