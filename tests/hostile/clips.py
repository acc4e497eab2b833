"""Clips that lie: about sizes, clocks, lengths, where their data is, how much there is of everything."""

import io
import random
import struct
import zlib
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from av.video.frame import VideoFrame

from tests.hostile.boxes import added, box, find, full_box, replaced, written
from tests.hostile.upload import Bait, trick

_MOST = 0xFFFFFFFF


@trick("mp4")
def data_elsewhere(bait: Bait, chance: random.Random) -> bytes:
    """Its samples are said to be in another file, or at an address."""
    address = chance.choice((f"file://{bait.file}", f"http://127.0.0.1:{bait.port}/a", "neighbour.mp4", str(bait.file)))
    entry = full_box(b"url ", address.encode() + b"\0")
    return replaced(bait.honest["mp4"], b"dref", full_box(b"dref", struct.pack(">I", 1), entry))


@trick("mp4")
def alias_elsewhere(bait: Bait, _chance: random.Random) -> bytes:
    """QuickTime's way to say that, with an absolute path and a relative one."""
    path = str(bait.file).encode()
    record = (
        bytes(8)
        + struct.pack(">H", 2)
        + bytes(130)
        + b"".join(struct.pack(">HH", kind, len(path)) + path + bytes(len(path) % 2) for kind in (2, 18))
    )
    entry = full_box(b"alis", record + struct.pack(">Hxx", _MOST & 0xFFFF))
    moved = replaced(bait.honest["mp4"], b"dref", full_box(b"dref", struct.pack(">I", 1), entry))
    return moved[:8] + b"qt  " + moved[12:]


@trick("mp4")
def reference_movie(bait: Bait, _chance: random.Random) -> bytes:
    """A film that is nothing but the address of another."""
    address = f"http://127.0.0.1:{bait.port}/a.mov\0".encode()
    rdrf = full_box(b"rdrf", b"url ", struct.pack(">I", len(address)), address)
    return box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", box(b"rmra", box(b"rmda", rdrf)))


@trick("mp4")
def giant_by_its_description(bait: Bait, chance: random.Random) -> bytes:
    """The container says that pictures are giant; the codec's own header does not."""
    data, sides = bait.honest["mp4"], chance.choice(((65535, 65535), (0, 0), (1, 65535), (16384, 8192)))
    return written(data, b"stsd", 8 + 8 + 24, struct.pack(">HH", *sides))


class _Bits:
    """Bits of an H.264 header, with numbers in Exp-Golomb code (ITU-T H.264, 9.1)."""

    def __init__(self) -> None:
        self.text = ""

    def put(self, value: int, count: int) -> None:
        self.text += f"{value:0{count}b}"

    def golomb(self, *values: int) -> None:
        for value in values:
            code = f"{value + 1:b}"
            self.text += "0" * (len(code) - 1) + code

    def bytes(self) -> bytes:
        text = self.text + "1"
        return int(text + "0" * (-len(text) % 8), 2).to_bytes(-(-len(text) // 8), "big")


@trick("mp4")
def giant_by_its_codec(bait: Bait, chance: random.Random) -> bytes:
    """An H.264 header of a few bytes that asks for gigabytes."""
    side = chance.choice((256, 1024, 4096, 65536))
    bits = _Bits()
    bits.golomb(0, 0, 0, 0, 16)  # parameter set, frame number, order, its bits, reference frames
    bits.put(0, 1)
    bits.golomb(side - 1, side - 1)  # in macroblocks
    bits.put(0b1100, 4)  # whole frames, direct 8x8, no cropping, nothing about use
    sps = b"\x67\x64\x00\x3e" + bits.bytes()
    avcc = b"\1\x64\0\x3e\xff\xe1" + struct.pack(">H", len(sps)) + sps + b"\1\0\4\x68\xee\x3c\x80"
    data = bait.honest["mp4"]
    old = find(data, b"stsd")
    start = data.index(b"avcC", old.start) - 4
    (size,) = struct.unpack_from(">I", data, start)
    entry = data[old.start + 16 : start] + box(b"avcC", avcc) + data[start + size : old.end]
    entry = struct.pack(">I", len(entry)) + entry[4:]
    return replaced(data, b"stsd", full_box(b"stsd", struct.pack(">I", 1), entry))


@trick("mp4")
def absurd_clock(bait: Bait, chance: random.Random) -> bytes:
    kind, offset = chance.choice(((b"mvhd", 12), (b"mdhd", 12)))
    scale = chance.choice((0, 1, 2, 1_000_000_007, 0x7FFFFFFF, _MOST))
    return written(bait.honest["mp4"], kind, offset, struct.pack(">I", scale))


@trick("mp4")
def absurd_duration(bait: Bait, chance: random.Random) -> bytes:
    kind, offset = chance.choice(((b"mvhd", 16), (b"mdhd", 16), (b"tkhd", 20)))
    return written(bait.honest["mp4"], kind, offset, struct.pack(">I", chance.choice((0, 1, 0x7FFFFFFF, _MOST))))


def _table(bait: Bait, kind: bytes, *rows: tuple[int, ...], count: int | None = None) -> bytes:
    """With one of the sample tables replaced, and perhaps a lie about how many rows it has."""
    content = b"".join(struct.pack(f">{len(row)}I", *row) for row in rows)
    head = struct.pack(">I", len(rows) if count is None else count)
    return replaced(bait.honest["mp4"], kind, full_box(kind, head, content))


@trick("mp4")
def absurd_steps(bait: Bait, chance: random.Random) -> bytes:
    """Frames that last no time, for ever, or backwards."""
    step = chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, _MOST))
    return _table(bait, b"stts", (chance.choice((1, 10, _MOST)), step))


