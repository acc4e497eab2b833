"""Sound files that keep what is promised as they are heard: after the codec."""

from collections.abc import Callable, Sequence
from pathlib import Path

from render_core.audio.delivery import CEILING_DBTP, TARGET_LUFS, delivered, delivery_for
from render_core.audio.loudness import loudness_of
from render_core.audio.meter import Level, highest_db, measured
from render_core.audio.samples import Pieces
from render_core.media.sound import read_sound

_PROMISED_DBTP = -1.2
"""A fifth of a decibel is left to meters that look more closely between samples."""
_NEAR_LU = 0.25
_TRIES = 4


def deliver(sound: Pieces, encode: Callable[[Pieces, Path], None], out: Path) -> None:
    """Encode at −14 LUFS with true peaks below −1 dBTP, measured in the file that comes out.

    A codec takes the highest tones away and adds peaks of its own. Mostly that is little; where it is too much, the
    sound is encoded again with what was missed made up for.

    Args:
        sound: Listened to twice, or more.
        encode: Writes a sound to a file.
        out: The file.
    """
    levels = measured(sound)
    lufs, ceiling_db = TARGET_LUFS, CEILING_DBTP
    for _ in range(_TRIES):
        delivery = delivery_for(levels, lufs, ceiling_db)
        encode(delivered(sound, levels, delivery), out)
        heard = measured(read_sound(out))
        over_db = highest_db(heard) - _PROMISED_DBTP
        lacking_lu = TARGET_LUFS - _lufs(heard) if abs(delivery.lufs - lufs) < _NEAR_LU else 0.0
        if over_db <= 0 and abs(lacking_lu) <= _NEAR_LU:
            return
        lufs, ceiling_db = lufs + lacking_lu, ceiling_db - max(0.0, over_db)


def _lufs(levels: Sequence[Level]) -> float:
    return loudness_of(level.energies for level in levels)
