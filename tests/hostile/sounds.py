"""Sounds that lie: about their length, their clock, their channels; and samples that are no numbers."""

import random
import struct
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.factories import make_sound
from tests.hostile.boxes import full_box, replaced, written
from tests.hostile.stills import TOO_LARGE_PNG
from tests.hostile.upload import Bait, trick

_MOST = 0xFFFFFFFF


def _wav(kind: int, channels: int, rate: int, bits: int, data: bytes, *, said: int | None = None) -> bytes:
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * block & _MOST, block & 0xFFFF, bits)
    size = len(data) if said is None else said
    return b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", size) + data


@trick("wav")
def lying_sizes(_bait: Bait, chance: random.Random) -> bytes:
    return _wav(1, 2, 48_000, 16, chance.randbytes(20_000), said=chance.choice((0, 1, 19_999, 0x7FFFFFFF, _MOST)))


@trick("wav")
def absurd_format(_bait: Bait, chance: random.Random) -> bytes:
    channels, bits = chance.choice((0, 1, 8, 255, 65535)), chance.choice((0, 1, 4, 8, 16, 32, 64, 255))
    kind = chance.choice((0, 1, 2, 3, 0x11, 0x31, 0x55, 0x161, 0xFFFE, 0xFFFF))
    return _wav(
        kind, channels, chance.choice((0, 1, 7, 8000, 48_000, 0x7FFFFFFF, _MOST)), bits, chance.randbytes(20_000)
    )


@trick("wav")
def no_numbers(_bait: Bait, chance: random.Random) -> bytes:
    """Samples that are infinite, not a number, or far beyond full scale."""
    samples = np.full(96_000, chance.choice((np.nan, np.inf, -np.inf, 1e38, 1e-40)), np.float32)
    samples[:: chance.choice((1, 2, 1000))] = 0.25
    return _wav(3, 2, 48_000, 32, samples.tobytes())


@trick("wav")
def hours_in_seconds(_bait: Bait, chance: random.Random) -> bytes:
    """A clock so slow that a few bytes last for days."""
    return _wav(1, 1, chance.choice((1, 2, 50)), 8, bytes(chance.choice((2_000, 200_000))))


@trick("wav")
def thousand_parts(_bait: Bait, chance: random.Random) -> bytes:
    part = chance.choice((b"LIST", b"fmt ", b"data", b"JUNK", b"id3 ", b"bext"))
    return b"RIFF\xff\xff\xff\xffWAVE" + (part + struct.pack("<I", 16) + bytes(16)) * chance.choice((1000, 100_000))


@trick("wav")
def sixty_four_bits(_bait: Bait, chance: random.Random) -> bytes:
    """RF64's sizes, which only a disk array has."""
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, *(chance.choice((0, 1 << 62, (1 << 64) - 1)) for _ in range(3)), 0)
    return b"RIFF\xff\xff\xff\xffWAVE" + ds64 + _wav(1, 2, 48_000, 16, bytes(2000), said=_MOST)[12:]


def _tag(size: int, content: bytes) -> bytes:
    seven = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\4\0\0" + seven + content


@trick("mp3")
def huge_tag(bait: Bait, chance: random.Random) -> bytes:
    size = chance.choice((1_000_000, 8_000_000))
    return _tag(size, bytes(size)) + bait.honest["mp3"]


@trick("mp3")
def lying_tag(bait: Bait, chance: random.Random) -> bytes:
    return _tag(chance.choice((0, 1, 100, 0x0FFFFFFF)), bait.honest["mp3"])


@trick("mp3")
def tags_without_end(bait: Bait, chance: random.Random) -> bytes:
    frame = chance.choice((b"TIT2", b"APIC", b"CHAP", b"PRIV")) + struct.pack(">IH", 10, 0) + bytes(10)
    frames = frame * chance.choice((1000, 50_000))
    return _tag(len(frames), frames) * chance.choice((1, 3)) + bait.honest["mp3"]


