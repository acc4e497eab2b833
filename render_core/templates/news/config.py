"""What can be set in NewsTemplate: names, ranges, and how an editor shows them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from render_core.templates.common_config import (
    FaceSettings,
    FormatSettings,
    Length,
    LogoSettings,
    Movement,
    Side,
    SoundSettings,
    ThemeSettings,
    TransitionSettings,
)
from render_core.templates.settings import Settings, hint, plain_text


class NewsItem(Settings):
    """One piece of news: its words over the b-roll of the same place in the list."""

    headline: Annotated[
        str,
        Field(
            max_length=140,
            title="Headline",
            description="Stands on the card",
            json_schema_extra=hint("Items", "textarea"),
        ),
        BeforeValidator(plain_text),
    ] = ""
    kicker: Annotated[
        str,
        Field(
            max_length=30,
            title="Kicker",
            description="A word above the headline",
            json_schema_extra=hint("Items", "text"),
        ),
        BeforeValidator(plain_text),
    ] = ""
    duration: Annotated[
        float | None,
        Field(
            ge=1,
            le=600,
            title="Duration",
            description="Empty for an even share of what is left",
            json_schema_extra=hint("Items", "number", "s"),
        ),
    ] = None


TickerLine = Annotated[str, Field(min_length=1, max_length=300, title="Line"), BeforeValidator(plain_text)]

_ITEMS = (
    NewsItem(kicker="Culture", headline="A new festival of light opens in the old harbour tonight"),
    NewsItem(kicker="City", headline="Night trams return to every district from next week"),
    NewsItem(kicker="Weather", headline="A calm weekend ahead, with a light breeze from the sea"),
)
_TICKER = (
    "Museums stay open until midnight on Friday",
    "Local team wins the final after extra time",
    "New bicycle bridge to be opened in spring",
)


class _Words(Settings):
    """What is said in letters."""

    main_text: Annotated[
        str,
        Field(
            max_length=40,
            title="Show",
            description="Name of the programme; seen where there is no logo",
            json_schema_extra=hint("Text", "text"),
        ),
        BeforeValidator(plain_text),
    ] = "Daily Brief"
    presenter_name: Annotated[
        str,
        Field(
            max_length=60,
            title="Presenter",
            description="First line of the lower third",
            json_schema_extra=hint("Text", "text"),
        ),
        BeforeValidator(plain_text),
    ] = "Robin Vale"
    presenter_title: Annotated[
        str,
        Field(
            max_length=80,
            title="Title",
            description="Stands under the name",
            json_schema_extra=hint("Text", "text"),
        ),
        BeforeValidator(plain_text),
    ] = "In the studio"
    lower_third_start: Annotated[
        float,
        Field(
            ge=0,
            le=600,
            title="Name from",
            description="When the lower third with name and title slides in",
            json_schema_extra=hint("Text", "number", "s"),
        ),
    ] = 0.8
    lower_third_duration: Annotated[
        float,
        Field(
            ge=0,
            le=600,
            title="Name for",
            description="How long it is seen; 0 for never",
            json_schema_extra=hint("Text", "number", "s"),
        ),
    ] = 3.0


class _Items(Settings):
    """The running order."""

    items: Annotated[
        tuple[NewsItem, ...],
        Field(
            max_length=50,
            title="Items",
            description="The first goes with the first b-roll, and so on",
            json_schema_extra=hint("Items", "list"),
        ),
    ] = _ITEMS
    intro_duration: Annotated[
        float,
        Field(
            ge=0,
            le=60,
            title="Opening",
            description="Time with the presenter alone before the first item",
            json_schema_extra=hint("Timing", "slider", "s"),
        ),
    ] = 4.0
    outro_duration: Annotated[
        float,
        Field(
            ge=0,
            le=60,
            title="Closing",
            description="Time with the presenter alone after the last item",
            json_schema_extra=hint("Timing", "slider", "s"),
        ),
    ] = 3.0
    duration: Length = None
    layout: Annotated[
        Literal["window", "full"],
        Field(
            title="B-roll",
            description="In a window beside the presenter, or full with the presenter in a window on it",
            json_schema_extra=hint("Look", "select"),
        ),
    ] = "window"
    movement: Movement = 10.0


class _Ticker(Settings):
    """The running line at the bottom."""

    ticker: Annotated[
        tuple[TickerLine, ...],
        Field(
            max_length=40,
            title="Ticker",
            description="Lines that run along the bottom; none for no ticker",
            json_schema_extra=hint("Ticker", "text-list"),
        ),
    ] = _TICKER
    ticker_label: Annotated[
        str,
        Field(
            max_length=20,
            title="Label",
            description="Stands still where the ticker ends",
            json_schema_extra=hint("Ticker", "text"),
        ),
        BeforeValidator(plain_text),
    ] = "Latest"
    ticker_speed: Annotated[
        float,
        Field(
            ge=20,
            le=600,
            title="Speed",
            description="At a shorter side of 1080",
            json_schema_extra=hint("Ticker", "slider", "px/s"),
        ),
    ] = 150.0


class NewsConfig(
    FormatSettings,
    SoundSettings,
    FaceSettings,
    LogoSettings,
    TransitionSettings,
    ThemeSettings,
    _Ticker,
    _Items,
    _Words,
):
    """A news programme: a presenter in a studio, b-roll with headlines, a lower third and a ticker."""

    width: Annotated[Side, Field(title="Width", description="Of the video; an even number")] = 1920
    height: Annotated[Side, Field(title="Height", description="Of the video; an even number")] = 1080
