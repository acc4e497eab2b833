"""Captions that templates share: pages over time, with the way they come in."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache

from render_core.layers.captions import Backdrop, CaptionPage, PlacedWord
from render_core.layers.text import fonts_of
from render_core.motion import interp, settled
from render_core.spec import VideoFormat
from render_core.templates.caption_config import CaptionSettings, CaptionStyle, CaptionWord
from render_core.text.fonts import check_family, check_text
from render_core.text.pages import Measure, Page, Word, pages_of, word_places
from render_core.text.raster import Color, TextStyle
from render_core.text.subtitles import ANY_SPEECH, timed_words

_POP_MS, _POP = 120, 1.1
_ENTER_S = 0.25
_WIDEST = 0.96
"""Of the picture's width: a page with its box."""
_PADDING = 0.35
"""Of the box, in font sizes."""


def check_captions(settings: CaptionSettings) -> None:
    """Refuse fonts and characters that cannot be drawn, where captions are shown.

    Raises:
        InvalidInputError: Naming the field.
    """
    if not settings.show_captions:
        return
    style = settings.caption_style
    check_family(style.font_family, "config.captionStyle.fontFamily")
    for index, word in enumerate(settings.captions):
        check_text(_cased(word.text, style), style.font_family, f"config.captions[{index}].text")
    for text in dict.fromkeys(word.text for word in timed_words(settings.caption_text, ANY_SPEECH)):
        check_text(_cased(text, style), style.font_family, "config.captionText")


def caption_words(
    settings: CaptionSettings, speech: tuple[tuple[int, int], ...], duration_ms: int
) -> tuple[CaptionWord, ...]:
    """The words of a video's captions: those that are given, else those of its caption text.

    Args:
        settings: Checked.
        speech: When somebody speaks, as ``MediaInfo.speech``. A plain text is spread over it, over the whole video
            where nobody speaks.
        duration_ms: Of the video, in milliseconds.
    """
    if settings.captions:
        return settings.captions
    words = timed_words(settings.caption_text, speech or ((0, duration_ms),))
    return tuple(CaptionWord(text=word.text, start=word.start, end=word.end) for word in words)