@trick("mp4")
def negative_times(bait: Bait, chance: random.Random) -> bytes:
    """Shown before they are decoded, by far."""
    return added(
        bait.honest["mp4"],
        b"stbl",
        full_box(b"ctts", struct.pack(">III", 1, 10, chance.choice((0x80000000, _MOST, 0x90000000)))),
    )


@trick("mp4")
def millions_of_frames(bait: Bait, chance: random.Random) -> bytes:
    """In tables of a few bytes: all of one size, all of one step, all in one chunk."""
    count = chance.choice((2_000_000, 20_000_000, 0x0FFFFFFF))
    data = replaced(bait.honest["mp4"], b"stsz", full_box(b"stsz", struct.pack(">II", chance.choice((0, 1)), count)))
    data = replaced(data, b"stts", full_box(b"stts", struct.pack(">III", 1, count, 1)))
    return replaced(data, b"stsc", full_box(b"stsc", struct.pack(">IIII", 1, 1, count, 1)))


@trick("mp4")
def lying_tables(bait: Bait, chance: random.Random) -> bytes:
    kind, width = chance.choice(((b"stts", 2), (b"stsc", 3), (b"stco", 1), (b"stss", 1), (b"ctts", 2)))
    if kind not in bait.honest["mp4"]:
        kind, width = b"stsc", 3
    rows = [
        tuple(chance.choice((0, 1, 2, 1000, _MOST)) for _ in range(width)) for _ in range(chance.choice((0, 1, 50)))
    ]
    return _table(bait, kind, *rows, count=chance.choice((None, 0, _MOST)))


@trick("mp4")
def edits_without_end(bait: Bait, chance: random.Random) -> bytes:
    count = chance.choice((1, 1000, 200_000))
    edit = struct.pack(">IIhh", chance.choice((0, 1, 1000, _MOST)), chance.choice((0, 1, 512, _MOST)), 1, 0)
    elst = full_box(b"elst", struct.pack(">I", count), edit * count)
    data = bait.honest["mp4"]
    return replaced(data, b"edts", box(b"edts", elst)) if b"edts" in data else added(data, b"trak", box(b"edts", elst))


@trick("mp4")
def thousand_streams(bait: Bait, chance: random.Random) -> bytes:
    """The same track again and again, each with a number of its own."""
    data, count = bait.honest["mp4"], chance.choice((30, 1000))
    trak = find(data, b"trak")
    track = bytearray(data[trak.start : trak.end])
    at, tracks = track.index(b"tkhd") + 4 + 12, bytearray()
    for number in range(count):
        track[at : at + 4] = struct.pack(">I", number + 10)
        tracks += track
    return added(data, b"moov", bytes(tracks))


@trick("mp4")
def deep_boxes(bait: Bait, chance: random.Random) -> bytes:
    kind, depth = chance.choice((b"udta", b"moov", b"trak", b"meta")), chance.choice((100, 5000))
    content = b""
    for _ in range(depth):
        content = box(kind, content)
    return added(bait.honest["mp4"], b"moov", content)


@trick("mp4")
def huge_metadata(bait: Bait, chance: random.Random) -> bytes:
    text = chance.randbytes(50_000) * chance.choice((1, 60))
    value = box(b"data", struct.pack(">II", chance.choice((1, 13, 14)), 0), text)
    name = chance.choice((b"\xa9nam", b"covr", b"----", b"\xa9xyz"))
    meta = full_box(b"meta", full_box(b"hdlr", bytes(4) + b"mdirappl" + bytes(9)), box(b"ilst", box(name, value)))
    return added(bait.honest["mp4"], b"moov", box(b"udta", meta))


