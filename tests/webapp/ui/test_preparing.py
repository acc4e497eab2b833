"""Files that are being prepared, in a tab."""

from uuid import UUID

import pytest

from tests.webapp.logins import log_in
from tests.webapp.preparing import prepare_uploads
from tests.webapp.product import Media, Product
from tests.webapp.ui.tabs import Tab
from webapp.accounts.service import Actor
from webapp.assets.views import AssetView
from webapp.container import Container
from webapp.db import unit_of_work
from webapp.models import AssetStatus, VideoAsset, utc_now
from webapp.renders.updates import AssetUpdate
from webapp.ui.slots import slot_of
from webapp.ui.states.page import PageState
from webapp.ui.states.studio import StudioState, add_asset, move_on
from webapp.ui.states.uploads import UploadState

ROLE = "lipSyncVideo"


@pytest.fixture
def actor(services: Container) -> Actor:
    with unit_of_work(services.engine) as session:
        return log_in(session, "typist")[0]


@pytest.fixture
def product(services: Container, media: Media) -> Product:
    return Product(services, media)


@pytest.fixture
def sent(product: Product, actor: Actor, tab: Tab) -> AssetView:
    """A file that was just uploaded in this tab."""
    tab.do(PageState, "open")
    asset = product.send(actor, product.media.avatar)
    add_asset(tab.studio, slot_of(tab.studio.template, ROLE), asset)
    return asset


def shown(tab: Tab) -> list[tuple[str, str]]:
    return [(card.id, card.status) for card in tab.studio.chosen[ROLE]]


def test_a_file_is_chosen_while_it_is_prepared_and_holds_the_render_up(tab: Tab, sent: AssetView):
    assert shown(tab) == [(str(sent.id), "processing")]
    assert tab.studio.obstacle == "“avatar.mp4” is being prepared: you can render as soon as that is done."


def test_a_reload_loses_nothing_of_the_draft(tab: Tab, sent: AssetView):
    tab.fill("mainText", "Mine")
    tab.do(PageState, "open")
    assert shown(tab) == [(str(sent.id), "processing")]
    assert tab.order().config == {"mainText": "Mine"}


def test_a_prepared_file_can_be_used(tab: Tab, sent: AssetView, product: Product):
    prepare_uploads(product.container)
    tab.do(PageState, "open")
    assert shown(tab) == [(str(sent.id), "ready")]
    assert (tab.studio.preparing, tab.studio.obstacle) == ("", "")
    assert tab.studio.chosen[ROLE][0].thumbnail


def test_a_rejected_file_says_why_and_makes_room_for_another(tab: Tab, sent: AssetView, product: Product):
    with unit_of_work(product.container.engine) as session:
        row = session.get_one(VideoAsset, sent.id)
        row.status, row.reject_reason, row.updated_at = AssetStatus.REJECTED, "It has no pictures.", utc_now()
    tab.do(PageState, "open")
    assert tab.studio.chosen[ROLE][0].reason == "It has no pictures."
    assert tab.studio.obstacle == "A file cannot be used: choose another one in its place."
    assert all(card.id != str(sent.id) for card in tab.studio.library["avatar"])
    tab.do(StudioState, "remove", ROLE, str(sent.id))
    assert tab.studio.obstacle == ""


def test_another_tab_finds_the_file_in_its_library(tab: Tab, sent: AssetView, services: Container):
    with unit_of_work(services.engine) as session:
        _actor, token = log_in(session, "typist")
    other = Tab(token)
    other.do(PageState, "open")
    assert [(card.id, card.status) for card in other.studio.library["avatar"]] == [(str(sent.id), "processing")]
    other.do(StudioState, "choose", ROLE, str(sent.id))
    assert other.studio.preparing == tab.studio.preparing


def test_the_percentage_of_a_preparation_never_goes_back(tab: Tab, sent: AssetView):
    def tell(percent: int) -> int:
        told = AssetUpdate(asset_id=sent.id, status=AssetStatus.PROCESSING, progress=percent, event_id="1")
        move_on(tab.studio, [told, told.model_copy(update={"asset_id": UUID(int=0)})])
        return tab.studio.chosen[ROLE][0].percent

    assert [tell(percent) for percent in (10, 40, 30, 50)] == [10, 40, 40, 50]
    tab.do(PageState, "open")
    assert tab.studio.chosen[ROLE][0].percent == 50


def test_an_upload_that_was_cut_off_says_what_to_do_also_when_the_server_has_forgotten_it(tab: Tab):
    uploads = tab._states[UploadState]
    uploads.under_way = "lipSyncVideo unheardOf"  # as the browser has remembered it
    tab.do(UploadState, "clear")
    assert list(uploads.problems) == ["lipSyncVideo"]
    assert "choose the file again" in uploads.problems["lipSyncVideo"]
    tab.do(UploadState, "clear")
    assert (uploads.problems, uploads.under_way) == ({}, "")
