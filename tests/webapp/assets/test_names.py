import pytest

from webapp.assets.names import LONGEST_NAME, checked_name, name_of_file
from webapp.errors import InvalidError
from webapp.models import AssetType


@pytest.mark.parametrize(
    ("file_name", "shown"),
    [
        ("моё видео.mp4", "моё видео.mp4"),
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\clips\\я.mp4", "я.mp4"),
        ("/", "cover"),
        ("", "cover"),
        ("a/\u202e", "cover"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("x" * 5000, "x" * LONGEST_NAME),
        ("a\tb\x07\x00c\u2028\ud800.png", "a bc.png"),
        ("👩‍🚀.png", "👩‍🚀.png"),
    ],
)
def test_a_file_is_shown_under_its_name_and_never_refused_for_it(file_name: str, shown: str):
    assert name_of_file(file_name, AssetType.COVER) == shown


@pytest.mark.parametrize("name", ["", "  ", "\u202e", "\x07", "a" * 201, "a\x00", "\ud800"])
def test_a_name_that_nobody_can_read_is_refused(name: str):
    with pytest.raises(InvalidError) as refusal:
        checked_name(name)
    assert refusal.value.field == "asset_name"


def test_a_name_is_one_plain_line():
    assert checked_name("  Анна \n говорит\u202e ") == "Анна говорит"
