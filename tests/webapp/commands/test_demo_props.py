import json
from pathlib import Path

import pytest

from render_core.templates import build, template_names
from webapp.commands.props import read_spec

DEMO = Path(__file__).parents[3] / "demo"
PROPS = [path for path in sorted(DEMO.glob("*.json")) if "template_name" in json.loads(path.read_text())]


@pytest.mark.parametrize("path", PROPS, ids=lambda path: path.stem)
def test_an_example_can_be_rendered(path):
    composition = build(read_spec(path))
    assert composition.frame_count > 300
    assert composition.sound is not None


def test_there_is_an_example_of_each_template():
    assert {json.loads(path.read_text())["template_name"] for path in PROPS} == set(template_names())
