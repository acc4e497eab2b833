import importlib
import pkgutil
from dataclasses import dataclass, fields, is_dataclass, replace
from fractions import Fraction
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

import render_core
from render_core.cells import RENDERER_VERSION, CellLoad, digest, plan_cells, renderer_version, sound_key, weigh_cells
from render_core.composition import Composition, Group, Scripted
from render_core.effects.color import Look
from render_core.effects.glass import Glass, Rim
from render_core.effects.grain import Grain
from render_core.effects.vignette import Vignette
from render_core.geometry import Box, Focus, Region
from render_core.layers.backdrop import Drift, Studio
from render_core.layers.captions import Backdrop, CaptionPage, PlacedWord
from render_core.layers.image import Logo, Still
from render_core.layers.placed import Move, Placement
from render_core.layers.shape import Panel, Shade, Shadow
from render_core.layers.text import TextBlock
from render_core.layers.ticker import Ticker
from render_core.layers.title import MovingPart, MovingTitle
from render_core.layers.transition import Transition
from render_core.layers.video import ClipFrame
from render_core.layers.window import Window
from render_core.media.encode import DRAFT, STANDARD
from render_core.media.profiles import profile_of
from render_core.spec import AssetRef, VideoFormat
from render_core.text.line import Stretch
from render_core.text.raster import TextStyle
from tests.scenes import invented_asset

BOX = Box(left=1.5, top=2, width=30, height=40)
PLACEMENT = Placement(box=BOX, focus=Focus(), move=Move(), look=Look())
STYLE = TextStyle(family="Inter", weight=700, size=20)
STRETCH = Stretch(text="one", family="Inter", is_rtl=False, x=3.0, y=20.0, width=30.0, word=0, letter=0)
DRAWINGS = (
    ClipFrame(asset=invented_asset("clip"), at_s=Fraction(1, 3), placement=PLACEMENT),
    Still(asset=invented_asset("still", "image"), placement=PLACEMENT),
    Panel(box=BOX, color=(1, 2, 3)),
    TextBlock(lines=("one", "two"), style=STYLE, fonts=("abc",), anchor=(3.0, 4.0)),
    MovingTitle(
        parts=(MovingPart(stretches=(STRETCH,), size=(40, 30), box=BOX, opacity=0.5),), style=STYLE, fonts=("abc",)
    ),
    CaptionPage(
        words=(PlacedWord(text="hi", x=1, width=2, line=0),),
        lit=0,
        lit_color=(1, 2, 3),
        lit_zoom=1.0,
        style=STYLE,
        fonts=(),
        backdrop=Backdrop(color=(0, 0, 0), opacity=0.5, padding=3),
        centre=(1.0, 2.0),
        zoom=1.0,
        opacity=1.0,
    ),
    Logo(asset=invented_asset("logo", "image"), region=Region(2, 4, 6, 8)),
    Shadow(box=BOX, radius=1.0, down=3.0, sigma=2.0, opacity=0.5),
    Shade(box=BOX, color=(1, 2, 3), top=0.2, bottom=0.5),
    Studio(base=(1, 2, 3), light=(4, 5, 6), part=0.5),
    Drift(base=(1, 2, 3), accent=(4, 5, 6), turn=0.5),
    Ticker(lines=("one", "two"), style=STYLE, fonts=("abc",), gap=9.0, mark_color=(1, 2, 3), offset=Fraction(1, 3)),
    Window(region=Region(2, 4, 6, 8), drawings=(Panel(box=BOX, color=(1, 2, 3)),), radius=1.0),
    Transition(
        kind="slide",
        before=Group((Panel(box=BOX, color=(1, 2, 3)),)),
        after=Group((Panel(box=BOX, color=(4, 5, 6)),)),
        part=0.5,
    ),
    Vignette(strength=0.5),
    Grain(strength=0.5, seed=1, frame=2),
    Glass(box=BOX, roundness=0.5, opacity=1.0, turn_deg=3.0, px=1.0),
    Rim(box=BOX, roundness=0.5, opacity=1.0, px=1.0),
)


def changed(value: object, kind: object) -> list[Any]:
    """Values of the same type that differ in one place each."""
    if isinstance(value, AssetRef):
        return [value.model_copy(update={"sha256": "f" * 64})]
    if is_dataclass(value):
        return [replace(value, **{name: other}) for name, other in one_field_changed(value)]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, str):
        options = get_args(kind)
        return [option for option in options if option != value] or [value + "x", "", " " + value]
    if isinstance(value, tuple):
        inner = (get_args(kind) or (Any,))[0]
        return [
            (*value, value[-1]) if value else ("x",),
            *((*value[:i], other, *value[i + 1 :]) for i in range(len(value)) for other in changed(value[i], inner)),
        ]
    return [value + 1, value + 2**-20]


def one_field_changed(drawing: object) -> list[tuple[str, Any]]:
    hints = get_type_hints(type(drawing))
    return [
        (field.name, other)
        for field in fields(drawing)
        for other in changed(getattr(drawing, field.name), hints[field.name])
    ]


def drawing_types() -> set[type]:
    """Every dataclass of render_core that paints."""
    found = set()
    for module in pkgutil.walk_packages(render_core.__path__, "render_core."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and is_dataclass(value) and hasattr(value, "paint"):
                found.add(value)
    return found - {Group}


def test_the_mutation_test_knows_every_drawing():
    assert {type(drawing) for drawing in DRAWINGS} == drawing_types()


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: type(drawing).__name__)
def test_changing_any_field_of_a_drawing_changes_its_digest(drawing):
    mutants = [replace(drawing, **{name: other}) for name, other in one_field_changed(drawing)]
    digests = {digest(mutant) for mutant in (drawing, *mutants)}
    assert {field.name for field in fields(drawing)} == {name for name, _ in one_field_changed(drawing)}
    assert len(digests) == len({drawing, *mutants}) == 1 + len(set(mutants))


