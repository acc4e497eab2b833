"""The simple scene as a user of MovieLite writes it. Run by peers.py: scene.json, then the file to write."""

import json
import os
import sys
from pathlib import Path

import cv2
from movielite import AudioClip, ImageClip, TextClip, VideoClip, VideoWriter, vfx
from movielite.core import video_writer
from pictex import Canvas

# Its presets know no crf 23 with veryfast: otherwise it would be charged for finer pictures.
video_writer._get_ffmpeg_libx264_crf = lambda _: "23"  # noqa: SLF001

scene = json.loads(Path(sys.argv[1]).read_text())
seconds, side = scene["seconds"], scene["circle"]["side"]
writer = VideoWriter(sys.argv[2], fps=scene["fps"], size=(scene["width"], scene["height"]), duration=seconds)

start = 0.0
for roll in scene["rolls"]:
    clip = VideoClip(roll["path"], start=start, duration=roll["seconds"])
    writer.add_clip(clip.add_effect(vfx.Vignette(intensity=0.7)))
    start += roll["seconds"]

avatar = VideoClip(scene["avatar"], duration=seconds)
height = round(side * avatar.size[1] / avatar.size[0])
top = (height - side) // 2
face = avatar.set_size(side, height).add_transform(lambda frame, _: frame[top : top + side])
place = (scene["circle"]["left"], scene["circle"]["top"])
face.set_mask(ImageClip(cv2.imread(scene["mask"]), duration=seconds).set_position(place))
writer.add_clip(face.set_position(place))

canvas = Canvas().font_family(scene["font"]).font_size(scene["title_size"]).color("white").text_stroke(6, "black")
title = TextClip(scene["title"], duration=seconds, canvas=canvas.padding(20))
writer.add_clip(title.set_position(((scene["width"] - title.size[0]) // 2, scene["title_top"])))
writer.add_clip(AudioClip(scene["music"], duration=seconds, volume=0.5))
writer.write(processes=os.cpu_count() or 1)
