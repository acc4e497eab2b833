from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.assets.library import list_assets, usable_assets
from webapp.assets.names import give_name
from webapp.assets.views import AssetFilter, AssetPage
from webapp.errors import ForbiddenError, InvalidError, NotFoundError
from webapp.models import AssetStatus, AssetType, Role, Scope, VideoAsset, Workspace, WorkspaceMember

DAY = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


def add(product: Product, actor: Actor, name: str, **facts: object) -> None:
    """An asset in the database; those added later are newer."""
    number = len(product.rows(VideoAsset))
    told = {"asset_type": AssetType.COVER, "status": AssetStatus.READY, **facts}
    row = VideoAsset(
        user_id=actor.user_id,
        workspace_id=told.pop("workspace_id", None) or product.workspace(actor).id,
        file_path=f"user-covers/{number}",
        file_size=1,
        mime_type="image/png",
        sha256=f"{number:064}",
        created_at=DAY + timedelta(seconds=number),
        asset_name="",
        **told,
    )
    give_name(row, name)
    product.do(lambda session: session.add(row))


def names(page: AssetPage) -> list[str]:
    return [view.asset_name for view in page.assets]


def listed(product: Product, actor: Actor, **wanted: object) -> list[str]:
    return names(product.do(lambda session: list_assets(session, actor, AssetFilter(**wanted))))  # type: ignore[arg-type] # a test's own


def test_ones_own_and_the_demo_assets_are_listed_the_newest_first(product: Product, ann: Actor):
    demo = product.user("demo")
    add(product, demo, "demo", is_default=True)
    add(product, ann, "first")
    add(product, product.user("bob"), "bob's")
    add(product, ann, "second")
    assert listed(product, ann) == ["second", "first", "demo"]
    assert listed(product, ann, is_default=True) == ["demo"]
    assert listed(product, ann, is_default=False) == ["second", "first"]
    assert [view.asset_name for view in product.do(lambda session: usable_assets(session, ann))] == [
        "second",
        "first",
        "demo",
    ]


def test_assets_are_found_by_type_status_and_words_in_any_case(product: Product, ann: Actor):
    add(product, ann, "Лето на МОРЕ 50%.png")
    add(product, ann, "Зима на море.png")
    add(product, ann, "song", asset_type=AssetType.MUSIC)
    add(product, ann, "bad", status=AssetStatus.REJECTED)
    assert listed(product, ann, search="море  ЛЕТО") == ["Лето на МОРЕ 50%.png"]
    assert listed(product, ann, search="50%") == ["Лето на МОРЕ 50%.png"]
    assert listed(product, ann, search="5_%") == []
    assert listed(product, ann, asset_type=AssetType.MUSIC) == ["song"]
    assert listed(product, ann, status=AssetStatus.REJECTED) == ["bad"]
    with pytest.raises(InvalidError):
        listed(product, ann, search="\x00")


def test_what_is_still_coming_is_listed_only_when_asked_for(product: Product, ann: Actor):
    with product.begin(ann):
        assert listed(product, ann) == []
        assert listed(product, ann, status=AssetStatus.UPLOADING) == ["a.mp4"]


def test_pages_follow_each_other_without_gap_or_repetition(product: Product, ann: Actor):
    for number in range(5):
        add(product, ann, str(number))
    first = product.do(lambda session: list_assets(session, ann, limit=2))
    add(product, ann, "new")
    second = product.do(lambda session: list_assets(session, ann, limit=2, cursor=first.next_cursor))
    third = product.do(lambda session: list_assets(session, ann, limit=2, cursor=second.next_cursor))
    assert names(first) + names(second) + names(third) == ["4", "3", "2", "1", "0"]
    assert third.next_cursor is None
    for wrong in ({"cursor": "x"}, {"limit": 0}, {"limit": 101}):
        with pytest.raises(InvalidError):
            product.do(lambda session, wrong=wrong: list_assets(session, ann, **wrong))


def test_members_see_what_a_workspace_has_and_strangers_do_not(product: Product, ann: Actor):
    bob, workspace_id = product.user("bob"), product.workspace(ann).id
    add(product, ann, "ann's")
    with pytest.raises(NotFoundError):
        listed(product, bob, workspace_id=workspace_id)
    member = WorkspaceMember(workspace_id=workspace_id, user_id=bob.user_id, role=Role.VIEWER)
    product.do(lambda session: session.add(member))
    add(product, bob, "bob's there", workspace_id=workspace_id)
    assert listed(product, bob, workspace_id=workspace_id) == ["bob's there", "ann's"]
    assert listed(product, bob) == ["bob's there"]
    product.do(lambda session: session.delete(session.get_one(WorkspaceMember, (workspace_id, bob.user_id))))
    assert listed(product, bob) == []


def test_what_an_archived_workspace_has_is_out_of_sight(product: Product, ann: Actor):
    add(product, ann, "mine")

    def archive(session):
        session.get_one(Workspace, product.workspace(ann).id).archived_at = DAY

    product.do(archive)
    assert listed(product, ann) == []


def test_a_key_needs_the_scope(small_product: Product):
    key = replace(small_product.user("ann"), scopes=frozenset({Scope.VIDEOS_READ}))
    with pytest.raises(ForbiddenError, match="assets:read"):
        listed(small_product, key)