@trick("mp4")
def odd_display(bait: Bait, chance: random.Random) -> bytes:
    """A turn that is none, and pixels a thousand times as wide as high."""
    data = bait.honest["mp4"]
    if chance.random() < 0.5:
        matrix = struct.pack(">9i", *(chance.choice((0, 1, -1, 0x7FFFFFFF, -0x80000000)) for _ in range(9)))
        return written(data, b"tkhd", 40, matrix)
    old = find(data, b"stsd")
    aspect = box(
        b"pasp", struct.pack(">II", *chance.choice(((10_000, 1), (1, 10_000), (_MOST, 1), (0, 0), (1, _MOST))))
    )
    entry = bytearray(data[old.start + 16 : old.end].replace(b"pasp", b"free") + aspect)
    entry[:4] = struct.pack(">I", len(entry))
    return replaced(data, b"stsd", full_box(b"stsd", struct.pack(">I", 1), bytes(entry)))


@trick("mp4")
def endless_fragments(bait: Bait, chance: random.Random) -> bytes:
    """A fragment that says it has more samples than there are bytes."""
    trun = full_box(b"trun", struct.pack(">Ii", chance.choice((10, 3_000_000, _MOST)), 100), flags=1)
    fragment = box(
        b"moof", full_box(b"mfhd", struct.pack(">I", 1)), box(b"traf", full_box(b"tfhd", struct.pack(">I", 1)), trun)
    )
    extends = box(b"mvex", full_box(b"trex", struct.pack(">5I", 1, 1, chance.choice((0, 1)), chance.choice((0, 1)), 0)))
    return added(bait.honest["mp4"], b"moov", extends) + fragment * chance.choice((1, 500)) + box(b"mdat", bytes(100))


@trick("mp4")
def file_in_a_file(bait: Bait, chance: random.Random) -> bytes:
    """Films in films: in the data, in free space, or as the metadata of themselves."""
    data = bait.honest["mp4"]
    for _ in range(chance.choice((1, 5))):
        data = box(b"ftyp", b"isom\0\0\2\0isom") + box(chance.choice((b"mdat", b"free", b"moov", b"skip")), data)
    return data + chance.choice((b"", bait.honest["mp4"]))


@trick("mp4")
def no_video_codec(bait: Bait, chance: random.Random) -> bytes:
    """Pictures in a codec that nobody expects in it, or that there is none of."""
    data = bait.honest["mp4"]
    fourcc = chance.choice(
        (b"gif ", b"png ", b"tiff", b"raw ", b"drac", b"cvid", b"rpza", b"8BPS", b"XXXX", b"mjp2", b"dvcp")
    )
    return written(data, b"stsd", 12, fourcc)


