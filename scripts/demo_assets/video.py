"""Pictures to an H.264 file: dithered BT.709 in limited range, a keyframe each two seconds, closed groups."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from demo_assets.canvas import Floats
from demo_assets.sound import RATE

FPS = 30
_X264 = (
    "threads=1:asm=MMX2,SSE2Fast,SSSE3,SSE4.2,AVX,LZCNT,BMI2,AVX2:"
    "keyint=60:min-keyint=60:scenecut=0:open-gop=0:aq-mode=3:aq-strength=1.0:deblock=0,0"
)
_MATRIX = np.array([[0.2126, 0.7152, 0.0722], [-0.1146, -0.3854, 0.5], [0.5, -0.4542, -0.0458]], np.float32)
"""Rec. ITU-R BT.709: R'G'B' to Y'CbCr."""


def to_i420(pixels: Floats, noise: Floats) -> NDArray[np.uint8]:
    """A picture (h, w, 3) within 0–1 as I420 planes, shape (h·3/2, w); the noise hides the steps of gradients."""
    yuv = cv2.transform(np.clip(pixels, 0, 1), _MATRIX)
    luma = yuv[..., 0] * 219 + 16 + noise
    height, width = luma.shape
    half = cv2.resize(yuv[..., 1:], (width // 2, height // 2), interpolation=cv2.INTER_AREA) * 224 + 128
    chroma = np.moveaxis(half, 2, 0) + noise[: height // 2, : width // 2] * 0.7
    planes = np.concatenate([luma, chroma.reshape(-1, width)])
    return np.clip(np.round(planes), 0, 255).astype(np.uint8)


def still_noise(height: int, width: int, strength: float = 0.9) -> Floats:
    """A grain that stands still, in 8-bit steps: it costs next to nothing after the first picture."""
    random = np.random.default_rng(2024)
    grain = random.random((height, width), np.float32) + random.random((height, width), np.float32) - 1
    return grain * np.float32(strength)


def write_video(
    path: Path, pictures: Iterable[NDArray[np.uint8]], crf: float, sound: NDArray[np.float64] | None = None
) -> None:
    """Write I420 pictures, and stereo samples (2, n) at 48 kHz if there are any, as an MP4 that starts fast."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = None
        audio = container.add_stream("aac", rate=RATE, layout="stereo", bit_rate=112_000) if sound is not None else None
        for index, planes in enumerate(pictures):
            stream = stream or _video_stream(container, planes, crf)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            _tag(frame)
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode())
        if audio is not None and sound is not None:
            write_sound(container, audio, sound)


def _video_stream(container: av.container.OutputContainer, planes: NDArray[np.uint8], crf: float) -> av.VideoStream:
    stream = container.add_stream("libx264", rate=FPS)
    stream.width, stream.height = planes.shape[1], planes.shape[0] * 2 // 3
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, FPS)
    _tag(stream.codec_context)
    stream.options = {"crf": str(crf), "preset": "slow", "x264-params": _X264}
    return stream


def _tag(target: av.VideoFrame | av.VideoCodecContext) -> None:
    target.colorspace = target.color_primaries = target.color_trc = 1
    target.color_range = 1


def write_sound(container: av.container.OutputContainer, stream: av.AudioStream, samples: NDArray[np.float64]) -> None:
    """Encode stereo samples (2, n) within ±1 at 48 kHz into an open container."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.float32), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    container.mux(stream.encode(frame))
    container.mux(stream.encode())
