"""Statements that hold for each template there is, whatever it shows."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from fractions import Fraction
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

from render_core.cells import plan_cells, sound_key
from render_core.composition import Composition
from render_core.errors import InvalidInputError
from render_core.layers.text import TextBlock
from render_core.media.encode import STANDARD
from render_core.picture import Picture
from render_core.render import render_frame
from render_core.spec import AssetRef, Beat, RenderSpec
from render_core.templates import asset_roles, build, checked_config, make_spec, template_names, template_schema
from tests.scenes import FakeMedia, invented_asset

SPEAKER = invented_asset("speaker", frames=150)
CLIPS = (invented_asset("clip 1", frames=40), invented_asset("photo", "image"), invented_asset("clip 2", frames=90))
_SONG = invented_asset("song", "audio", frames=60)
SONG = _SONG.model_copy(
    update={"info": _SONG.info.model_copy(update={"beat": Beat(first_s=Fraction(1, 10), period_s=Fraction(7, 10))})}
)
FILES = {"avatar": (SPEAKER,), "background": CLIPS, "cover": (invented_asset("cover", "image"),), "music": (SONG,)}
SPOKEN = "some rather longer words spoken quickly"
WORDS = [{"text": text, "start": 200 * n, "end": 200 * n + 150} for n, text in enumerate(SPOKEN.split())]

BASES: Mapping[str, dict[str, Any]] = {
    "LipSyncTemplate": {"mainText": "Some", "captions": WORDS, "faceScale": 1.2, "segmentDuration": 1},
    "NewsTemplate": {
        "introDuration": 1,
        "outroDuration": 1,
        "items": [{"headline": "One", "kicker": "A", "duration": 1}, {"headline": "Two", "kicker": "B"}],
        "duration": 7,
        "transition": "slide",
        "lowerThirdStart": 0.2,
        "lowerThirdDuration": 0.7,
        "faceScale": 1.2,
    },
    "SplitTalkingHead": {
        "captions": WORDS,
        "captionsOnSeam": False,
        "transition": "wipe",
        "faceScale": 1.2,
        "segmentDuration": 1.5,
    },
    "PromoTemplate": {"cardDuration": 1, "endDuration": 2, "transition": "slide"},
}
"""Settings under which each of the others makes a difference."""


def assets_of(template: str) -> dict[str, tuple[AssetRef, ...]]:
    """Something for each input."""
    return {
        role.name: FILES[role.asset_type] if role.is_many else FILES[role.asset_type][:1]
        for role in asset_roles(template)
    }


def made(template: str, config: Mapping[str, Any]) -> Composition:
    size = {"width": 72, "height": 128} if "width" not in config else {}
    return build(make_spec(template, assets_of(template), {"fps": "24", **size, **config}))


def resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """A node of a schema behind its references and behind "or null"."""
    whole = dict(node)
    if reference := whole.pop("$ref", None):
        whole = resolved(schema, schema["$defs"][reference.rsplit("/", 1)[-1]]) | whole
    if options := whole.pop("anyOf", None):
        whole = resolved(schema, next(one for one in options if one.get("type") != "null")) | whole
    return whole


def other_values(schema: Mapping[str, Any], node: Mapping[str, Any], value: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """Values that a node allows and that differ from ``value`` in one place each."""
    node = resolved(schema, node)
    if "enum" in node:
        yield from (option for option in node["enum"] if option != value)
    elif node["type"] == "object":
        for name, inner in node["properties"].items():
            yield from ({**value, name: other} for other in other_values(schema, inner, value[name]))
    elif node["type"] == "array":
        yield value[:-1]
        yield from ([*value[:-1], other] for other in other_values(schema, node["items"], value[-1]))
    elif node["type"] == "boolean":
        yield not value
    elif node["type"] == "string":
        yield other_text(node, value)
    else:
        yield other_number(node, value)


def other_text(node: Mapping[str, Any], value: str) -> str:
    if "pattern" in node:
        return "#12ab9c" if value != "#12ab9c" else "#34cd56"
    if node.get("x-widget") == "font":
        return "Inter"
    return (value + " more")[: node["maxLength"]] if not value.endswith(" more") else "else"


def other_number(node: Mapping[str, Any], value: float | None) -> float:
    """A number in the range that makes a difference, but no long video."""
    low, high = node.get("minimum", node.get("exclusiveMinimum", 0)), node.get("maximum", 4096)
    is_whole, now = node["type"] == "integer", low if value is None else value
    step = min(0.7, high - low) if node.get("x-unit") == "s" else 100 if high > 2000 else (high - low) / 5
    other = now + step if now + step <= high else now - step
    return round(other) if is_whole else other


@cache
def base_of(template: str) -> dict[str, Any]:
    config = checked_config(template, {"fps": "24", "width": 72, "height": 128, **BASES[template]})
    if config.get("captionText") == "":
        del config["captionText"]  # the words of ``captions`` come first
    return config


def mutants() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for template in template_names():
        schema, base = template_schema(template), base_of(template)
        for name, node in schema["properties"].items():
            if name in base:
                for other in other_values(schema, node, deepcopy(base[name])):
                    yield template, f"{name}={str(other)[:60]}", {**base, name: other}


MUTANTS = [
    pytest.param(template, config, id=f"{template}-{change}-{number}")
    for number, (template, change, config) in enumerate(mutants())
]


@cache
def keys_of_base(template: str) -> tuple[tuple[str, ...], str | None]:
    return keys_of(made(template, base_of(template)))


def keys_of(composition: Composition) -> tuple[tuple[str, ...], str | None]:
    return tuple(cell.key for cell in plan_cells(composition, STANDARD)), sound_key(composition, STANDARD)


MEDIA = FakeMedia()
"""One for all, so that what is remembered under too short a key would be seen."""


@cache
def frame_of_base(template: str, frame: int) -> Picture:
    return render_frame(made(template, base_of(template)), frame, MEDIA)


@pytest.mark.parametrize(("template", "config"), MUTANTS)
def test_each_setting_is_seen_or_heard_and_keys_tell_where(template, config):
    composition, (before, sound) = made(template, config), keys_of_base(template)
    after, other_sound = keys_of(composition)
    assert after != before or other_sound != sound
    same = [n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a == b]
    for cell in same[:2]:
        painted = render_frame(composition, 48 * cell + 20, FakeMedia())
        assert np.array_equal(painted.y, frame_of_base(template, 48 * cell + 20).y)


@pytest.mark.parametrize("template", template_names())
def test_a_template_describes_itself(template):
    schema = template_schema(template)
    assert schema["title"]
    assert schema["description"]
    for path, node in described(schema, schema["properties"]):
        assert node.get("title"), path
        assert node.get("description"), path
        assert node["x-group"], path
        assert node["x-widget"] in WIDGETS, path


WIDGETS = {
    *("text", "textarea", "slider", "number", "switch", "select", "color", "font"),
    *("captions", "caption-text", "group", "list", "text-list"),
}


def described(schema: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, listed in properties.items():
        node = resolved(schema, listed)
        yield name, node
        if node["x-widget"] == "list":
            node = resolved(schema, node["items"])
        yield from described(schema, node.get("properties", {}))


@pytest.mark.parametrize("template", template_names())
def test_a_frame_does_not_depend_on_what_was_painted_before(template):
    composition = made(template, base_of(template))
    for frame in (composition.frame_count - 1, 30, 71):
        warm, cold = (render_frame(composition, frame, media) for media in (MEDIA, FakeMedia()))
        assert all(map(np.array_equal, (warm.y, warm.u, warm.v), (cold.y, cold.u, cold.v)))


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1080, 1920), (1080, 1080), (1080, 1350)])
@pytest.mark.parametrize("template", template_names())
def test_a_preview_is_the_same_picture_smaller(template, width, height):
    config = base_of(template) | {"width": width, "height": height, "filmGrain": 0}
    config = {name: value for name, value in config.items() if name in template_schema(template)["properties"]}
    whole, small = (build(make_spec(template, assets_of(template), config, scale=scale)) for scale in (0.4, 0.1))
    for frame in (20, 60, 100):
        large = render_frame(whole, frame, FakeMedia()).y
        shrunk = cv2.resize(large, (small.format.width, small.format.height), interpolation=cv2.INTER_AREA)
        assert np.abs(render_frame(small, frame, FakeMedia()).y.astype(int) - shrunk).mean() < _ROUNDING
        assert lines_of(whole.at(frame)) == lines_of(small.at(frame))


_ROUNDING = 6
"""Letters begin at even pixels, which at 108 pixels across moves them a little."""


def lines_of(drawing: Any) -> list[tuple[str, ...]]:  # noqa: ANN401 - any drawing
    """The lines of all texts at rest in a drawing, windows and groups included."""
    if isinstance(drawing, TextBlock):
        return [drawing.lines]
    parts = [getattr(drawing, name, ()) for name in ("drawings", "before", "after")]
    inner = [part for group in parts for part in (group if isinstance(group, tuple) else (group,))]
    return [lines for part in inner for lines in lines_of(part)]


HOSTILE = {
    "spaces": " \t\n ",
    "control characters": "a\x00b\x1bc\u2028d",
    "right to left": "مرحبا بالعالم",
    "emoji": "Go 🚀 now 👩‍👩‍👧",
    "one long word": "x" * 60,
}


def with_texts(template: str, text: str) -> dict[str, Any]:
    """The base with each text that is no colour and no font replaced, in items of lists too."""
    return {name: replaced(node, text) for name, node in texts_of(template).items()}


def texts_of(template: str) -> dict[str, dict[str, Any]]:
    schema = template_schema(template)
    nodes = {name: resolved(schema, node) for name, node in schema["properties"].items()}
    texts = {name: node for name, node in nodes.items() if node["x-widget"] in {"text", "textarea"}}
    lists = {name: node for name, node in nodes.items() if node["x-widget"] == "list"}
    return texts | {name: {"items": resolved(schema, node["items"])} for name, node in lists.items()}


def replaced(node: Mapping[str, Any], text: str) -> Any:  # noqa: ANN401 - JSON
    if "items" not in node:
        return text[: node["maxLength"]]
    item = node["items"]["properties"]
    return [{name: text[: part["maxLength"]] for name, part in item.items() if "maxLength" in part}]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("template", template_names())
def test_texts_of_any_kind_are_drawn_inside_the_picture(template, text):
    composition = made(template, with_texts(template, text))
    for frame in (10, 60):
        assert render_frame(composition, frame, FakeMedia()).y.shape == (128, 72)


@pytest.mark.parametrize("text", ["x" * 10_000, "漢", "\ue000"], ids=["long", "no glyph", "private"])
@pytest.mark.parametrize(("template", "name"), [(t, name) for t in template_names() for name in texts_of(t)])
def test_a_text_that_cannot_be_drawn_is_refused_with_its_field(template, name, text):
    node = texts_of(template)[name]
    part = next(iter(node["items"]["properties"])) if "items" in node else ""
    value, path = ([{part: text}], f"config.{name}[0].{part}") if part else (text, f"config.{name}")
    with pytest.raises(InvalidInputError) as caught:
        make_spec(template, assets_of(template), {name: value})
    assert caught.value.field == path


@pytest.mark.parametrize("template", template_names())
def test_what_is_needed_is_enough_and_lists_may_be_empty(template):
    needed = {role.name: FILES[role.asset_type][:1] for role in asset_roles(template) if role.is_required}
    config = {name: [] for name, node in texts_of(template).items() if "items" in node}
    composition = build(make_spec(template, needed, config, scale=0.05))
    for frame in (0, composition.frame_count // 2, composition.frame_count - 1):
        assert render_frame(composition, frame, FakeMedia()).y.std() > 1


@pytest.mark.parametrize("frames", [1, 7, 40])
@pytest.mark.parametrize("template", template_names())
def test_a_video_of_any_length_can_be_made(template, frames):
    composition = made(template, base_of(template) | {"duration": frames / 24})
    assert composition.frame_count == frames
    for frame in {0, frames // 2, frames - 1}:
        assert render_frame(composition, frame, FakeMedia()).height == 128


@pytest.mark.parametrize("template", template_names())
def test_a_spec_survives_json_and_builds_the_same(template):
    spec = make_spec(template, assets_of(template), base_of(template))
    again = RenderSpec.model_validate_json(spec.model_dump_json())
    assert plan_cells(build(again), STANDARD) == plan_cells(build(spec), STANDARD)


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(64, 64, 0.25), (64, 1024, 0.1), (1024, 64, 0.1), (4096, 64, 0.2)]
)
@pytest.mark.parametrize("template", template_names())
def test_the_oddest_formats_are_painted(template, width, height, scale):
    config = base_of(template) | {"width": width, "height": height}
    composition = build(make_spec(template, assets_of(template), config, scale=scale))
    for frame in (6, 30, 60, 100):
        picture = render_frame(composition, frame, FakeMedia())
        assert (picture.width, picture.height) == (composition.format.width, composition.format.height)
