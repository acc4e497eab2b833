"""Drafts that outlive the process that holds them, and the way back to a former one."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.webapp.logins import log_in
from tests.webapp.product import Media, Product
from tests.webapp.ui.tabs import Tab
from webapp.accounts.service import Actor
from webapp.container import Container
from webapp.models import AssetType, TabDraft, User, utc_now
from webapp.renders.tabs import KEPT, LARGEST_BYTES, MOST_TABS, clear_drafts, keep_draft
from webapp.ui.sheets import Table
from webapp.ui.states.captions import CaptionsState
from webapp.ui.states.form import FormState
from webapp.ui.states.keeping import KeepState, keep_now
from webapp.ui.states.page import PageState
from webapp.ui.states.saved import SavedState
from webapp.ui.states.sheets import gather
from webapp.ui.states.studio import StudioState
from webapp.ui.states.undo import UndoState


@pytest.fixture
def product(services: Container, media: Media) -> Product:
    return Product(services, media)


@pytest.fixture
def open_tab(product: Product, tab: Tab) -> Tab:
    """A tab with the studio open in it."""
    tab.do(PageState, "open")
    return tab


def keep(tab: Tab) -> None:
    """What happens when somebody rests."""
    asyncio.run(keep_now(tab._states[KeepState]))


def reopened(tab: Tab) -> Tab:
    """The same tab of the browser, when nothing is left of it on the server."""
    again = Tab(tab.token, tab._states[KeepState].tab)
    again.do(PageState, "open")
    return again


def table_of(tab: Tab) -> Table:
    return asyncio.run(gather(tab.studio))


def test_what_was_on_the_table_is_there_again_after_the_process_has_died(open_tab: Tab, product: Product):
    tab = open_tab
    [user] = product.rows(User)
    actor = Actor(user_id=user.id, display_name=user.display_name)
    avatar, cover = (product.upload(actor, path, kind) for path, kind in _files(product.media))
    tab.do(PageState, "open")
    tab.do(StudioState, "choose", "lipSyncVideo", str(avatar.id))
    tab.do(StudioState, "choose", "coverImage", str(cover.id))
    tab.do(StudioState, "set_title", "Mine")
    tab.fill("mainText", "Hello {{name}}")
    tab.order()
    tab.do(FormState, "set_variable", "name", "Anna")
    tab.do(FormState, "set_output", "gif")
    tab.do(CaptionsState, "set_text", "1\n00:00:00,500 --> 00:00:01,500\nHello world\n")
    tab.do(CaptionsState, "spread")
    tab.do(PageState, "choose_template", "NewsTemplate")
    tab.do(FormState, "add_item", "ticker")
    tab.do(FormState, "set_item", "ticker", tab.form.lists["ticker"][-1].id, "text", "Fresh")
    keep(tab)

    again = reopened(tab)
    assert again.order() == tab.order()
    assert table_of(again) == table_of(tab)
    again.do(PageState, "choose_template", "LipSyncTemplate")
    tab.do(PageState, "choose_template", "LipSyncTemplate")
    assert again.order() == tab.order()
    assert again.order().user_assets == {"lipSyncVideo": avatar.id, "coverImage": cover.id}
    assert [word["text"] for word in again.order().config["captions"]] == ["Hello", "world"]


def _files(media: Media) -> list[tuple[Path, AssetType]]:
    return [(media.avatar, AssetType.AVATAR), (media.cover, AssetType.COVER)]


def test_a_state_that_is_older_than_what_was_kept_gives_way_and_a_newer_one_stays(open_tab: Tab):
    tab = open_tab
    tab.fill("mainText", "Kept")
    keep(tab)
    behind = reopened(tab)
    behind._states[KeepState].tab = tab._states[KeepState].tab
    tab.fill("mainText", "Later")
    keep(tab)
    behind.do(PageState, "open")
    assert behind.order().config == {"mainText": "Later"}
    behind.fill("mainText", "Not kept yet")
    behind.do(PageState, "open")
    assert behind.order().config == {"mainText": "Not kept yet"}


def test_the_copy_of_a_tab_begins_with_its_draft_and_goes_its_own_way(open_tab: Tab):
    open_tab.fill("mainText", "Kept")
    keep(open_tab)
    copy = reopened(open_tab)
    copy.fill("mainText", "Of the copy")
    keep(copy)
    assert reopened(open_tab).order().config == {"mainText": "Kept"}
    assert reopened(copy).order().config == {"mainText": "Of the copy"}


def test_another_tab_and_another_person_begin_anew(open_tab: Tab, product: Product):
    open_tab.fill("mainText", "Kept")
    keep(open_tab)
    other = Tab(open_tab.token)
    other.do(PageState, "open")
    name = open_tab._states[KeepState].tab
    stranger = Tab(product.do(lambda session: log_in(session, "stranger"))[1], name)
    stranger.do(PageState, "open")
    assert (other.order().config, stranger.order().config) == ({}, {})


def test_what_cannot_be_laid_out_any_more_is_left_out(open_tab: Tab, product: Product):
    tab = open_tab
    tab.fill("mainText", "Kept")
    keep(tab)
    [row] = product.rows(TabDraft)
    table = row.content["table"]
    sheet = table["sheets"]["LipSyncTemplate"]
    sheet["values"] |= {"unheardOf": 1}
    sheet["files"] |= {"lipSyncVideo": [str(UUID(int=7))]}
    table |= {"origin": str(UUID(int=7)), "sheets": table["sheets"] | {"GoneTemplate": sheet}}

    def write(content: dict[str, object]) -> None:
        product.do(lambda session: session.merge(TabDraft(user_id=row.user_id, tab=row.tab, content=content)))

    write(row.content | {"table": table})
    again = reopened(tab)
    assert (again.order().config, again.order().template_id) == ({"mainText": "Kept"}, None)
    assert "lipSyncVideo" not in again.order().user_assets
    write({"of another": "version"})
    assert reopened(tab).order().config == {}


def test_loaded_settings_are_taken_back_and_brought_again(open_tab: Tab):
    tab = open_tab
    tab.fill("mainText", "Our look")
    tab.do(SavedState, "save_as", {"title": "Look"})
    saved = tab.studio.origin.id
    tab.fill("mainText", "Hours of work")
    tab.do(StudioState, "set_title", "Mine")
    tab.do(SavedState, "load", saved)
    back = tab._states[KeepState]
    assert (tab.order().config["mainText"], str(tab.order().template_id)) == ("Our look", saved)
    assert (back.offer, back.is_undone) == ("“Look” is on the table.", False)
    tab.do(UndoState, "undo")
    assert (tab.order().config["mainText"], tab.order().video_title, back.is_undone) == ("Hours of work", "Mine", True)
    tab.do(UndoState, "undo")
    assert (tab.order().config["mainText"], back.is_undone) == ("Our look", False)
    keep(tab)
    again = reopened(tab)
    again.do(UndoState, "undo")
    assert again.order().config["mainText"] == "Hours of work"
    again.do(KeepState, "dismiss")
    again.do(UndoState, "undo")
    assert again.order().config["mainText"] == "Hours of work"


def test_a_reset_has_a_way_back_too(open_tab: Tab):
    open_tab.fill("musicVolume", 0.1)
    open_tab.do(UndoState, "reset_settings")
    assert open_tab.order().config == {}
    open_tab.do(UndoState, "undo")
    assert open_tab.order().config == {"musicVolume": 0.1}


def test_an_offer_ends_some_time_after_it_was_made(open_tab: Tab):
    back = open_tab._states[KeepState]
    open_tab.do(UndoState, "reset_settings")
    back._offered_at -= timedelta(minutes=5)
    keep(open_tab)
    assert (back.offer, back._former) == ("", None)


def test_only_so_many_tabs_are_kept_and_not_for_ever_nor_at_any_size(product: Product):
    ann = product.user("ann")

    def put(tab: str, content: dict[str, object]) -> None:
        product.do(lambda session: keep_draft(session, ann, tab, content))

    for number in range(MOST_TABS + 1):
        put(f"t{number}", {"number": number})
    put("large", {"text": "x" * LARGEST_BYTES})
    kept = {row.tab for row in product.rows(TabDraft)}
    assert kept == {f"t{number}" for number in range(1, MOST_TABS + 1)}
    old = utc_now() - 2 * KEPT
    product.do(lambda session: setattr(session.get_one(TabDraft, (ann.user_id, "t7")), "updated_at", old))
    clear_drafts(product.container.engine)
    assert {row.tab for row in product.rows(TabDraft)} == kept - {"t7"}
