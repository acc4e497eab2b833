"""LipSyncTemplate: what is on screen when. How it is drawn lives in layers and effects."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from render_core.composition import Composition, Group, Scripted
from render_core.effects.blend import Mix
from render_core.effects.color import Look
from render_core.effects.glass import Glass, Rim
from render_core.effects.grain import Grain
from render_core.effects.vignette import Vignette
from render_core.geometry import Box, Focus
from render_core.layer import Drawing, Layer
from render_core.layers.image import Still
from render_core.layers.placed import Move, Placement
from render_core.layers.video import ClipFrame, looped
from render_core.motion import eased, interp, settled
from render_core.spec import AssetRef, RenderSpec, VideoFormat
from render_core.templates.caption_config import CaptionWord
from render_core.templates.captions import CaptionTrack, caption_words, check_captions
from render_core.templates.headline import check_headline, headline
from render_core.templates.lip_sync.config import LipSyncConfig
from render_core.templates.lip_sync.timing import (
    HALF,
    Segment,
    badge_size,
    segments_of,
    speaker_opacity,
    speaker_roundness,
    speaker_scale,
    way_to_screen,
)
from render_core.templates.registry import Role, Template, output_format
from render_core.templates.settings import Settings, parse_settings
from render_core.templates.spoken import spoken_frames, spoken_sound
from render_core.timing import frames_in, nearest_frames, seconds_at

MIXES: tuple[tuple[Mix, float], ...] = (("normal", 0.85), ("screen", 0.9), ("normal", 0.9), ("normal", 1.0))
_HEADLINE_RESTS_S = 0.7
"""After that long nobody sees its spring move."""
COVER_LOOK = Look(brightness=1.2, contrast=1.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One LipSync video: its settings, inputs and measures, and a method for each layer."""

    config: LipSyncConfig
    format: VideoFormat
    frame_count: int
    avatar: AssetRef
    cover: AssetRef | None
    segments: tuple[Segment, ...]

    def layers(self) -> Iterator[Layer]:
        """From the back to the front."""
        yield Scripted(lambda frame: self.speaker(frame, is_above=False))
        yield Scripted(self.broll)
        yield Scripted(lambda frame: self.speaker(frame, is_above=True))
        yield Scripted(self.badge)
        yield Scripted(self.cover_image)
        if self.config.vignette_strength > 0:
            yield Scripted(lambda _: Vignette(strength=self.config.vignette_strength))
        if self.config.film_grain > 0:
            yield Scripted(lambda frame: Grain(strength=self.config.film_grain, seed=1, frame=frame))
        if self.config.main_text:
            yield Scripted(self.headline)
        if self.config.show_captions:
            yield CaptionTrack(self.captions, self.config.caption_style, self.format)

    @property
    def screen(self) -> Box:
        """The whole canvas."""
        return Box(left=0, top=0, width=self.format.width, height=self.format.height)

    @property
    def px(self) -> float:
        """A length of one pixel at a height of 1920."""
        return self.format.height / 1920

    @property
    def circle(self) -> Box:
        """The box of the circle at its full size."""
        height, config = self.format.height, self.config
        side = height * config.circle_size_percent / 100
        bottom = 60 * self.px + height * config.circle_bottom_percent / 100
        return Box(left=config.circle_left_px * self.px, top=height - side - bottom, width=side, height=side)

    @property
    def captions(self) -> tuple[CaptionWord, ...]:
        """The words of the captions."""
        duration_ms = round(1000 * seconds_at(self.frame_count, self.format.fps))
        return caption_words(self.config, self.avatar.info.speech, duration_ms)

    @property
    def look(self) -> Look:
        """The filter of the speaker and the b-roll."""
        return Look(brightness=0.95 * self.config.color_correction, contrast=1.15, saturation=1.3)

    def speaker(self, frame: int, *, is_above: bool) -> Drawing | None:
        """The avatar: the full screen, or on its way to the circle and back while b-roll plays."""
        running = self._running(frame)
        if running is None:
            placement = Placement(box=self.screen, look=self.look, fit="contain")
            return None if is_above else self._avatar(frame, placement)
        smallest, fps = self.config.circle_size_percent / 100, float(self.format.fps)
        at, length = float(frame - running.start), float(running.length)
        k = speaker_scale(at, length, fps, smallest)
        if (k < 0.5) != is_above:
            return None
        part = way_to_screen(k, smallest)
        placement = Placement(
            box=self.circle.towards(self.screen, part),
            fit="cover" if is_above else "contain",
            focus=self._focus(1 - part),
            look=self.look,
            opacity=speaker_opacity(at, length, fps),
            roundness=speaker_roundness(k, smallest),
        )
        return self._on_glass(frame, placement, eased(placement.roundness, (0, 0.25, 0.5), (0, 0.6, 1)))

    def broll(self, frame: int) -> Drawing | None:
        """The running segment's clip or image."""
        running = self._running(frame)
        if running is None:
            return None
        mix, opacity = MIXES[running.index % len(MIXES)]
        at = frame - running.start
        move = broll_move(running.index, float(at / running.length), self.format.width)
        placement = Placement(box=self.screen, move=move, look=self.look, mix=mix, opacity=opacity)
        if running.asset.info.kind == "image":
            return Still(asset=running.asset, placement=placement)
        at_s = looped(at / self.format.fps, running.asset.info)
        return ClipFrame(asset=running.asset, at_s=at_s, placement=placement)

    def badge(self, frame: int) -> Drawing | None:
        """The second, round picture of the speaker."""
        fps = self.format.fps
        near = next((segment for segment in self.segments if segment.badge_holds(frame, fps)), None)
        if near is None:
            return None
        size = badge_size(float(frame - near.start + HALF * fps), float(near.length), float(fps))
        box = self.circle.scaled(size)
        return self._on_glass(frame, Placement(box=box, focus=self._focus(1), look=self.look, roundness=0.5), 1)

    def cover_image(self, frame: int) -> Drawing | None:
        """The cover at the start, fading out."""
        length = frames_in(self.config.cover_duration, self.format.fps)
        if self.cover is None or frame >= length:
            return None
        opacity = interp(frame, (0, 0.7 * length, length), (1, 1, 0))
        return Still(asset=self.cover, placement=Placement(box=self.screen, look=COVER_LOOK, opacity=opacity))

    @property
    def poster(self) -> int | None:
        """The frame in which the headline has come to rest, if it does before it goes."""
        rest = frames_in(self.config.cover_duration, self.format.fps) + frames_in(_HEADLINE_RESTS_S, self.format.fps)
        gone = self.segments[0].start if self.segments else self.frame_count
        return rest if self.config.main_text and rest <= gone else None

    def headline(self, frame: int) -> Drawing | None:
        """The main text in the upper third: springs in when the cover ends, fades out as the first segment begins."""
        fps = self.format.fps
        since = seconds_at(frame - frames_in(self.config.cover_duration, fps), fps)
        gone = self.segments[0].start if self.segments else Fraction(self.frame_count)
        fading = nearest_frames(HALF, fps)
        opacity = interp(frame, (float(gone), float(gone + fading)), (1, 0)) * interp(float(since), (0, 0.15), (0, 1))
        if since < 0 or opacity <= 0:
            return None
        return headline(self.config.main_text, self.format, zoom=0.6 + 0.4 * settled(float(since)), opacity=opacity)

    def _running(self, frame: int) -> Segment | None:
        return next((segment for segment in self.segments if segment.holds(frame)), None)

    def _avatar(self, frame: int, placement: Placement) -> Drawing:
        return ClipFrame(asset=self.avatar, at_s=seconds_at(frame, self.format.fps), placement=placement)

    def _on_glass(self, frame: int, placement: Placement, glass: float) -> Drawing:
        """The avatar with a pane of glass behind it and a rim on it; ``glass`` is their opacity relative to its own."""
        opacity = glass * placement.opacity
        if opacity <= 0 or placement.box.width <= 0:
            return self._avatar(frame, placement)
        box, roundness, px = placement.box, placement.roundness, self.px
        return Group(
            (
                Glass(box=box, roundness=roundness, opacity=opacity, turn_deg=float(3 * frame % 360), px=px),
                self._avatar(frame, placement),
                Rim(box=box, roundness=roundness, opacity=opacity, px=px),
            )
        )

    def _focus(self, part: float) -> Focus:
        """The wanted part of the face: all of the setting in the circle (1), nothing of it on the full screen (0)."""
        config = self.config
        return Focus(
            x=config.face_offset_x / 100 * part,
            y=config.face_offset_y / 100 * part,
            scale=1 + (config.face_scale - 1) * part,
        )


