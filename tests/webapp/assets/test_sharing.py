"""One user's same bytes in several workspaces: stored once, and there as long as one of them has them."""

import pytest

from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.assets.intake import finish_upload
from webapp.assets.service import delete_asset, open_asset
from webapp.assets.views import AssetView
from webapp.billing.limits import current_usage
from webapp.models import AssetStatus, PreparationJob, Role, VideoAsset, Workspace, WorkspaceMember


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


@pytest.fixture
def club(product: Product, ann: Actor) -> Workspace:
    """Another workspace of Ann's."""
    workspace = Workspace(name="club")
    product.do(lambda session: session.add(workspace))
    member = WorkspaceMember(workspace_id=workspace.id, user_id=ann.user_id, role=Role.OWNER)
    product.do(lambda session: session.add(member))
    return workspace


def send_to(product: Product, actor: Actor, workspace: Workspace) -> AssetView:
    with product.begin(actor, workspace_id=workspace.id, file_name="club.mp4") as upload:
        upload.append(product.media.avatar.read_bytes())
        return finish_upload(product.container, upload)


def delete(product: Product, actor: Actor, view: AssetView) -> None:
    product.do(lambda session: delete_asset(session, product.container.objects, actor, view.id))


def test_the_second_workspace_has_an_asset_of_its_own_at_once(product: Product, ann: Actor, club: Workspace):
    first = product.upload(ann, product.media.avatar)
    keys = product.stored_keys()
    second = send_to(product, ann, club)
    assert (second.status, second.progress, second.workspace_id) == (AssetStatus.READY, 100, club.id)
    assert (second.asset_name, first.asset_name) == ("club.mp4", "avatar.mp4")
    assert second.id != first.id
    assert (second.duration, second.width, second.file_size) == (first.duration, first.width, first.file_size)
    assert product.stored_keys() == keys
    assert len(product.rows(PreparationJob)) == 1
    opened = [product.do(lambda session, view=view: open_asset(session, ann, view.id)).key for view in (first, second)]
    assert opened[0] == opened[1]


def test_each_workspace_pays_for_what_it_has(product: Product, ann: Actor, club: Workspace):
    product.upload(ann, product.media.avatar)
    send_to(product, ann, club)
    both = [
        product.do(lambda session, one=one: current_usage(session, one)).storage_used
        for one in (product.workspace(ann), club)
    ]
    assert both[0] == both[1] > 0


def test_the_bytes_stay_until_the_last_asset_goes(product: Product, ann: Actor, club: Workspace):
    first = product.upload(ann, product.media.avatar)
    second = send_to(product, ann, club)
    product.render(ann, product.order(second.id))
    delete(product, ann, first)  # a render needs the bytes, and they stay
    stored = product.do(lambda session: open_asset(session, ann, second.id))
    assert product.container.objects.size(stored.key) == second.file_size
    [row] = product.rows(VideoAsset)
    assert row.poster_path is not None
    assert product.container.objects.size(row.poster_path) == row.poster_size


def test_with_the_last_asset_the_bytes_go(product: Product, ann: Actor, club: Workspace):
    views = [product.upload(ann, product.media.avatar), send_to(product, ann, club)]
    for view in views:
        delete(product, ann, view)
    assert product.stored_keys() == set()


def test_sent_again_it_is_the_asset_of_that_workspace(product: Product, ann: Actor, club: Workspace):
    first = product.upload(ann, product.media.avatar)
    second = send_to(product, ann, club)
    assert send_to(product, ann, club) == second
    assert product.upload(ann, product.media.avatar) == first
    assert len(product.rows(VideoAsset)) == 2


def test_what_is_still_being_prepared_elsewhere_is_prepared_here_too(product: Product, ann: Actor, club: Workspace):
    product.send(ann, product.media.avatar)
    assert send_to(product, ann, club).status is AssetStatus.PROCESSING
    assert len(product.rows(PreparationJob)) == 2
