"""Stands in for ffprobe where there is none: rate, channels and length of the sound of the file named last."""

import sys

import av

with av.open(sys.argv[-1]) as container:
    stream = container.streams.audio[0]
    print(stream.rate, stream.channels, container.duration / av.time_base, sep="\n")
