"""Links to finished videos: for anybody who has one, until it is over."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from webapp.links import LinkSigner
from webapp.models import RenderStatus, Role, UserVideo, VideoShare, Workspace, WorkspaceMember, utc_now
from webapp.renders.service import delete_video
from webapp.renders.shares import (
    MOST_OPEN,
    SharedVideo,
    ShareView,
    end_share,
    list_shares,
    open_share,
    open_shared_poster,
    open_shared_video,
    share_video,
)

DAY = timedelta(days=1)


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


@pytest.fixture
def pending(product: Product, ann: Actor) -> UUID:
    return product.render(ann, product.order(product.upload(ann, product.media.avatar).id, mainText="Hi")).id


@pytest.fixture
def finished(product: Product, pending: UUID) -> UUID:
    def write(session):
        video = session.get_one(UserVideo, pending)
        video.render_status, video.output_path, video.output_size = RenderStatus.COMPLETED, "rendered-videos/v/j.mp4", 7
        video.poster_path = "rendered-videos/v/j.jpg"

    for name in ("j.mp4", "j.jpg"):
        product.container.objects.put_bytes(f"rendered-videos/v/{name}", b"a video")
    product.do(write)
    return pending


def share(product: Product, actor: Actor, video: UUID, lifetime: timedelta = DAY) -> ShareView:
    return product.do(lambda session: share_video(session, product.container.links, actor, video, lifetime))


def opened(product: Product, view: ShareView, signer: LinkSigner | None = None) -> SharedVideo:
    token = view.url.rpartition("/")[2]
    return product.do(lambda session: open_share(session, signer or product.container.links, token))


def refuses(product: Product, view: ShareView, signer: LinkSigner | None = None) -> bool:
    try:
        opened(product, view, signer)
    except NotFoundError as error:
        return "wrong or has expired" in error.detail
    return False


def test_whoever_has_the_link_finds_the_video(product: Product, ann: Actor, finished: UUID):
    view = share(product, ann, finished)
    token = view.url.removeprefix("/share/")
    seen = opened(product, view)
    assert (seen.video_title, seen.output_size, seen.expires_at) == ("Hi", 7, view.expires_at)
    assert seen.video_url == f"/api/share/{token}/video"
    links, objects = product.container.links, product.container.objects
    assert product.do(lambda session: open_shared_video(session, links, token)).file_name == "Hi.mp4"
    assert product.do(lambda session: open_shared_poster(session, links, objects, token)).size_bytes == 7


def test_a_link_expires(product: Product, ann: Actor, finished: UUID):
    view = share(product, ann, finished)
    late = LinkSigner(
        product.container.settings.app.secret_key.get_secret_value(), clock=lambda: utc_now() + DAY + timedelta(0, 1)
    )
    assert not refuses(product, view)
    assert refuses(product, view, late)


def test_a_link_ends_when_somebody_ends_it(product: Product, ann: Actor, finished: UUID):
    first, second = share(product, ann, finished), share(product, ann, finished)
    for _ in range(2):
        product.do(lambda session: end_share(session, ann, finished, first.id))
    assert (refuses(product, first), refuses(product, second)) == (True, False)
    assert product.do(lambda s: list_shares(s, product.container.links, ann, finished)) == (second,)
    with pytest.raises(NotFoundError, match="no such link"):
        product.do(lambda session: end_share(session, ann, finished, uuid4()))


def test_forged_links_lead_nowhere(product: Product, ann: Actor, finished: UUID):
    view, other = share(product, ann, finished), share(product, ann, finished)
    mixed = view.url[:-64] + other.url[-64:]
    for url in (view.url[:-1], view.url[:-1] + "§", mixed, "/share/", "/share/" + "z" * 96, f"/share/{view.id.hex}"):
        assert refuses(product, view.model_copy(update={"url": url}))
    assert refuses(product, view, LinkSigner("another secret"))

    def prolong(session):
        session.get_one(VideoShare, view.id).expires_at += DAY

    product.do(prolong)
    assert refuses(product, view)


def test_a_link_goes_with_its_video_and_its_workspace(product: Product, ann: Actor, finished: UUID):
    view = share(product, ann, finished)
    workspace = product.workspace(ann).id
    product.do(lambda s: setattr(s.get_one(Workspace, workspace), "archived_at", utc_now()))
    assert refuses(product, view)
    product.do(lambda s: setattr(s.get_one(Workspace, workspace), "archived_at", None))
    assert not refuses(product, view)
    product.do(lambda session: delete_video(session, product.container.objects, ann, finished))
    assert refuses(product, view)
    assert product.rows(VideoShare) == []


def test_only_finished_videos_are_shared_for_a_time_within_bounds(product: Product, ann: Actor, pending: UUID):
    with pytest.raises(ConflictError, match="is pending: it can be shared once it is completed"):
        share(product, ann, pending)
    for lifetime in (timedelta(seconds=59), timedelta(days=91)):
        with pytest.raises(InvalidError, match="at least one minute and at most 90 days"):
            share(product, ann, pending, lifetime)


def test_a_video_has_so_many_links_and_no_more(product: Product, ann: Actor, finished: UUID):
    first = share(product, ann, finished)
    row = {"video_id": finished, "user_id": ann.user_id, "expires_at": utc_now() + DAY}
    product.do(lambda session: session.add_all(VideoShare(**row) for _ in range(MOST_OPEN - 1)))
    with pytest.raises(ConflictError, match="20 links already"):
        share(product, ann, finished)
    product.do(lambda session: end_share(session, ann, finished, first.id))
    assert not refuses(product, share(product, ann, finished))


def test_strangers_and_viewers_share_nothing(product: Product, ann: Actor, finished: UUID):
    bob = product.user("bob")
    with pytest.raises(NotFoundError, match="no video"):
        share(product, bob, finished)
    member = WorkspaceMember(workspace_id=product.workspace(ann).id, user_id=bob.user_id, role=Role.VIEWER)
    product.do(lambda session: session.add(member))
    for work in (
        lambda session: share_video(session, product.container.links, bob, finished, DAY),
        lambda session: list_shares(session, product.container.links, bob, finished),
        lambda session: end_share(session, bob, finished, uuid4()),
    ):
        with pytest.raises(ForbiddenError, match="takes the role editor"):
            product.do(work)
