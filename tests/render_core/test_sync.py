"""Picture and sound of finished files, looked at with nothing of ours."""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.resampler import AudioResampler
from av.video.frame import VideoFrame

from cluster.local import render_locally
from cluster.storage import LocalObjectStore
from render_core.audio.mix import Sound, mix
from render_core.media.concat import concat
from render_core.media.delivery import deliver
from render_core.media.encode import DRAFT, encode_cell
from render_core.media.pool import MediaPool
from render_core.media.sound import encode_sound
from render_core.spec import VideoFormat
from render_core.templates import make_spec
from tests.factories import asset, by_path, make_clip, make_sound, noise, numbered_picture, read_number

PLAIN = {"vignetteStrength": 0, "filmGrain": 0, "fadeOut": 0, "colorCorrection": 1.0}
Render = Callable[..., Path]


@pytest.fixture
def render(tmp_path: Path) -> Render:
    """Renders a talking head of a clip, and nothing else, at 108×192."""

    def render(clip: Path, **config: object) -> Path:
        spec = make_spec("LipSyncTemplate", {"lipSyncVideo": (asset(clip),)}, PLAIN | config, scale=0.1)
        out = tmp_path / "out.mp4"
        cells = LocalObjectStore(tmp_path / "cells")
        render_locally(spec, locate=by_path(), out=out, cells=cells, jobs=1, on_progress=lambda _: None)
        return out

    return render


def heard(path: Path) -> np.ndarray:
    """The left channel at 48 kHz from the moment of the first picture on, placed by the file's own times."""
    with av.open(str(path)) as container:
        first = next(container.decode(video=0))
        assert first.pts is not None
        zero = float(first.pts * first.time_base)
    sound, resampler = np.zeros(48000 * 200, np.float32), AudioResampler("fltp", "mono", 48000)
    end = 0
    with av.open(str(path)) as container:
        for frame in (*container.decode(audio=0), None):
            for block in resampler.resample(frame):
                samples = block.to_ndarray()[0]
                at = round((float(block.pts * block.time_base) - zero) * 48000)
                sound[max(0, at) : max(0, at + len(samples))] = samples[max(0, -at) :]
                end = at + len(samples)
    return sound[:end]


def lag_ms(later: np.ndarray, earlier: np.ndarray) -> float:
    """How much later the one is than the other: the peak of their correlation."""
    n = max(len(later), len(earlier))
    spectra = np.fft.rfft(later, 2 * n) * np.conj(np.fft.rfft(earlier, 2 * n))
    peak = int(np.abs(np.fft.irfft(spectra)).argmax())
    return (peak if peak < n else peak - 2 * n) / 48


FINE = Fraction(1, 600)
SOURCES = {
    "as it is": {},
    "sound begins later": {"sound_at": 0.5},
    "sound begins earlier": {"ticks": tuple(range(300, 1500, 20)), "time_base": FINE},
    "the first frames are hidden": {"ticks": tuple(range(-200, 1000, 20)), "time_base": FINE},
    "25 frames a second": {"fps": Fraction(25)},
    "29.97 frames a second": {"fps": Fraction(30000, 1001)},
    "60 frames a second": {"fps": Fraction(60), "frames": 120},
    "a variable rate": {"ticks": tuple(int(n * 20 + 9 * np.sin(n)) for n in range(60)), "time_base": FINE},
}


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_sound_stays_with_the_picture_within_10_ms(tmp_path, render, source, suffix):
    plan: dict[str, object] = {"frames": 60, "width": 108, "height": 192, "sound": noise(2.0)} | source
    clip = make_clip(tmp_path / f"in.{suffix}", **plan)
    out = render(clip)
    assert abs(lag_ms(heard(out), heard(clip))) <= 1
    shown = numbers(out)
    assert len(shown) > 40
    for frame, (at, number) in enumerate(shown):
        assert at == pytest.approx(frame / 30, abs=1e-6)
        assert number in {number_at(clip, at), number_at(clip, at + 0.001)}  # Matroska rounds to milliseconds


@lru_cache(maxsize=4)
def numbers(path: Path) -> tuple[tuple[float, int], ...]:
    """When each frame is shown, in seconds after the first one, and the number written in it."""
    with av.open(str(path)) as container:
        found = [(float(frame.pts * frame.time_base), number_in(frame)) for frame in container.decode(video=0)]
    return tuple((at - found[0][0], number) for at, number in found)


def number_at(path: Path, at_s: float) -> int:
    """The number on screen."""
    return [number for begins, number in numbers(path) if begins <= at_s + 1e-6][-1]


def number_in(frame: VideoFrame) -> int:
    picture = numbered_picture(0, frame.width, frame.height)
    picture.y[:] = frame.to_ndarray(format="gray")
    return read_number(picture)


def test_a_sine_goes_smoothly_over_the_borders_of_cells(tmp_path, render):
    out = render(make_clip(tmp_path / "in.mp4", frames=195, width=108, height=192, tone_hz=440.0))
    sound = heard(out)[: 6 * 48000].astype(np.float64)
    bend = np.abs(sound[2:] - 2 * np.cos(2 * np.pi * 440 / 48000) * sound[1:-1] + sound[:-2])  # 0 for a pure sine
    usual = np.percentile(bend[48000:], 99.9)
    for border in (2, 4):
        around = bend[int((border - 0.05) * 48000) : int((border + 0.05) * 48000)]
        assert around.max() < 2 * usual < 0.01


def test_long_sound_does_not_drift(tmp_path):
    """A burst each second at 44.1 kHz, and pictures at 29.97: the moments of both stay exact to the end."""
    seconds, size = 180, VideoFormat(width=16, height=16, fps=Fraction(30000, 1001))
    source = make_sound(tmp_path / "bursts.m4a", bursts(seconds, 44100), "aac", 44100)
    with MediaPool(by_path()) as pool:
        mixture = mix(Sound(duration_s=Fraction(seconds), voice=asset(source)), pool.sound)
        deliver(mixture, encode_sound, tmp_path / "track.m4a")
    cell, out = tmp_path / "cell.mp4", tmp_path / "out.mp4"
    cell.write_bytes(encode_cell((numbered_picture(0, 16, 16) for _ in range(60)), size, DRAFT))
    concat([cell] * (seconds // 2), tmp_path / "track.m4a", out, size.fps)
    with av.open(str(out)) as container:
        times = sorted(packet.pts * packet.time_base for packet in container.demux(video=0) if packet.size)
    assert times == [n / size.fps for n in range(len(times))]
    sound = heard(out)[: seconds * 48000].reshape(seconds, 48000)
    late = [lag_ms(second[:4800], bursts(1, 48000)[:4800, 0]) for second in sound]
    assert max(late) - min(late) <= 0.1
    assert abs(max(late)) <= 1


def bursts(seconds: int, rate: int) -> np.ndarray:
    """10 ms of noise at the beginning of each second."""
    at = np.arange(rate) / rate
    coarse = np.random.default_rng(5).normal(0, 0.3, 64)
    burst = np.interp(at, np.arange(64) * 0.01 / 64, coarse) * (at < 0.01)
    return np.repeat(np.tile(burst, seconds).astype(np.float32)[:, None], 2, axis=1)
