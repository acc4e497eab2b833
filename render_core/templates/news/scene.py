"""NewsTemplate: what is on screen when. How it is drawn lives in layers."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from math import cos, pi

from render_core.composition import Composition, Group, Scripted
from render_core.geometry import Box, region_of
from render_core.layer import Drawing, Layer
from render_core.layers.backdrop import Studio
from render_core.layers.graphics import HeadlineCard, LowerThird
from render_core.layers.placed import STILL, Placement
from render_core.layers.shape import Shadow
from render_core.layers.video import ClipFrame
from render_core.layers.window import Window
from render_core.spec import AssetRef, RenderSpec, VideoFormat
from render_core.templates.footage import footage, ken_burns
from render_core.templates.logo import logo_of
from render_core.templates.news.config import NewsConfig
from render_core.templates.news.graphics import NewsGraphics, check_news
from render_core.templates.news.layout import NewsLayout
from render_core.templates.news.running_order import Phase, phases_of
from render_core.templates.registry import Role, Template, output_format
from render_core.templates.settings import parse_settings
from render_core.templates.spoken import face_of, spoken_frames, spoken_sound
from render_core.templates.theme import lightened, rgb
from render_core.templates.timeline import Shot, Timeline, cut_of
from render_core.timing import exact, seconds_at

_BREATH_S = 24
"""How long the light of the studio takes to wander there and back."""


@dataclass(frozen=True, kw_only=True)
class NewsScene:
    """One programme: its settings, inputs and measures, and a method for each layer."""

    config: NewsConfig
    format: VideoFormat
    presenter: AssetRef
    background: AssetRef | None
    logo: AssetRef | None
    phases: tuple[Phase, ...]

    def layers(self) -> Iterator[Layer]:
        """From the back to the front."""
        yield Scripted(self.studio)
        yield Scripted(self.broll)
        yield Scripted(self.speaker)
        yield Scripted(self.card)
        yield Scripted(self.lower_third)
        if self.logo is None or self.config.logo_corner != "top left":
            yield Scripted(lambda _: self.graphics.show_name)
        if self.config.ticker:
            yield Scripted(lambda frame: self.graphics.ticker.at(self._seconds(frame)))
        if self.logo is not None:
            logo = logo_of(self.logo, self.config, self.layout.logo_room, self.format)
            yield Scripted(lambda _: logo)

    def studio(self, frame: int) -> Drawing:
        """The set: drawn by us, or given."""
        if self.background is not None:
            return footage(self.background, self.layout.screen, self._seconds(frame))
        base = rgb(self.config.base_color)
        part = 0.5 - 0.5 * cos(2 * pi * float(self._seconds(frame) / _BREATH_S))
        return Studio(base=base, light=lightened(base, 0.8), part=part)

    def broll(self, frame: int) -> Drawing | None:
        """The window of the b-roll, while there is any."""
        first, second, part = self.timeline.moment(frame)
        has = [self.phases[index].broll is not None for index in (first, second)]
        if not any(has):
            return None
        region, shown = self.layout.broll, self.timeline.at(frame).drawings
        seen = has[0] * (1 - part) + has[1] * part
        window = Window(region=region, radius=self._radius(region.box), drawings=shown)
        return Group((*self._shadow(region.box, seen), window))

    def speaker(self, frame: int) -> Drawing:
        """The presenter's window: large alone, small beside b-roll, and on its way between them."""
        first, second, part = self.timeline.moment(frame)
        box = self._presenter_box(first).towards(self._presenter_box(second), part)
        region = region_of(box, self.format.width, self.format.height)
        inside = Box(left=box.left - region.x, top=box.top - region.y, width=box.width, height=box.height)
        placement = Placement(box=inside, focus=face_of(self.config))
        picture = ClipFrame(asset=self.presenter, at_s=self._seconds(frame), placement=placement)
        return Group((*self._shadow(box, 1), Window(region=region, radius=self._radius(box), drawings=(picture,))))

    def card(self, frame: int) -> Drawing | None:
        """The headline of the running item."""
        index = self.timeline.running(frame)
        phase = self.phases[index]
        return self.cards[index].at(*self._within(frame, phase.start, phase.stop)) if phase.has_card else None

    def lower_third(self, frame: int) -> Drawing | None:
        """Name and title, from their start until their time is over or the picture changes."""
        config = self.config
        start = exact(config.lower_third_start) * config.fps
        stop = start + exact(config.lower_third_duration) * config.fps
        stop = min(stop, self.phases[self.timeline.running(int(start))].stop)
        return self.name.at(*self._within(frame, start, stop)) if start <= frame < stop else None

    @property
    def poster(self) -> int:
        """In the middle of the first item."""
        items = (index for index, phase in enumerate(self.phases) if phase.index >= 0)
        return self.timeline.middle(next(items, 0))

    @cached_property
    def layout(self) -> NewsLayout:
        """Where things are on this canvas."""
        return self._layout(self.format)

    @cached_property
    def graphics(self) -> NewsGraphics:
        """What is written."""
        config = self.config
        full = VideoFormat(width=config.width, height=config.height, fps=config.fps)
        return NewsGraphics(config=config, layout=self.layout, full=self._layout(full))

    @cached_property
    def timeline(self) -> Timeline:
        """The b-roll of the phases, one after the other, in coordinates of its window."""
        shots = (
            Shot(start=one.start, stop=one.stop, show=partial(self._footage, index))
            for index, one in enumerate(self.phases)
        )
        return Timeline(tuple(shots), cut_of(self.config, self.config.fps))

    @cached_property
    def cards(self) -> tuple[HeadlineCard, ...]:
        """One for each phase."""
        return tuple(self.graphics.card(one.item, is_wide=one.broll is None) for one in self.phases)

    @cached_property
    def name(self) -> LowerThird:
        """The lower third, in the window that is seen when it comes."""
        index = self.timeline.running(int(exact(self.config.lower_third_start) * self.config.fps))
        phase, card = self.phases[index], self.cards[index].box
        window = self._presenter_box(index) if phase.broll is None else self.layout.broll.box
        bottom = min(window.bottom, card.top) if phase.has_card and self.layout.is_full else window.bottom
        if window == self.layout.screen:
            bottom = min(bottom, self.layout.area.bottom + self.layout.margin)
        height = bottom - window.top
        return self.graphics.lower_third(Box(left=window.left, top=window.top, width=window.width, height=height))

    def _layout(self, video_format: VideoFormat) -> NewsLayout:
        info = self.presenter.info
        return NewsLayout(
            format=video_format,
            has_ticker=bool(self.config.ticker),
            is_full=self.config.layout == "full",
            is_upright=info.width <= info.height,
        )

    def _footage(self, index: int, frame: int) -> Group:
        phase, region = self.phases[index], self.layout.broll
        if phase.broll is None:
            return Group(())
        box = Box(left=0, top=0, width=region.width, height=region.height)
        start, stop = self.timeline.reach(index)
        move = ken_burns(phase.index, float((frame - start) / (stop - start)), box, self.config.movement / 100)
        is_image = phase.broll.info.kind == "image"
        return footage(phase.broll, box, (frame - start) / self.format.fps, move if is_image else STILL)

    def _presenter_box(self, index: int) -> Box:
        phase = self.phases[index]
        if phase.broll is not None:
            return self.layout.beside
        return self.layout.above_card if phase.has_card else self.layout.alone

    def _radius(self, box: Box) -> float:
        return 0.0 if box == self.layout.screen else 14 * self.layout.px

    def _shadow(self, box: Box, seen: float) -> tuple[Drawing, ...]:
        reach = 22 * self.layout.px
        shadow = Shadow(box=box, radius=reach, down=reach / 2, sigma=reach, opacity=0.5 * seen)
        return () if box == self.layout.screen else (shadow,)

    def _within(self, frame: int, start: Fraction, stop: Fraction) -> tuple[float, float]:
        """Seconds since a start and until a stop."""
        return float((frame - start) / self.format.fps), float((stop - frame) / self.format.fps)

    def _seconds(self, frame: int) -> Fraction:
        return seconds_at(frame, self.format.fps)


