"""Honest files of every kind, damaged by chance: cut off, flipped, emptied, repeated, joined, called something else."""

import random
from functools import partial

from tests.hostile.boxes import boxes_of
from tests.hostile.upload import CLAIMS, Bait, trick


def cut_off(ending: str, bait: Bait, chance: random.Random) -> bytes:
    data = bait.honest[ending]
    return data[: chance.randrange(len(data))]


def flipped_bits(ending: str, bait: Bait, chance: random.Random) -> bytes:
    data = bytearray(bait.honest[ending])
    for _ in range(chance.choice((1, 3, 10, 100))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def flipped_header(ending: str, bait: Bait, chance: random.Random) -> bytes:
    """Where formats keep their numbers: behind the first bytes, which say what it is."""
    data = bytearray(bait.honest[ending])
    for _ in range(chance.choice((1, 2, 5))):
        data[chance.randrange(16, min(len(data), 600))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
    return bytes(data)


def emptied_part(ending: str, bait: Bait, chance: random.Random) -> bytes:
    data = bytearray(bait.honest[ending])
    start = chance.randrange(12, len(data))
    length = chance.randrange(1, len(data) // 2)
    data[start : start + length] = bytes([chance.choice((0, 0xFF))]) * len(data[start : start + length])
    return bytes(data)


def repeated_part(ending: str, bait: Bait, chance: random.Random) -> bytes:
    data = bait.honest[ending]
    start, length = chance.randrange(len(data)), chance.randrange(1, 4096)
    return data[:start] + data[start : start + length] * chance.choice((2, 50)) + data[start:]


def joined_files(ending: str, bait: Bait, chance: random.Random) -> bytes:
    """Two files in one: whoever looks at its beginning sees the first, whoever looks at its end the second."""
    other = chance.choice([each for each in bait.honest if each != ending])
    return bait.honest[ending] + bait.honest[other]


def another_kind(ending: str, bait: Bait, chance: random.Random) -> bytes:
    return bait.honest[chance.choice([each for each in bait.honest if each != ending])]


def noise_behind_a_beginning(ending: str, bait: Bait, chance: random.Random) -> bytes:
    return bait.honest[ending][: chance.choice((12, 40, 200))] + chance.randbytes(chance.choice((10, 5000, 100_000)))


def cut_at_a_box(ending: str, bait: Bait, chance: random.Random) -> bytes:
    """Where one of its boxes begins, has told its size, or ends."""
    data = bait.honest[ending]
    found = chance.choice(list(boxes_of(data)))
    return data[: chance.choice((found.start, found.start + 4, found.start + 8, found.end))]


def lying_box(ending: str, bait: Bait, chance: random.Random) -> bytes:
    """One of its boxes says a wrong size: none, to the end, 64 bits that are missing, more than there is."""
    data = bytearray(bait.honest[ending])
    found = chance.choice(list(boxes_of(data)))
    size = chance.choice((0, 1, 2, 7, 8, found.end - found.start + 1, 0x7FFFFFFF, 0xFFFFFFFF))
    data[found.start : found.start + 4] = size.to_bytes(4, "big")
    return bytes(data)


_ANYWHERE = (
    *(cut_off, flipped_bits, flipped_header, emptied_part, repeated_part),
    *(joined_files, another_kind, noise_behind_a_beginning),
)
_IN_BOXES = (cut_at_a_box, lying_box)

for _damage in (*_ANYWHERE, *_IN_BOXES):
    for _ending in ("mp4", "m4a") if _damage in _IN_BOXES else CLAIMS:
        trick(_ending, name=_damage.__name__)(partial(_damage, _ending))
