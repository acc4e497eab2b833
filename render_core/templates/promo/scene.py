"""PromoTemplate: what is on screen when. How it is drawn lives in layers."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial

from render_core.audio.mix import Sound
from render_core.composition import Composition, Group, Scripted
from render_core.geometry import Box
from render_core.layer import Drawing, Layer
from render_core.layers.backdrop import Drift
from render_core.layers.image import Logo
from render_core.spec import AssetRef, RenderSpec, VideoFormat
from render_core.templates.footage import footage, ken_burns
from render_core.templates.logo import logo_below, logo_of, logo_size
from render_core.templates.promo.config import PromoCard, PromoConfig
from render_core.templates.promo.graphics import CardGraphic, EndGraphic, PromoGraphics, check_promo
from render_core.templates.promo.timing import length_of, starts_of
from render_core.templates.registry import Role, Template, output_format
from render_core.templates.settings import parse_settings
from render_core.templates.theme import rgb
from render_core.templates.timeline import Shot, Timeline, cut_of
from render_core.timing import nearest_frames, seconds_at

_ROUND_S = 20
"""How long colours take to drift once around."""
_END_LOGO = 2.4
"""Size of the logo on the end card, relative to that in its corner."""


@dataclass(frozen=True, kw_only=True)
class PromoScene:
    """One promo: its settings, inputs and measures, and a method for each layer.

    Attributes:
        starts: When each card begins, and the end card after them; in seconds.
    """

    config: PromoConfig
    format: VideoFormat
    frame_count: int
    pictures: tuple[AssetRef, ...]
    logo: AssetRef | None
    starts: tuple[Fraction, ...]

    def layers(self) -> Iterator[Layer]:
        """From the back to the front."""
        yield Scripted(self.timeline.at)
        yield Scripted(self.words)

    def words(self, frame: int) -> Drawing | None:
        """The text of the running card; it leaves before the picture does."""
        index = self.timeline.running(frame)
        shot = self.timeline.shots[index]
        since_s = float((frame - shot.start) / self.format.fps)
        if index >= len(self.cards):
            return self.end.at(since_s) if self.config.end_duration > 0 else None
        gone = self.timeline.settled_until(index)
        return self.cards[index].at(since_s, float((gone - frame) / self.format.fps))

    @cached_property
    def graphics(self) -> PromoGraphics:
        """What is written."""
        return PromoGraphics(config=self.config, format=self.format)

    @cached_property
    def cards(self) -> tuple[CardGraphic, ...]:
        """One for each picture or text, whichever are more."""
        given = self.config.cards
        count = card_count(self.config, self.pictures)
        return tuple(self.graphics.card(given[n] if n < len(given) else PromoCard()) for n in range(count))

    @cached_property
    def timeline(self) -> Timeline:
        """The pictures one after the other, the end card's ground last."""
        starts = [start * self.format.fps for start in self.starts]
        stops = (*starts[1:], Fraction(self.frame_count))
        shots = (
            Shot(start=start, stop=stop, show=partial(self._picture, index))
            for index, (start, stop) in enumerate(zip(starts, stops, strict=True))
            if start < self.frame_count
        )
        return Timeline(tuple(shots), cut_of(self.config, self.format.fps))

    @cached_property
    def end(self) -> EndGraphic:
        """The end card's texts, under the logo."""
        logo = self._end_logo(0)
        return self.graphics.end(logo.region.height if logo else 0.0)

    def _picture(self, index: int, frame: int) -> Group:
        """A card's clip or image, shaded, with the logo; the end card's ground with a larger logo."""
        if index >= len(self.cards) or not self.pictures:
            return Group((self._drift(index, frame), *self._logo(index)))
        asset = self.pictures[index % len(self.pictures)]
        start, stop = self.timeline.reach(index)
        move = ken_burns(index, float((frame - start) / (stop - start)), self.screen, self.config.movement / 100)
        picture = footage(asset, self.screen, (frame - start) / self.format.fps, move)
        shade = (self.graphics.shade,) if self.cards[index].has_text and self.config.shade > 0 else ()
        return Group((*picture.drawings, *shade, *self._logo(index)))

    def _drift(self, index: int, frame: int) -> Drift:
        turn = float(seconds_at(frame, self.format.fps) / _ROUND_S) + 0.37 * index
        return Drift(base=rgb(self.config.base_color), accent=rgb(self.config.accent_color), turn=turn)

    def _logo(self, index: int) -> tuple[Logo, ...]:
        if index >= len(self.cards):
            logo = self._end_logo(self.end.top)
        else:
            room = self.graphics.corner_room
            logo = None if self.logo is None else logo_of(self.logo, self.config, room, self.format)
        return () if logo is None else (logo,)

    def _end_logo(self, top: float) -> Logo | None:
        """The logo in the middle, larger, from ``top`` on; not so large that there is no room for the texts."""
        if self.logo is None:
            return None
        room = self.format.height - 2 * self.graphics.margin - self.graphics.end(1).text_height
        height = logo_size(self.logo, self.config, self.format)[1]
        factor = max(0.0, min(_END_LOGO, room / height))
        return logo_below(self.logo, self.config, (self.format.width / 2, top), factor, self.format)

    @property
    def screen(self) -> Box:
        """The whole canvas."""
        return Box(left=0, top=0, width=self.format.width, height=self.format.height)


def card_count(config: PromoConfig, pictures: tuple[AssetRef, ...]) -> int:
    """How many cards there are before the end card: one for each text or picture, whichever are more."""
    return max(len(config.cards), len(pictures), 0 if config.end_duration > 0 else 1)


def build_promo(spec: RenderSpec) -> Composition:
    """The composition of a checked spec."""
    config = parse_settings(PromoConfig, spec.config)
    pictures = (*spec.assets.get("backgroundVideos", ()), *spec.assets.get("images", ()))
    music = next(iter(spec.assets.get("backgroundMusic", ())), None)
    cards = card_count(config, pictures)
    frame_count = max(1, nearest_frames(length_of(config, cards), config.fps))
    scene = PromoScene(
        config=config,
        format=output_format(config.width, config.height, config.fps, spec.scale),
        frame_count=frame_count,
        pictures=pictures,
        logo=next(iter(spec.assets.get("logo", ())), None),
        starts=starts_of(config, cards, music),
    )
    return Composition(
        format=scene.format,
        frame_count=frame_count,
        layers=tuple(scene.layers()),
        sound=_sound(config, frame_count, music),
        poster=scene.timeline.middle(0),
    )


def _sound(config: PromoConfig, frame_count: int, music: AssetRef | None) -> Sound | None:
    """Music alone; without any the video is silent."""
    if music is None:
        return None
    return Sound(
        duration_s=seconds_at(frame_count, config.fps),
        music=music,
        music_volume=config.music_volume,
        duck=False,
        fade_out_s=config.fade_out,
    )


PROMO = Template(
    name="PromoTemplate",
    title="Promo with title cards",
    config=PromoConfig,
    roles=(
        Role(name="backgroundVideos", title="Clips", kinds=("video", "image"), asset_type="background", is_many=True),
        Role(name="images", title="Images", kinds=("image",), asset_type="cover", is_many=True),
        Role(name="logo", title="Logo", kinds=("image",), asset_type="cover"),
        Role(name="backgroundMusic", title="Music", kinds=("audio",), asset_type="music", heard_for="cutOnBeat"),
    ),
    check=check_promo,
    build=build_promo,
)
