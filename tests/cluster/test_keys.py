import pytest

from cluster.keys import InvalidKeyError, asset_key, beside, cell_key, render_key, sound_key


def test_keys_say_where_things_are() -> None:
    assert asset_key("avatar", "f00d") == "user-avatars/f00d"
    assert asset_key("music", "f00d") == "user-music/f00d"
    assert cell_key("abcdef") == "cells/ab/abcdef.mp4"
    assert sound_key("abcdef") == "sounds/ab/abcdef.m4a"
    assert render_key("v", "j") == "rendered-videos/v/j.mp4"
    assert (cell_key("abcdef", "gif"), sound_key("abcdef", "webm")) == ("cells/ab/abcdef.gif", "sounds/ab/abcdef.webm")
    assert beside(render_key("v", "j", "webm"), "poster.jpg") == "rendered-videos/v/j.poster.jpg"


def test_a_key_is_not_made_from_a_path() -> None:
    with pytest.raises(InvalidKeyError):
        asset_key("avatar", "../../etc/passwd")
