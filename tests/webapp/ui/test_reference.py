"""What the reference of templates promises."""

import json

import pytest

from render_core.templates import template_names
from tests.webapp.product import Product
from webapp.models import AssetType
from webapp.renders.checking import preview_spec
from webapp.renders.views import RenderOrder
from webapp.ui.reference import example_of, inputs_of, settings_of
from webapp.ui.slots import slots_of


@pytest.mark.parametrize("template", template_names())
def test_the_example_is_a_request_that_is_accepted(template: str, small_product: Product):
    ann, media = small_product.user("ann"), small_product.media
    files = {
        AssetType.AVATAR: media.avatar,
        AssetType.BACKGROUND: media.avatar,
        AssetType.COVER: media.cover,
        AssetType.MUSIC: media.music,
    }
    ids = {
        slot.role: small_product.upload(ann, files[slot.asset_type], slot.asset_type).id for slot in slots_of(template)
    }
    body = json.loads(example_of(template))
    for role, asked in body["user_assets"].items():
        body["user_assets"][role] = [str(ids[role])] if isinstance(asked, list) else str(ids[role])
    order = RenderOrder.model_validate(body)
    assert small_product.do(lambda session: preview_spec(session, ann, order, height=160)).template == template


def test_a_setting_is_told_with_its_name_range_unit_and_default():
    [cover, *_] = settings_of("LipSyncTemplate")["Timing"]
    assert (cover.title, cover.name, cover.limits, cover.unit, cover.default) == (
        "Cover",
        "coverDuration",
        "0 to 5",
        "s",
        "0.5",
    )


def test_nested_settings_and_those_of_lists_have_their_whole_names():
    names = {row.name: row for rows in settings_of("LipSyncTemplate").values() for row in rows}
    assert names["captionStyle.fontSize"].default == "48"
    assert names["captions[].start"].limits == "0 to 86,400,000"


def test_an_input_says_what_it_takes_and_whether_it_is_needed():
    [avatar, *_] = inputs_of("LipSyncTemplate")
    assert (avatar.name, avatar.takes, avatar.needed) == ("lipSyncVideo", "video (avatar)", "needed")
