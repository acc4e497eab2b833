"""Scripts and documents that are called media: what opens neighbours or addresses in careless readers."""

import io
import random
import zipfile
from collections.abc import Callable
from functools import partial

from tests.hostile.boxes import box
from tests.hostile.upload import Bait, trick


def ffconcat(bait: Bait, _chance: random.Random) -> bytes:
    return f"ffconcat version 1.0\nfile '{bait.file}'\nfile neighbour.mp4\nfile /etc/passwd\n".encode()


def hls(bait: Bait, _chance: random.Random) -> bytes:
    files = f"{bait.file}\n#EXTINF:1,\nhttp://127.0.0.1:{bait.port}/a.ts\n#EXTINF:1,\nneighbour.mp4"
    return f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\n{files}\n#EXT-X-ENDLIST\n".encode()


def dash(bait: Bait, _chance: random.Random) -> bytes:
    base = f"<BaseURL>http://127.0.0.1:{bait.port}/</BaseURL>"
    return f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">{base}</MPD>'.encode()


def sdp(bait: Bait, _chance: random.Random) -> bytes:
    lines = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video"
    return f"{lines} {bait.port} RTP/AVP 96\na=rtpmap:96 H264/90000\n".encode()


def svg(bait: Bait, _chance: random.Random) -> bytes:
    picture = f'<image href="http://127.0.0.1:{bait.port}/x.png"/><image href="file://{bait.file}"/>'
    entity = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file://{bait.file}">]>'
    return f'<?xml version="1.0"?>{entity}<svg xmlns="http://www.w3.org/2000/svg">{picture}&x;</svg>'.encode()


def mvg(bait: Bait, _chance: random.Random) -> bytes:
    return f"push graphic-context\nfill 'url(http://127.0.0.1:{bait.port}/\"|touch \"x)'\npop\n".encode()


def postscript(bait: Bait, _chance: random.Random) -> bytes:
    return f"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n({bait.file}) (r) file closefile\n".encode()


def pdf(bait: Bait, _chance: random.Random) -> bytes:
    action = f"<</S/URI/URI(http://127.0.0.1:{bait.port}/)>>"
    return f"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction {action}>>endobj\ntrailer<</Root 1 0 R>>\n".encode()


def zip_bomb(_bait: Bait, _chance: random.Random) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil.mp4", bytes(20_000_000))
    return file.getvalue()


def html(bait: Bait, _chance: random.Random) -> bytes:
    return f"<!doctype html><script>fetch('http://127.0.0.1:{bait.port}/')</script>".encode()


def shell(bait: Bait, _chance: random.Random) -> bytes:
    return f"#!/bin/sh\nexec cat {bait.file}\n".encode()


def subtitles(bait: Bait, _chance: random.Random) -> bytes:
    return f"1\n00:00:00,000 --> 00:00:01,000\n<img src='http://127.0.0.1:{bait.port}/'>\n".encode()


def nothing(_bait: Bait, _chance: random.Random) -> bytes:
    return b""


def one_byte(_bait: Bait, chance: random.Random) -> bytes:
    return chance.randbytes(1)


def other_formats(_bait: Bait, chance: random.Random) -> bytes:
    """Beginnings of formats that a media library knows and that nobody may send."""
    heads = (b"GIF89a", b"II*\0", b"BM", b"8BPS\0\1", b"v/1\1", b"FLV\1", b"OggS\0", b"fLaC", b"\0\0\1\xba", b"GIF87a")
    return chance.choice((*heads, b"RIFF\0\0\0\0AVI LIST", b"FORM\0\0\0\0AIFF", b"\x7fELF\2\1\1", b"MZ")) + bytes(500)


_TEXTS = (
    *(ffconcat, hls, dash, sdp, svg, mvg, postscript, pdf, zip_bomb, html, shell, subtitles),
    *(nothing, one_byte, other_formats),
)
for _make, _claim in zip(_TEXTS, ("mp4", "mp4", "webm", "mp4", "png", "png", "jpeg", "webp") * 2, strict=False):
    trick(_claim)(_make)

_DISGUISES = {
    "mp4": lambda: box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41"),
    "webm": lambda: b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm",
    "png": lambda: b"\x89PNG\r\n\x1a\n",
    "jpeg": lambda: b"\xff\xd8\xff\xfe\0\x40",
    "webp": lambda: b"RIFF\xff\xff\xff\xffWEBP",
    "mp3": lambda: b"ID3\4\0\0\0\0\0\0",
    "wav": lambda: b"RIFF\xff\xff\xff\xffWAVE",
    "aac": lambda: b"\xff\xf1\x50\x80",
}


def _disguised(text: Callable[[Bait, random.Random], bytes], ending: str, bait: Bait, chance: random.Random) -> bytes:
    """A script behind the first bytes of something that may be sent."""
    return _DISGUISES[ending]() + b"\n" + text(bait, chance)


for _make, _claim in zip((ffconcat, hls, sdp, ffconcat, svg, pdf, hls, sdp), _DISGUISES, strict=True):
    trick(_claim, name=f"{_make.__name__}_behind_a_beginning")(partial(_disguised, _make, _claim))


def _carrying(ending: str, bait: Bait, chance: random.Random) -> bytes:
    """An honest file with a document behind its end: whatever comes of it must not contain that."""
    return bait.honest[ending] + chance.choice((html, pdf, zip_bomb, shell))(bait, chance)


for _claim in ("png", "jpeg", "webp", "mp3", "mp4", "wav"):
    trick(_claim, name="carrying_a_document")(partial(_carrying, _claim))
