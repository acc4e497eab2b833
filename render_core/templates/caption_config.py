"""Captions as settings: words with times, and how they look."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from render_core.templates.settings import Settings, hint, plain_lines, plain_text
from render_core.text.spread import LONGEST_WORD
from render_core.text.subtitles import ANY_SPEECH, LATEST_MS, MOST_WORDS, timed_words

HEX_COLOR = r"^#[0-9a-fA-F]{6}$"
ANY_COLOR = r"^(none|#[0-9a-fA-F]{6}|rgba\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*(0|1(\.0+)?|0?\.\d+)\s*\))$"
LONGEST_TEXT = 200_000
_GROUP = "Captions"


class CaptionWord(Settings):
    """One spoken word."""

    text: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_WORD,
            title="Word",
            description="As it is shown",
            json_schema_extra=hint(_GROUP, "text"),
        ),
        BeforeValidator(plain_text),
    ]
    start: Annotated[
        int,
        Field(
            ge=0,
            le=LATEST_MS,
            title="Start",
            description="When it begins to be spoken",
            json_schema_extra=hint(_GROUP, "number", "ms"),
        ),
    ]
    end: Annotated[
        int,
        Field(
            ge=0,
            le=LATEST_MS,
            title="End",
            description="When it has been spoken",
            json_schema_extra=hint(_GROUP, "number", "ms"),
        ),
    ]

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"the word “{self.text}” ends ({self.end} ms) before it starts ({self.start} ms)")
        return self


class CaptionStyle(Settings):
    """How captions look."""

    font_size: Annotated[
        float,
        Field(
            ge=12,
            le=120,
            title="Size",
            description="Of the letters, at a height of 1920",
            json_schema_extra=hint(_GROUP, "slider", "px"),
        ),
    ] = 48.0
    font_family: Annotated[
        str,
        Field(
            max_length=60,
            title="Font",
            description="What it lacks comes from others",
            json_schema_extra=hint(_GROUP, "font"),
        ),
    ] = "Montserrat"
    font_weight: Annotated[
        int,
        Field(
            ge=100,
            le=900,
            title="Weight",
            description="400 is regular, 700 is bold",
            json_schema_extra=hint(_GROUP, "slider"),
        ),
    ] = 700
    text_color: Annotated[
        str,
        Field(
            pattern=HEX_COLOR,
            title="Text",
            description="a colour such as #ffffff",
            json_schema_extra=hint(_GROUP, "color"),
        ),
    ] = "#ffffff"
    highlight_color: Annotated[
        str,
        Field(
            pattern=HEX_COLOR,
            title="Spoken word",
            description="a colour such as #f59e0b",
            json_schema_extra=hint(_GROUP, "color"),
        ),
    ] = "#f59e0b"
    background_color: Annotated[
        str,
        Field(
            pattern=ANY_COLOR,
            title="Box",
            description="a colour such as #000000 or rgba(0,0,0,.6), or none",
            json_schema_extra=hint(_GROUP, "color"),
        ),
    ] = "rgba(0,0,0,.6)"
    bottom_percent: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            title="Height above the bottom",
            description="Of the picture's height",
            json_schema_extra=hint(_GROUP, "slider", "%"),
        ),
    ] = 20.0
    max_width_percent: Annotated[
        float,
        Field(
            ge=10,
            le=100,
            title="Widest line",
            description="Of the picture's width",
            json_schema_extra=hint(_GROUP, "slider", "%"),
        ),
    ] = 85.0
    uppercase: Annotated[
        bool,
        Field(title="Capitals", description="Writes every word in capitals", json_schema_extra=hint(_GROUP, "switch")),
    ] = False
    animation: Annotated[
        Literal["pop", "fade", "slide", "bounce", "none"],
        Field(title="Animation", description="How captions come in", json_schema_extra=hint(_GROUP, "select")),
    ] = "pop"


def _readable(text: str) -> str:
    timed_words(text, ANY_SPEECH)
    return text


class CaptionSettings(Settings):
    """The settings of every template that has captions. ``captions`` come before ``caption_text``."""

    show_captions: Annotated[
        bool,
        Field(
            title="Show captions",
            description="Off keeps the words and hides them",
            json_schema_extra=hint(_GROUP, "switch"),
        ),
    ] = True
    captions: Annotated[
        tuple[CaptionWord, ...],
        Field(
            max_length=MOST_WORDS,
            title="Words",
            description="With start and end in milliseconds",
            json_schema_extra=hint(_GROUP, "captions", "ms"),
        ),
    ] = ()
    caption_text: Annotated[
        str,
        Field(
            max_length=LONGEST_TEXT,
            title="Subtitles or text",
            description="SRT, WebVTT, or plain text, which is spread over the speech; used where there are no words",
            json_schema_extra=hint(_GROUP, "caption-text"),
        ),
        BeforeValidator(plain_lines),
        AfterValidator(_readable),
    ] = ""
    caption_style: Annotated[
        CaptionStyle, Field(title="Style", description="How captions look", json_schema_extra=hint(_GROUP, "group"))
    ] = CaptionStyle()