def broll_move(index: int, progress: float, width: int) -> Move:
    """The move of segment ``index`` at ``progress`` (0 … 1) through it, on a canvas ``width`` pixels wide."""
    moves = (
        Move(zoom=1 + 0.1 * progress),
        Move(zoom=1.1 - 0.1 * progress),
        Move(zoom=1.15, shift_x=0.05 * width * progress),
        Move(zoom=1.15, shift_x=0.05 * width * (1 - progress)),
        Move(zoom=1.05 + 0.07 * progress, turn_deg=2 * progress - 1),
    )
    return moves[index % len(moves)]


def build_lip_sync(spec: RenderSpec) -> Composition:
    """The composition of a checked spec."""
    config = parse_settings(LipSyncConfig, spec.config)
    video_format = output_format(config.width, config.height, config.fps, spec.scale)
    avatar = spec.assets["lipSyncVideo"][0]
    frame_count = spoken_frames(config.duration, config.fps, avatar, "lipSyncVideo")
    music = next(iter(spec.assets.get("backgroundMusic", ())), None)
    scene = Scene(
        config=config,
        format=video_format,
        frame_count=frame_count,
        avatar=avatar,
        cover=next(iter(spec.assets.get("coverImage", ())), None),
        segments=segments_of(config, frame_count, spec.assets.get("backgroundVideos", ())),
    )
    return Composition(
        format=video_format,
        frame_count=frame_count,
        layers=tuple(scene.layers()),
        sound=spoken_sound(config, (frame_count, config.fps), avatar, music),
        poster=scene.poster,
    )


def check_lip_sync(settings: Settings) -> None:
    """Refuse what could not be drawn."""
    config = cast("LipSyncConfig", settings)
    check_headline(config.main_text, "config.mainText")
    check_captions(config)


LIP_SYNC = Template(
    name="LipSyncTemplate",
    title="Talking head with b-roll",
    config=LipSyncConfig,
    roles=(
        Role(
            name="lipSyncVideo",
            title="Avatar",
            kinds=("video",),
            asset_type="avatar",
            is_required=True,
            heard_for="captionText",
        ),
        Role(name="coverImage", title="Cover", kinds=("image",), asset_type="cover"),
        Role(name="backgroundVideos", title="B-roll", kinds=("video", "image"), asset_type="background", is_many=True),
        Role(name="backgroundMusic", title="Music", kinds=("audio",), asset_type="music"),
    ),
    check=check_lip_sync,
    build=build_lip_sync,
)
