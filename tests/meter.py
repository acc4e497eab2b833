"""An EBU R128 meter that is not ours: libavfilter's."""

import math
from pathlib import Path
from typing import NamedTuple

import av
from av.filter import Graph


class Reading(NamedTuple):
    """Integrated loudness in LUFS, true peak in dBTP."""

    lufs: float
    dbtp: float


def ebu_r128(path: Path) -> Reading:
    """What the meter says about the sound of a file as it is heard: decoded, edit lists applied."""
    last: dict[str, str] = {}
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        graph = Graph()
        source = graph.add_abuffer(template=stream)
        meter, sink = graph.add("ebur128", "peak=true:metadata=1:framelog=quiet"), graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        for frame in (*container.decode(stream), None):
            graph.push(frame)
            last = _newest(graph) or last
    peak = float(last["lavfi.r128.true_peak"])
    return Reading(float(last["lavfi.r128.I"]), 20 * math.log10(peak) if peak > 0 else -math.inf)


def _newest(graph: Graph) -> dict[str, str]:
    newest: dict[str, str] = {}
    while True:
        try:
            newest = dict(graph.pull().metadata) or newest
        except (av.BlockingIOError, av.EOFError):
            return newest
