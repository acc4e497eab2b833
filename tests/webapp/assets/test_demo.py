import shutil
from pathlib import Path

import pytest

from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.assets.demo import seed_demo_assets
from webapp.assets.library import usable_assets
from webapp.assets.resolve import resolve_assets
from webapp.assets.service import delete_asset, open_poster
from webapp.errors import ConflictError
from webapp.models import AssetType


@pytest.fixture
def product(small_product: Product) -> Product:
    return small_product


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


@pytest.fixture
def demo(product: Product, tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    folder.mkdir()
    shutil.copy(product.media.avatar, folder / "avatar.mp4")
    shutil.copy(product.media.cover, folder / "cover.png")
    shutil.copy(product.media.music, folder / "music.mp3")
    (folder / "README.md").write_text("no medium")
    return folder


def test_demo_assets_are_everybodys(product: Product, ann: Actor, demo: Path):
    seed_demo_assets(product.container, demo)
    views = product.do(lambda session: usable_assets(session, ann))
    assert {(view.asset_type, view.is_default) for view in views} == {
        (AssetType.AVATAR, True),
        (AssetType.COVER, True),
        (AssetType.MUSIC, True),
    }
    pictures = [product.do(lambda session, view=view: open_poster(session, ann, view.id)) for view in views]
    assert all(product.container.objects.size(picture.key) == picture.size_bytes for picture in pictures)
    chosen = {"lipSyncVideo": next(view.id for view in views if view.asset_type is AssetType.AVATAR)}
    assert product.do(lambda session: resolve_assets(session, ann, chosen))


def test_seeding_again_changes_nothing(product: Product, ann: Actor, demo: Path):
    seed_demo_assets(product.container, demo)
    before = product.do(lambda session: usable_assets(session, ann))
    seed_demo_assets(product.container, demo)
    assert product.do(lambda session: usable_assets(session, ann)) == before
    assert len(product.stored_keys()) == 6, "each has a picture"


def test_a_replaced_demo_file_takes_the_place_of_the_old_one(product: Product, ann: Actor, demo: Path):
    seed_demo_assets(product.container, demo)
    shutil.copy(product.media.silent, demo / "avatar.mp4")
    seed_demo_assets(product.container, demo)
    [avatar] = product.do(lambda session: usable_assets(session, ann, AssetType.AVATAR))
    assert avatar.file_size == product.media.silent.stat().st_size


def test_lost_bytes_of_a_demo_asset_are_put_back(product: Product, ann: Actor, demo: Path):
    seed_demo_assets(product.container, demo)
    before = product.stored_keys()
    for key in before:
        product.container.objects.delete(key)
    seed_demo_assets(product.container, demo)
    assert product.stored_keys() == before


def test_demo_assets_cannot_be_deleted(product: Product, ann: Actor, demo: Path):
    seed_demo_assets(product.container, demo)
    [avatar] = product.do(lambda session: usable_assets(session, ann, AssetType.AVATAR))
    with pytest.raises(ConflictError, match="belong to everyone"):
        product.do(lambda session: delete_asset(session, product.container.objects, ann, avatar.id))