def build_news(spec: RenderSpec) -> Composition:
    """The composition of a checked spec."""
    config = parse_settings(NewsConfig, spec.config)
    presenter = spec.assets["presenterVideo"][0]
    frame_count = spoken_frames(config.duration, config.fps, presenter, "presenterVideo")
    roles = ("studioBackground", "logo", "backgroundMusic")
    files = {role: next(iter(spec.assets.get(role, ())), None) for role in roles}
    scene = NewsScene(
        config=config,
        format=output_format(config.width, config.height, config.fps, spec.scale),
        presenter=presenter,
        background=files["studioBackground"],
        logo=files["logo"],
        phases=phases_of(config, frame_count, spec.assets.get("backgroundVideos", ())),
    )
    return Composition(
        format=scene.format,
        frame_count=frame_count,
        layers=tuple(scene.layers()),
        sound=spoken_sound(config, (frame_count, config.fps), presenter, files["backgroundMusic"]),
        poster=scene.poster,
    )


NEWS = Template(
    name="NewsTemplate",
    title="News with a presenter",
    config=NewsConfig,
    roles=(
        Role(name="presenterVideo", title="Presenter", kinds=("video",), asset_type="avatar", is_required=True),
        Role(name="backgroundVideos", title="B-roll", kinds=("video", "image"), asset_type="background", is_many=True),
        Role(
            name="studioBackground",
            title="Studio",
            kinds=("video", "image"),
            asset_type="background",
        ),
        Role(name="logo", title="Logo", kinds=("image",), asset_type="cover"),
        Role(name="backgroundMusic", title="Music", kinds=("audio",), asset_type="music"),
    ),
    check=check_news,
    build=build_news,
)
