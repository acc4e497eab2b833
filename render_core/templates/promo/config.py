"""What can be set in PromoTemplate: names, ranges, and how an editor shows them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from render_core.templates.common_config import (
    FadeOut,
    FormatSettings,
    Length,
    LogoSettings,
    Movement,
    MusicVolume,
    ThemeSettings,
    TransitionSettings,
)
from render_core.templates.settings import Settings, hint, plain_text


class PromoCard(Settings):
    """One card: its words over the picture of the same place in the list."""

    title: Annotated[
        str,
        Field(
            max_length=80, title="Title", description="In large letters", json_schema_extra=hint("Cards", "textarea")
        ),
        BeforeValidator(plain_text),
    ] = ""
    subtitle: Annotated[
        str,
        Field(
            max_length=160,
            title="Subtitle",
            description="In smaller letters under the title",
            json_schema_extra=hint("Cards", "textarea"),
        ),
        BeforeValidator(plain_text),
    ] = ""
    kicker: Annotated[
        str,
        Field(
            max_length=30,
            title="Kicker",
            description="A word above the title",
            json_schema_extra=hint("Cards", "text"),
        ),
        BeforeValidator(plain_text),
    ] = ""


_CARDS = (
    PromoCard(
        kicker="Mountains", title="Stay for the last light", subtitle="Huts with a view, a warm stove and no hurry"
    ),
    PromoCard(kicker="Cities", title="Wander until late", subtitle="Small hotels in the middle of everything"),
    PromoCard(kicker="Coast", title="Let the wind decide", subtitle="Seven days, one boat, a new bay each night"),
)


class _Cards(Settings):
    """What is said."""

    cards: Annotated[
        tuple[PromoCard, ...],
        Field(
            max_length=30,
            title="Cards",
            description="The first goes with the first clip or image, and so on",
            json_schema_extra=hint("Cards", "list"),
        ),
    ] = _CARDS
    text_align: Annotated[
        Literal["left", "centre"],
        Field(title="Alignment", description="Of the words on the cards", json_schema_extra=hint("Text", "select")),
    ] = "left"
    text_animation: Annotated[
        Literal["none", "pop", "fade", "slide", "bounce", "typewriter"],
        Field(title="Animation", description="How titles come in", json_schema_extra=hint("Text", "select")),
    ] = "slide"
    animation_per: Annotated[
        Literal["block", "line", "word", "letter"],
        Field(title="Animated part", description="What moves as one", json_schema_extra=hint("Text", "select")),
    ] = "word"


class _End(Settings):
    """The end card."""

    end_title: Annotated[
        str,
        Field(
            max_length=60,
            title="Last words",
            description="Of the end card, under the logo",
            json_schema_extra=hint("End card", "textarea"),
        ),
        BeforeValidator(plain_text),
    ] = "Go a little further"
    call_to_action: Annotated[
        str,
        Field(
            max_length=40,
            title="Call to action",
            description="On the button",
            json_schema_extra=hint("End card", "text"),
        ),
        BeforeValidator(plain_text),
    ] = "Plan your trip"
    end_text: Annotated[
        str,
        Field(
            max_length=80,
            title="Small print",
            description="An address, for example",
            json_schema_extra=hint("End card", "text"),
        ),
        BeforeValidator(plain_text),
    ] = "example.com"
    end_duration: Annotated[
        float,
        Field(
            ge=0,
            le=20,
            title="End card",
            description="How long it is seen; 0 for no end card",
            json_schema_extra=hint("Timing", "slider", "s"),
        ),
    ] = 3.5


class _Scene(Settings):
    """When things are seen, and how."""

    card_duration: Annotated[
        float,
        Field(
            ge=0.5,
            le=15,
            title="Card",
            description="How long each card is seen",
            json_schema_extra=hint("Timing", "slider", "s"),
        ),
    ] = 3.0
    cut_on_beat: Annotated[
        bool,
        Field(
            title="Cut on the beat",
            description="Moves each cut to the nearest beat of the music",
            json_schema_extra=hint("Timing", "switch"),
        ),
    ] = True
    duration: Annotated[Length, Field(description="Of the video; empty for that of all cards together")] = None
    movement: Movement = 14.0
    shade: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            title="Shade",
            description="How dark pictures get under text",
            json_schema_extra=hint("Look", "slider"),
        ),
    ] = 0.75


class _Sound(Settings):
    """Music alone."""

    music_volume: MusicVolume = 1.0
    fade_out: FadeOut = 1.0


class PromoConfig(FormatSettings, _Sound, LogoSettings, TransitionSettings, ThemeSettings, _Scene, _End, _Cards):
    """Title cards over clips and images, to music, with an end card."""