@cache
def _still_clip(codec: str, side: int, frames: int) -> bytes:
    """A black clip: little to send, much to decode."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "clip.mp4")
        with av.open(str(path), "w") as container:
            stream = container.add_stream(
                codec, rate=30, options={"preset": "ultrafast", "crf": "50", "x265-params": "log-level=none"}
            )
            stream.width = stream.height = side
            stream.pix_fmt = "yuv420p"
            frame = VideoFrame.from_ndarray(np.full((side * 3 // 2, side), 128, np.uint8), "yuv420p")
            for number in range(frames):
                frame.pts = number
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()


@trick("mp4")
def large_pictures(_bait: Bait, _chance: random.Random) -> bytes:
    """As large as is just accepted."""
    return _still_clip("libx264", 4096, 2)


@trick("mp4")
def too_large_pictures(_bait: Bait, _chance: random.Random) -> bytes:
    return _still_clip("libx264", 4608, 1)


@trick("mp4")
def tiny_pictures(_bait: Bait, _chance: random.Random) -> bytes:
    return _still_clip("libx264", 2, 30)


# What follows is Matroska's (RFC 9559): a number of the element, its size, its content.


def element(number: str, content: bytes) -> bytes:
    return bytes.fromhex(number) + struct.pack(">Q", 1 << 56 | len(content)) + content


_HEAD = element("1A45DFA3", element("4282", b"webm") + element("4287", b"\4") + element("4285", b"\2"))
_VIDEO = element("D7", b"\1") + element("73C5", b"\1") + element("83", b"\1") + element("86", b"V_VP8")


def _film(info: bytes, tracks: bytes, rest: bytes) -> bytes:
    return _HEAD + element("18538067", element("1549A966", info) + element("1654AE6B", tracks) + rest)


def _track(width: int, height: int) -> bytes:
    return element(
        "AE", _VIDEO + element("E0", element("B0", struct.pack(">Q", width)) + element("BA", struct.pack(">Q", height)))
    )


@cache
def _packets(film: bytes) -> tuple[bytes, ...]:
    with av.open(io.BytesIO(film)) as container:
        return tuple(bytes(packet) for packet in container.demux(video=0) if packet.size)


def _cluster(bait: Bait, chance: random.Random, blocks: int) -> bytes:
    """Honest pictures at times that go wild."""
    packets = _packets(bait.honest["webm"])
    wild = chance.random() < 0.5
    moments = [chance.randint(-32768, 32767) if wild else 33 * n % 32768 for n in range(blocks)]
    parts = [
        element("A3", b"\x81" + struct.pack(">h", moment) + b"\x80" + packets[n % len(packets)])
        for n, moment in enumerate(moments)
    ]
    start = element("E7", struct.pack(">Q", chance.choice((0, 0, 1 << 62))))
    return element("1F43B675", start + b"".join(parts))


@trick("webm")
def absurd_webm_clock(bait: Bait, chance: random.Random) -> bytes:
    scale = struct.pack(">Q", chance.choice((0, 1, 1 << 63, (1 << 64) - 1)))
    length = struct.pack(">d", chance.choice((float("nan"), float("inf"), -1.0, 1e300)))
    return _film(element("2AD7B1", scale) + element("4489", length), _track(64, 64), _cluster(bait, chance, 5))


@trick("webm")
def giant_webm(bait: Bait, chance: random.Random) -> bytes:
    side = chance.choice((1 << 16, 1 << 32, (1 << 64) - 1, 0))
    return _film(element("2AD7B1", b"\x0f\x42\x40"), _track(side, side), _cluster(bait, chance, 2))


@trick("webm")
def thousand_webm_streams(bait: Bait, chance: random.Random) -> bytes:
    return _film(element("2AD7B1", b"\x0f\x42\x40"), _track(64, 64) * 1000, _cluster(bait, chance, 2))


@trick("webm")
def many_tiny_blocks(bait: Bait, chance: random.Random) -> bytes:
    return _film(
        element("2AD7B1", b"\x0f\x42\x40"), _track(64, 64), _cluster(bait, chance, chance.choice((1000, 30_000)))
    )


@trick("webm")
def deep_elements(bait: Bait, chance: random.Random) -> bytes:
    content = b""
    for _ in range(chance.choice((20, 300))):
        content = element(chance.choice(("1254C367", "7373", "67C8", "1043A770", "B6", "1654AE6B")), content)
    return _film(content, _track(64, 64), content)


@trick("webm")
def lying_element(bait: Bait, chance: random.Random) -> bytes:
    """A size that no file has."""
    data = bytearray(bait.honest["webm"])
    at = chance.choice([data.find(bytes.fromhex(each)) for each in ("18538067", "1F43B675", "1654AE6B", "1549A966")])
    data[at + 4 : at + 12] = chance.choice((b"\1" + b"\xff" * 7, b"\1" + bytes(7), b"\1\x7f" + b"\xff" * 6))
    return bytes(data)


@trick("webm")
def attachments_and_subtitles(bait: Bait, chance: random.Random) -> bytes:
    """A font, a script and captions that come with the film."""
    file = (
        element("466E", b"../../../evil.ttf")
        + element("4660", b"application/x-truetype-font")
        + element("465C", chance.randbytes(200_000))
    )
    captions = element(
        "AE", element("D7", b"\2") + element("73C5", b"\2") + element("83", b"\x11") + element("86", b"S_TEXT/ASS")
    )
    rest = element("1941A469", element("61A7", file + element("46AE", b"\1"))) + _cluster(bait, chance, 3)
    return _film(element("2AD7B1", b"\x0f\x42\x40"), _track(64, 64) + captions, rest)


@trick("webm")
def squeezed_track(_bait: Bait, chance: random.Random) -> bytes:
    """Its packets are said to be compressed with zlib: they unpack to a million times their size."""
    bomb = zlib.compress(bytes(chance.choice((10_000_000, 50_000_000))), 9)
    encoding = element("6D80", element("6240", element("5034", element("4254", b"\0"))))
    track = element("AE", _VIDEO + encoding + element("E0", element("B0", b"\x40") + element("BA", b"\x40")))
    block = element("A3", b"\x81\0\0\x80" + bomb)
    return _film(element("2AD7B1", b"\x0f\x42\x40"), track, element("1F43B675", element("E7", b"\0") + block * 3))


def _as_matroska(doc_type: bytes, bait: Bait, _chance: random.Random) -> bytes:
    return bait.honest["webm"].replace(b"webm", doc_type, 1)


trick("webm", name="another_doc_type")(partial(_as_matroska, b"x" * 4))
