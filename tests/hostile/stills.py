"""Images that lie: about their size, their profile, how much they unpack to, how often they are gone through."""

import io
import random
import struct
import zlib
from functools import cache

from PIL import Image, ImageCms

from tests.hostile.upload import Bait, trick

_MOST = 0xFFFFFFFF


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png(width: int, height: int, depth: int, colour: int, *chunks: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + _chunk(b"IEND", b"")


def _zeros(count: int) -> bytes:
    """So many bytes of nothing, compressed a thousand times, and once more."""
    packer, block = zlib.compressobj(9), bytes(1 << 20)
    parts = [packer.compress(block[: min(len(block), count - at)]) for at in range(0, count, len(block))]
    return b"".join((*parts, packer.flush()))


_SMALL = _chunk(b"IDAT", _zeros(8 * 25))


TOO_LARGE_PNG = _png(60_000, 60_000, 8, 2, _SMALL)


@trick("png")
def giant_by_its_header(_bait: Bait, chance: random.Random) -> bytes:
    sides = chance.choice(((60_000, 60_000), (0x7FFFFFFF, 1), (1, 0x7FFFFFFF), (0, 0), (_MOST, _MOST), (40_001, 1000)))
    return _png(*sides, 8, 2, _SMALL)


@cache
def _bomb(width: int, height: int, depth: int, colour: int, bytes_a_pixel: int) -> bytes:
    return _png(width, height, depth, colour, _chunk(b"IDAT", _zeros(height * (1 + width * bytes_a_pixel))))


@trick("png")
def unpacks_to_much(_bait: Bait, chance: random.Random) -> bytes:
    """Just below what is accepted: 300 MB of pixels from 300 KB."""
    return _bomb(6324, 6324, *chance.choice(((16, 6, 8), (8, 2, 3), (8, 6, 4), (16, 0, 2))))


@trick("png")
def unpacks_to_more_than_it_says(_bait: Bait, _chance: random.Random) -> bytes:
    return _png(8, 8, 8, 2, _chunk(b"IDAT", _zeros(200_000_000)))


@trick("png")
def profile_bomb(_bait: Bait, chance: random.Random) -> bytes:
    """A colour profile, or a text, that unpacks to a hundred megabytes."""
    packed = _zeros(100_000_000)
    kind = chance.choice((b"iCCP", b"zTXt", b"iTXt", b"eXIf"))
    content = b"x\0\1\0x\0y\0" + packed if kind == b"iTXt" else b"x\0\0" + packed
    return _png(8, 8, 8, 2, _chunk(kind, content) * chance.choice((1, 3)), _SMALL)


@trick("png")
def frames_without_end(_bait: Bait, chance: random.Random) -> bytes:
    control = struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, chance.choice((0, 65535)), 0, 0)
    count = chance.choice((0, 2, 0x7FFFFFFF, _MOST))
    return _png(8, 8, 8, 2, _chunk(b"acTL", struct.pack(">II", count, 0)), _chunk(b"fcTL", control), _SMALL)


@trick("png")
def odd_header(_bait: Bait, chance: random.Random) -> bytes:
    """Depths and colours that do not go together, palettes that are missing, filters that do not exist."""
    rows = zlib.compress(bytes([chance.choice((0, 4, 9, 255))]) * 8 * 65)
    return _png(8, 8, chance.choice((0, 1, 3, 16, 255)), chance.choice((0, 2, 3, 4, 7)), _chunk(b"IDAT", rows))


@trick("png")
def hundred_thousand_chunks(_bait: Bait, chance: random.Random) -> bytes:
    kind = chance.choice((b"tEXt", b"IDAT", b"abCd"))
    return _png(8, 8, 8, 2, _chunk(kind, b"a\0b") * 100_000, _SMALL)


@trick("jpeg")
def giant_jpeg(bait: Bait, chance: random.Random) -> bytes:
    data = bytearray(bait.honest["jpeg"])
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", *chance.choice(((65535, 65535), (0, 0), (65535, 1), (6000, 6000))))
    return bytes(data)


@cache
def _progressive(side: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (side, side), 90).save(file, "JPEG", progressive=True, quality=20)
    return file.getvalue()


@trick("jpeg")
def scans_without_end(_bait: Bait, chance: random.Random) -> bytes:
    """The last scan again and again: a decoder goes over the whole picture for each, and each takes next to nothing."""
    side, times = chance.choice(((256, 200), (1500, 300), (6000, 1000)))
    data = _progressive(side)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * times + data[-2:]


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content


@trick("jpeg")
def circular_exif(bait: Bait, chance: random.Random) -> bytes:
    """Directories that lead to themselves, with turns that there are not, and a thumbnail beyond the end."""
    tags = ((0x8769, 8), (0x8825, 8), (0x0112, chance.choice((0, 9, 255))), (0x0201, _MOST), (0x0202, _MOST))
    entries = b"".join(struct.pack("<HHII", tag, 4, chance.choice((1, _MOST)), value) for tag, value in tags)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + struct.pack("<I", 8)
    return bait.honest["jpeg"][:2] + _segment(0xE1, exif) + bait.honest["jpeg"][2:]


@trick("jpeg")
def huge_metadata_in_a_jpeg(bait: Bait, chance: random.Random) -> bytes:
    parts = chance.choice((3, 255))
    profile = [
        _segment(0xE2, b"ICC_PROFILE\0" + bytes([n + 1, parts]) + chance.randbytes(60_000)) for n in range(parts)
    ]
    return bait.honest["jpeg"][:2] + b"".join(profile) + bait.honest["jpeg"][2:]


@trick("jpeg")
def lying_profile(bait: Bait, chance: random.Random) -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for _ in range(20):
        profile[chance.randrange(len(profile))] = chance.choice((0, 0xFF, 0x7F))
    segment = _segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(profile))
    return bait.honest["jpeg"][:2] + segment + bait.honest["jpeg"][2:]


@trick("jpeg")
def odd_colours(_bait: Bait, chance: random.Random) -> bytes:
    """Four inks, one grey; and a file that says it is the other."""
    file = io.BytesIO()
    Image.new(chance.choice(("CMYK", "L")), (64, 64), 90).save(file, "JPEG")
    return file.getvalue().replace(b"Adobe", chance.choice((b"Adobe", b"Xdobe")))


@trick("webp")
def giant_webp(_bait: Bait, chance: random.Random) -> bytes:
    sides = struct.pack("<I", chance.choice((16_383, 6_323, 0xFFFFFF)))[:3] * 2
    body = b"WEBPVP8X" + struct.pack("<II", 10, chance.choice((0, 2, 0x3E))) + sides
    body += b"ANIM" + struct.pack("<IIH", 6, 0, 0) + b"ANMF" + struct.pack("<I", 24) + bytes(24)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@trick("webp")
def lying_webp(bait: Bait, chance: random.Random) -> bytes:
    data = bytearray(bait.honest["webp"])
    at = chance.choice((4, 16))
    data[at : at + 4] = struct.pack("<I", chance.choice((0, 1, 0x7FFFFFFF, _MOST)))
    return bytes(data)


@cache
def _moving(count: int, side: int) -> bytes:
    file = io.BytesIO()
    first, *others = (Image.new("RGB", (side, side), (n, 0, 0)) for n in range(count))
    first.save(file, "WEBP", save_all=True, append_images=others, lossless=True, method=0)
    return file.getvalue()


@trick("webp")
def moving_webp(_bait: Bait, chance: random.Random) -> bytes:
    return _moving(*chance.choice(((200, 64), (4, 2000))))
