"""The simple scene as a user of MoviePy 2 writes it. Run by peers.py: scene.json, then the file to write."""

import json
import sys
from pathlib import Path

import numpy as np
from moviepy import (
    AudioFileClip,
    CompositeAudioClip,
    CompositeVideoClip,
    ImageClip,
    TextClip,
    VideoFileClip,
    concatenate_videoclips,
)
from PIL import Image

scene = json.loads(Path(sys.argv[1]).read_text())
seconds, side = scene["seconds"], scene["circle"]["side"]

rolls = [VideoFileClip(roll["path"]).subclipped(0, roll["seconds"]) for roll in scene["rolls"]]
background = concatenate_videoclips(rolls)
avatar = VideoFileClip(scene["avatar"]).subclipped(0, seconds)
face = avatar.cropped(width=avatar.w, height=avatar.w, x_center=avatar.w / 2, y_center=avatar.h / 2)
mask = ImageClip(np.asarray(Image.open(scene["mask"])) / 255, is_mask=True, duration=seconds)
face = face.resized((side, side)).with_mask(mask).with_position((scene["circle"]["left"], scene["circle"]["top"]))
vignette = ImageClip(scene["vignette"], duration=seconds)  # there is no such effect: a picture of it is laid over
title = TextClip(
    font=scene["font"],
    text=scene["title"],
    font_size=scene["title_size"],
    color="white",
    stroke_color="black",
    stroke_width=6,
    margin=(20, 20),
    duration=seconds,
).with_position(("center", scene["title_top"]))
music = AudioFileClip(scene["music"]).subclipped(0, seconds).with_volume_scaled(0.5)

video = CompositeVideoClip([background, face, vignette, title], size=(scene["width"], scene["height"])).with_duration(
    seconds
)
video.with_audio(CompositeAudioClip([avatar.audio, music])).write_videofile(
    sys.argv[2],
    fps=scene["fps"],
    codec="libx264",
    preset="veryfast",
    ffmpeg_params=["-crf", "23"],
    audio_codec="aac",
    audio_bitrate="192k",
    logger=None,
)