def test_drawings_of_different_types_differ_even_with_equal_fields():
    glass, rim = DRAWINGS[-2:]
    assert digest(replace(glass, turn_deg=0.0)) != digest(rim)


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.text(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.fractions(),
    ),
    lambda inner: st.lists(inner).map(tuple),
)


@given(VALUES, VALUES)
def test_digests_are_equal_exactly_where_values_are(a, b):
    assert (digest(a) == digest(b)) == (a == b)


def test_equal_numbers_of_any_type_are_one_number():
    assert digest(0.0) == digest(-0.0) == digest(0) == digest(Fraction(0))
    assert digest(0.1) != digest(Fraction(1, 10))
    assert digest(1) != digest("1")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="finite"):
        digest(value)


@pytest.mark.parametrize("value", [[1], {"a": 1}, {1}, object(), b"x"])
def test_a_value_without_a_canonical_form_is_refused(value):
    with pytest.raises(TypeError, match=type(value).__name__):
        digest(value)


def test_a_moved_file_keeps_its_digest_and_another_file_does_not():
    asset = invented_asset("clip")
    assert digest(asset) == digest(asset.model_copy(update={"key": "elsewhere/clip"}))
    assert digest(asset) != digest(invented_asset("other"))


@dataclass(frozen=True)
class Shade:
    level: int

    def paint(self, canvas, media):
        canvas.y[:] = self.level

    def hides_all_below(self, width, height):
        return True


def graded(levels, fps=Fraction(30)) -> Composition:
    layer = Scripted(lambda frame: Shade(levels[frame]))
    return Composition(
        format=VideoFormat(width=64, height=48, fps=fps), frame_count=len(levels), layers=(layer,), sound=None
    )


@pytest.mark.parametrize(
    ("fps", "frames", "stops"),
    [
        (Fraction(30), 150, [60, 120, 150]),
        (Fraction(30), 60, [60]),
        (Fraction(30), 1, [1]),
        (Fraction(24), 50, [48, 50]),
        (Fraction(30000, 1001), 130, [60, 120, 130]),
    ],
)
def test_cells_are_two_seconds_long_and_the_last_is_what_is_left(fps, frames, stops):
    cells = plan_cells(graded([0] * frames, fps), STANDARD)
    assert [cell.stop for cell in cells] == stops
    assert [cell.start for cell in cells] == [0, *stops[:-1]]
    assert [cell.index for cell in cells] == list(range(len(stops)))


def test_a_change_in_one_frame_makes_one_cell_dirty():
    levels = [0] * 240
    before = [cell.key for cell in plan_cells(graded(levels), STANDARD)]
    levels[70] = 1
    after = [cell.key for cell in plan_cells(graded(levels), STANDARD)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True, True]


def test_cells_with_the_same_pictures_have_the_same_key_wherever_they_are():
    keys = {cell.key for cell in plan_cells(graded([7] * 240), STANDARD)}
    assert len(keys) == 1


def shows(frames: int, clip, moments) -> Composition:
    placement = Placement(box=Box(left=0, top=0, width=500, height=400))
    layer = Scripted(lambda frame: ClipFrame(asset=clip, at_s=Fraction(moments(frame), 30), placement=placement))
    picture = VideoFormat(width=500, height=400, fps=Fraction(30))
    return Composition(format=picture, frame_count=frames, layers=(layer, layer), sound=None)


def test_the_load_of_a_cell_is_what_its_frames_decode_draw_and_encode_without_what_is_hidden():
    clip = invented_asset("clip", width=1000, height=1000)
    moving, rest = weigh_cells(shows(90, clip, lambda frame: min(frame, 60)), STANDARD, [clip])
    assert moving[1] == CellLoad(decoded=60, drawn=pytest.approx(60 * 0.2), encoded=pytest.approx(12), frames=60)
    assert rest[1] == CellLoad(decoded=1, drawn=pytest.approx(0.2), encoded=pytest.approx(6), frames=30)


def test_pictures_that_are_skipped_are_no_load():
    gif, clip = profile_of("gif", "standard"), invented_asset("clip", width=1000, height=1000)
    [(_, load)] = weigh_cells(shows(60, clip, lambda frame: frame), gif, [clip])
    assert (load.decoded, load.frames) == (60 / gif.step(Fraction(30)),) * 2


def test_weighing_changes_no_key():
    clip = invented_asset("clip")
    video = shows(130, clip, lambda frame: frame)
    assert tuple(cell for cell, _ in weigh_cells(video, STANDARD, [clip])) == plan_cells(video, STANDARD)


def test_the_profile_and_the_format_are_part_of_a_key():
    base = graded([7] * 60)
    wider = replace(base, format=VideoFormat(width=66, height=48, fps=Fraction(30)))
    keys = {plan_cells(base, STANDARD)[0].key, plan_cells(base, DRAFT)[0].key, plan_cells(wider, STANDARD)[0].key}
    assert len(keys) == 3


def test_a_silent_video_has_no_sound_key():
    assert sound_key(graded([0]), STANDARD) is None


def test_typed_choices_are_seen_by_the_mutation_test():
    mix = get_type_hints(Placement)["mix"]
    assert get_origin(mix) is not None
    assert len(changed("normal", mix)) == 1


def test_a_new_library_makes_new_keys():
    assert renderer_version().startswith(RENDERER_VERSION + " ")
    assert {part.rsplit("-", 1)[0] for part in renderer_version().split()[1:]} == {
        "av",
        "numpy",
        "opencv-python-headless",
        "pillow",
    }
