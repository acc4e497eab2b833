"""The inputs of a template as drop zones."""

import pytest

from render_core.templates import asset_roles, template_names
from webapp.assets.kinds import ACCEPTED
from webapp.errors import NotFoundError
from webapp.ui.slots import slot_of, slots_of


@pytest.mark.parametrize("template", template_names())
def test_every_role_has_a_slot_that_tells_what_it_takes(template: str):
    for role, slot in zip(asset_roles(template), slots_of(template), strict=True):
        accepted = ACCEPTED[slot.asset_type]
        assert (slot.role, slot.title, slot.is_many) == (role.name, role.title, role.is_many)
        assert set(slot.accept) == accepted.mime_types
        assert f"{slot.limit_mb} MB" == accepted.limit_words


def test_an_unknown_slot_is_refused():
    with pytest.raises(NotFoundError):
        slot_of("LipSyncTemplate", "nonsense")