@dataclass(frozen=True)
class CaptionTrack:
    """All captions of a video.

    Attributes:
        words: With their times.
        style: How they look.
        format: Of the canvas.
        middle: Where the middle of a page lies, in pixels from the top; None is where the style says.
    """

    words: tuple[CaptionWord, ...]
    style: CaptionStyle
    format: VideoFormat
    middle: float | None = None

    def at(self, frame: int) -> CaptionPage | None:
        """The page of a frame."""
        time_ms = float(frame * 1000 / self.format.fps)
        index = bisect_right(self._starts, time_ms) - 1
        if index < 0 or time_ms >= self._pages[index].end:
            return None
        return self._drawing(index, time_ms)

    @property
    def _px(self) -> float:
        return self.format.height / 1920

    @cached_property
    def _measure(self) -> Measure:
        """At the full height, so that lines break the same at every scale."""
        width = self.style.max_width_percent / 100 * self.format.width / self._px
        style = self.style
        return Measure(family=style.font_family, weight=style.font_weight, size=style.font_size, width=width)

    @cached_property
    def _pages(self) -> tuple[Page, ...]:
        words = [Word(_cased(word.text, self.style), word.start, word.end) for word in self.words]
        return pages_of(words, self._measure)

    @cached_property
    def _starts(self) -> list[int]:
        return [page.start for page in self._pages]

    def _drawing(self, index: int, time_ms: float) -> CaptionPage:
        page = self._pages[index]
        lit = page.spoken_at(time_ms)
        style = self._text_style()
        words = _placed(page, self._measure, self._px)
        fit = self._fit(words, style)
        zoom, down, opacity = _entrance(self.style.animation, (time_ms - page.start) / 1000)
        return CaptionPage(
            words=words,
            lit=lit,
            lit_color=_rgb(self.style.highlight_color),
            lit_zoom=1.0 if lit is None else _pop(time_ms - page.words[lit].start),
            style=style,
            fonts=_fonts(page, style.family),
            backdrop=self._backdrop(style.size),
            centre=(self.format.width / 2, self._middle(page, style, fit) + down * style.size),
            zoom=zoom * fit,
            opacity=opacity,
        )

    def _fit(self, words: tuple[PlacedWord, ...], style: TextStyle) -> float:
        """How much smaller a page is shown whose longest word is wider than the picture."""
        half = max(max(-word.x, word.x + word.width) for word in words) + _PADDING * style.size
        return min(1.0, _WIDEST * self.format.width / 2 / half)

    def _middle(self, page: Page, style: TextStyle, fit: float) -> float:
        """Where the style says, but not so that a part of the page lies outside the picture."""
        if self.middle is not None:
            return self.middle
        half = len(page.lines) * style.size * style.line_height / 2 * fit
        outermost = min(half + _PADDING * style.size * fit, self.format.height / 2)
        wanted = self.format.height * (1 - self.style.bottom_percent / 100) - half
        return min(max(wanted, outermost), self.format.height - outermost)

    def _text_style(self) -> TextStyle:
        style, size = self.style, self.style.font_size * self._px
        return TextStyle(
            family=style.font_family,
            weight=style.font_weight,
            size=size,
            color=_rgb(style.text_color),
            shadow=0.06 * size,
            shadow_down=0.03 * size,
            shadow_opacity=0.6,
        )

    def _backdrop(self, size: float) -> Backdrop | None:
        color, opacity = _rgba(self.style.background_color)
        return Backdrop(color=color, opacity=opacity, padding=_PADDING * size) if opacity > 0 else None


@lru_cache(maxsize=64)
def _placed(page: Page, measure: Measure, px: float) -> tuple[PlacedWord, ...]:
    """The words of a page where they stand on a canvas on which a pixel of the style has ``px`` pixels."""
    return tuple(
        PlacedWord(text=word.text, x=x * px, width=measure.of(word.text) * px, line=line)
        for word, (x, line) in zip(page.words, word_places(page, measure), strict=True)
    )


@lru_cache(maxsize=64)
def _fonts(page: Page, family: str) -> tuple[str, ...]:
    return fonts_of(tuple(word.text for word in page.words), family)


def _entrance(animation: str, since_s: float) -> tuple[float, float, float]:
    """Zoom, shift downwards in font sizes, and opacity of a page that appeared ``since_s`` seconds ago."""
    part = min(1.0, since_s / _ENTER_S)
    return {
        "pop": (0.8 + 0.2 * settled(since_s, duration_s=_ENTER_S), 0.0, min(1.0, 3 * part)),
        "fade": (1.0, 0.0, part),
        "slide": (1.0, (1 - part) ** 3, part),
        "bounce": (1.0, 1.5 * (1 - settled(since_s, duration_s=2 * _ENTER_S)), min(1.0, 3 * part)),
        "none": (1.0, 0.0, 1.0),
    }[animation]


def _pop(since_ms: float) -> float:
    """The lit word's size: up to 110 % and back within 120 ms."""
    return interp(since_ms, (0, _POP_MS / 2, _POP_MS), (1, _POP, 1))


def _cased(text: str, style: CaptionStyle) -> str:
    return text.upper() if style.uppercase else text


def _rgb(color: str) -> Color:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _rgba(color: str) -> tuple[Color, float]:
    """Colour and opacity of ``none``, ``#rrggbb`` or ``rgba(r,g,b,a)``."""
    if color == "none":
        return (0, 0, 0), 0.0
    if color.startswith("#"):
        return _rgb(color), 1.0
    red, green, blue, opacity = re.findall(r"[\d.]+", color)
    return (min(255, int(red)), min(255, int(green)), min(255, int(blue))), float(opacity)
