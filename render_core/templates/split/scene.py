"""SplitTalkingHead: what is on screen when. How it is drawn lives in layers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import cast

from render_core.composition import Composition, Group, Scripted
from render_core.geometry import Box
from render_core.layer import Drawing, Layer
from render_core.layers.placed import STILL, Placement
from render_core.layers.shape import Panel, Shade
from render_core.layers.title import Title
from render_core.layers.video import ClipFrame
from render_core.layers.window import Window
from render_core.layers.words import filling
from render_core.spec import AssetRef, RenderSpec, VideoFormat
from render_core.templates.captions import CaptionTrack, caption_words, check_captions
from render_core.templates.footage import footage, ken_burns
from render_core.templates.lettering import check_lettering
from render_core.templates.registry import Role, Template, output_format
from render_core.templates.settings import Settings, parse_settings
from render_core.templates.split.config import SplitConfig
from render_core.templates.split.layout import SplitLayout, own_box
from render_core.templates.spoken import face_of, spoken_frames, spoken_sound
from render_core.templates.theme import rgb
from render_core.templates.timeline import Shot, Timeline, cut_of
from render_core.text.animation import Animation
from render_core.text.layout import Room
from render_core.text.raster import TextStyle
from render_core.timing import exact, seconds_at

_ARRIVAL = Animation(kind="slide", per="word", duration_s=0.5, stagger_s=0.06)


@dataclass(frozen=True, kw_only=True)
class SplitScene:
    """One split video: its settings, inputs and measures, and a method for each layer."""

    config: SplitConfig
    format: VideoFormat
    frame_count: int
    avatar: AssetRef
    brolls: tuple[AssetRef, ...]

    def layers(self) -> Iterator[Layer]:
        """From the back to the front. Without b-roll the speaker has the whole screen."""
        yield Scripted(self.speaker)
        if self.brolls:
            yield Scripted(lambda frame: Window(region=self.layout.upper, drawings=self.timeline.at(frame).drawings))
        if self.config.main_text:
            yield Scripted(lambda _: self.shade)
            yield Scripted(lambda frame: self.headline.at(float(seconds_at(frame, self.format.fps))))
        if self.brolls and self.config.seam_width > 0:
            yield Scripted(lambda _: Panel(box=self.layout.seam, color=rgb(self.config.seam_color)))
        if self.config.show_captions:
            yield self.captions

    def speaker(self, frame: int) -> Drawing:
        """The avatar in its part of the screen."""
        placement = Placement(box=own_box(self.layout.lower), focus=face_of(self.config))
        picture = ClipFrame(asset=self.avatar, at_s=seconds_at(frame, self.format.fps), placement=placement)
        return Window(region=self.layout.lower, drawings=(picture,))

    @cached_property
    def layout(self) -> SplitLayout:
        """Where things are."""
        config = self.config
        return SplitLayout(
            format=self.format,
            split_percent=config.split_percent,
            seam_width=config.seam_width,
            has_broll=bool(self.brolls),
        )

    @cached_property
    def timeline(self) -> Timeline:
        """The b-roll in turn, again and again until the end; a single one plays on without a cut."""
        length, end = exact(self.config.segment_duration) * self.format.fps, Fraction(self.frame_count)
        count = max(1, int(end / length + Fraction(1, 2))) if len(self.brolls) > 1 else 1
        stops = (*(length * index for index in range(1, count)), end)
        shots = (
            Shot(start=length * index, stop=stop, show=partial(self._footage, index))
            for index, stop in enumerate(stops)
        )
        return Timeline(tuple(shots), cut_of(self.config, self.format.fps))

    @cached_property
    def captions(self) -> CaptionTrack:
        """Captions on the seam, or where their style says."""
        duration_ms = round(1000 * seconds_at(self.frame_count, self.format.fps))
        words = caption_words(self.config, self.avatar.info.speech, duration_ms)
        is_on_seam = self.config.captions_on_seam and bool(self.brolls) and not self.layout.is_wide
        middle = float(self.layout.edge) if is_on_seam else None
        # Sizes are meant at a height of 1920, which in a wide picture would leave small letters.
        larger = max(1.0, self.layout.px / (self.format.height / 1920)) if self.layout.is_wide else 1.0
        style = self.config.caption_style
        style = style.model_copy(update={"font_size": style.font_size * larger})
        return CaptionTrack(words, style, self.format, middle=middle)

    @cached_property
    def headline(self) -> Title:
        """The headline at the top of the b-roll; its lines break the same at every scale."""
        config = self.config
        whole = replace(self.layout, format=output_format(config.width, config.height, config.fps, 1))
        room = Room(width=0.88 * whole.headline.width, lines=3, least=44 * whole.px, largest=92 * whole.px)
        style = TextStyle(
            family=config.headline_font,
            weight=800,
            size=1,
            line_height=1.12,
            shadow=0.12,
            shadow_down=0.04,
            shadow_opacity=0.6,
        )
        words = filling(config.main_text, style, room, 0.42 * whole.headline.height, self.layout.px / whole.px)
        middle = self.layout.text_top + words.height / 2
        return words.title((self.layout.headline.width / 2, middle), "centre", enter=_ARRIVAL)

    @cached_property
    def shade(self) -> Shade:
        """What makes the headline readable on any picture."""
        lines, style, place = self.headline.lines, self.headline.style, self.layout.headline
        height = self.layout.text_top + (len(lines) + 1.2) * style.size * style.line_height
        box = Box(left=0, top=0, width=place.width, height=min(height, place.height))
        return Shade(box=box, color=(0, 0, 0), top=0.7, bottom=0.0)

    def _footage(self, index: int, frame: int) -> Group:
        asset, box = self.brolls[index % len(self.brolls)], own_box(self.layout.upper)
        start, stop = self.timeline.reach(index)
        move = ken_burns(index, float((frame - start) / (stop - start)), box, self.config.movement / 100)
        is_image = asset.info.kind == "image"
        return footage(asset, box, (frame - start) / self.format.fps, move if is_image else STILL)


def build_split(spec: RenderSpec) -> Composition:
    """The composition of a checked spec."""
    config = parse_settings(SplitConfig, spec.config)
    avatar = spec.assets["avatarVideo"][0]
    frame_count = spoken_frames(config.duration, config.fps, avatar, "avatarVideo")
    scene = SplitScene(
        config=config,
        format=output_format(config.width, config.height, config.fps, spec.scale),
        frame_count=frame_count,
        avatar=avatar,
        brolls=spec.assets.get("backgroundVideos", ()),
    )
    music = next(iter(spec.assets.get("backgroundMusic", ())), None)
    return Composition(
        format=scene.format,
        frame_count=frame_count,
        layers=tuple(scene.layers()),
        sound=spoken_sound(config, (frame_count, config.fps), avatar, music),
        poster=scene.timeline.middle(0) if scene.brolls else None,
    )


def check_split(settings: Settings) -> None:
    """Refuse what could not be drawn."""
    config = cast("SplitConfig", settings)
    check_lettering(config.headline_font, [("config.mainText", config.main_text)], "config.headlineFont")
    check_captions(config)


SPLIT = Template(
    name="SplitTalkingHead",
    title="Split screen",
    config=SplitConfig,
    roles=(
        Role(
            name="avatarVideo",
            title="Avatar",
            kinds=("video",),
            asset_type="avatar",
            is_required=True,
            heard_for="captionText",
        ),
        Role(name="backgroundVideos", title="B-roll", kinds=("video", "image"), asset_type="background", is_many=True),
        Role(name="backgroundMusic", title="Music", kinds=("audio",), asset_type="music"),
    ),
    check=check_split,
    build=build_split,
)
