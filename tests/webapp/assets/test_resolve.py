from uuid import uuid4

import pytest

from tests.webapp.product import Product
from webapp.assets.resolve import MOST_ASSETS, hold_assets, resolve_assets
from webapp.errors import InvalidError, NotFoundError
from webapp.models import AssetType


def test_the_first_input_whose_file_is_unknown_is_named(product: Product):
    ann = product.user("ann")
    cover = product.upload(ann, product.media.cover, AssetType.COVER)
    chosen = {"coverImage": cover.id, "backgroundVideos": [cover.id, uuid4()], "backgroundMusic": uuid4()}
    with pytest.raises(NotFoundError) as refused:
        product.do(lambda session: resolve_assets(session, ann, chosen))
    assert refused.value.field == "user_assets.backgroundVideos[1]"


def test_one_file_may_fill_several_inputs(product: Product):
    ann = product.user("ann")
    cover = product.upload(ann, product.media.cover, AssetType.COVER)
    found = product.do(lambda session: resolve_assets(session, ann, {"a": cover.id, "b": [cover.id, cover.id]}))
    assert found["b"] == found["a"] * 2


def test_what_was_deleted_after_it_was_looked_at_is_named(product: Product):
    ann = product.user("ann")
    cover = product.upload(ann, product.media.cover, AssetType.COVER)
    product.do(lambda session: hold_assets(session, {"coverImage": cover.id}))
    gone = uuid4()
    with pytest.raises(NotFoundError, match="has just been deleted") as refused:
        product.do(lambda session: hold_assets(session, {"coverImage": cover.id, "backgroundMusic": gone}))
    assert refused.value.field == "user_assets.backgroundMusic"


def test_an_order_of_thousands_of_files_is_refused_before_any_is_looked_up(small_product: Product):
    ann = small_product.user("ann")
    chosen = {"backgroundVideos": [uuid4() for _ in range(MOST_ASSETS + 1)]}
    with pytest.raises(InvalidError, match=f"at most {MOST_ASSETS} files") as refused:
        small_product.do(lambda session: resolve_assets(session, ann, chosen))
    assert refused.value.field == "user_assets"
