import pytest

from render_core.text.animation import GONE, REST, Animation

MOVING = ("pop", "fade", "slide", "bounce")
TIMES = [step / 64 for step in range(65)]


@pytest.mark.parametrize("kind", [*MOVING, "typewriter"])
def test_every_animation_begins_unseen_and_ends_at_rest(kind):
    animation = Animation(kind=kind, duration_s=0.5, stagger_s=0.1)
    assert animation.entering(0, 0) == GONE
    assert animation.entering(0, 0.5) == REST
    assert animation.leaving(2, 3, 0) == GONE
    assert all(animation.leaving(part, 3, animation.total_s(3)) == REST for part in range(1, 3))


@pytest.mark.parametrize("kind", [*MOVING, "typewriter"])
def test_nothing_gets_less_opaque_while_it_comes_in(kind):
    animation = Animation(kind=kind, duration_s=0.8)
    opacities = [animation.entering(0, time).opacity for time in TIMES]
    assert opacities == sorted(opacities)


@pytest.mark.parametrize(("kind", "swings"), [("pop", True), ("bounce", True), ("slide", False), ("fade", False)])
def test_springs_swing_over_and_the_others_do_not(kind, swings):
    animation = Animation(kind=kind, duration_s=0.8)
    poses = [animation.entering(0, time) for time in TIMES]
    assert any(pose.zoom > 1 or pose.down < 0 for pose in poses) is swings


def test_sliding_only_ever_rises():
    downs = [Animation(kind="slide", duration_s=0.8).entering(0, time).down for time in TIMES if time > 0]
    assert downs == sorted(downs, reverse=True)


@pytest.mark.parametrize("kind", MOVING)
def test_each_part_follows_the_one_before_it_after_the_stagger(kind):
    animation = Animation(kind=kind, duration_s=0.5, stagger_s=0.125)
    for time in TIMES:
        assert animation.entering(2, time + 0.25) == animation.entering(0, time)
    assert animation.total_s(3) == 0.75


def test_the_first_part_leaves_first_but_a_typewriter_takes_back_its_last_letter():
    fade, typed = Animation(kind="fade", stagger_s=0.1), Animation(kind="typewriter", stagger_s=0.1)
    assert fade.leaving(0, 3, 0.4).opacity < fade.leaving(2, 3, 0.4).opacity
    assert (typed.leaving(0, 3, 0.25), typed.leaving(2, 3, 0.25)) == (REST, GONE)


def test_leaving_is_coming_in_played_backwards():
    animation = Animation(kind="pop", duration_s=0.5)
    assert animation.leaving(0, 1, 0.2) == animation.entering(0, 0.2)


def test_a_typewriter_shows_one_part_after_the_other():
    animation = Animation(kind="typewriter", stagger_s=0.1)
    assert [sum(animation.entering(part, time) == REST for part in range(3)) for time in (0.05, 0.15, 0.35)] == [
        0,
        1,
        3,
    ]


def test_no_animation_takes_no_time():
    assert Animation().total_s(9) == 0
    assert Animation().entering(8, 0) == REST
    assert Animation(kind="pop", duration_s=0.0, stagger_s=0.0).entering(0, 0) == REST