@trick("mp3")
def picture_in_a_tag(bait: Bait, chance: random.Random) -> bytes:
    """The cover in it is a bomb of its own."""
    content = b"\0image/png\0\3\0" + TOO_LARGE_PNG
    size = bytes(len(content) >> shift & 0x7F for shift in (21, 14, 7, 0))
    frame = b"APIC" + size + b"\0\0" + content
    return _tag(len(frame), frame) + bait.honest["mp3"]


@trick("mp3")
def lying_index(bait: Bait, chance: random.Random) -> bytes:
    """Xing's table promises four thousand million frames."""
    data = bytearray(bait.honest["mp3"])
    at = max(data.find(b"Xing"), data.find(b"Info"))
    data[at + 8 : at + 16] = struct.pack(">II", chance.choice((0, _MOST)), chance.choice((0, 1, _MOST)))
    return bytes(data)


@trick("mp3")
def frames_of_all_kinds(_bait: Bait, chance: random.Random) -> bytes:
    """Each frame with another rate, layer and number of channels."""
    heads = [
        bytes((0xFF, chance.choice((0xFB, 0xF3, 0xE3, 0xFD)), chance.randrange(16, 240), chance.randrange(256)))
        for _ in range(300)
    ]
    return b"".join(head + chance.randbytes(chance.choice((100, 413, 414))) for head in heads)


@trick("aac")
def lying_frames(bait: Bait, chance: random.Random) -> bytes:
    """ADTS frames of no length, or longer than the file."""
    head = chance.choice(
        (b"\xff\xf1\x50\x80\0\x1f\xfc", b"\xff\xf1\x50\x83\xff\xff\xfc", b"\xff\xf1\x50\x80\1\x1f\xfc")
    )
    return (head + chance.randbytes(chance.choice((0, 1, 50)))) * 500 + bait.honest["aac"]


@trick("aac")
def changing_channels(bait: Bait, chance: random.Random) -> bytes:
    data = bytearray(bait.honest["aac"])
    at = data.find(b"\xff\xf1", 1)
    while at > 0:
        data[at + 2] = chance.randrange(256)
        data[at + 3] = data[at + 3] & 0x3F | chance.randrange(4) << 6
        at = data.find(b"\xff\xf1", at + 7)
    return bytes(data)


@trick("m4a")
def absurd_sound_clock(bait: Bait, chance: random.Random) -> bytes:
    return written(bait.honest["m4a"], b"mdhd", 12, struct.pack(">I", chance.choice((0, 1, 7, _MOST))))


@trick("m4a")
def sound_with_leaps(bait: Bait, chance: random.Random) -> bytes:
    """Samples hours apart from each other."""
    rows = [(1, chance.choice((0, 1024, 48_000 * 3000, 0x7FFFFFFF, _MOST))) for _ in range(20)]
    content = b"".join(struct.pack(">II", *row) for row in rows)
    return replaced(bait.honest["m4a"], b"stts", full_box(b"stts", struct.pack(">I", len(rows)), content))


@trick("m4a")
def odd_sound_description(bait: Bait, chance: random.Random) -> bytes:
    """Channels, depth and rate as the container tells them."""
    numbers = struct.pack(
        ">HHIHH", chance.choice((0, 1, 255, 65535)), chance.choice((0, 16, 65535)), 0, chance.choice((0, 1, 65535)), 0
    )
    return written(bait.honest["m4a"], b"stsd", 8 + 24, numbers)


@cache
def _silence(minutes: int) -> bytes:
    with TemporaryDirectory() as folder:
        samples = np.zeros((8000 * 60 * minutes, 2), np.float32)
        return make_sound(Path(folder, "long.mp3"), samples, "libmp3lame", rate=8000).read_bytes()


def _long(minutes: int, _bait: Bait, _chance: random.Random) -> bytes:
    return _silence(minutes)


trick("mp3", name="longer_than_half_an_hour")(partial(_long, 31))
trick("mp3", name="minutes_of_nothing")(partial(_long, 2))
