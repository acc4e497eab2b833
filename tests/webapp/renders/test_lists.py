"""Lists of videos: whose, where, which, and in pages."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from webapp.models import (
    PlanName,
    RenderStatus,
    Role,
    Room,
    Scope,
    Task,
    UserVideo,
    Workspace,
    WorkspaceMember,
    utc_now,
)
from webapp.renders.drafts import draft_of
from webapp.renders.service import cancel_render, change_video, get_video, list_videos, retry_render
from webapp.renders.signals import SilentBell
from webapp.renders.views import RenderOrder, VideoChange, VideoFilter
from webapp.templates.service import delete_config, save_config
from webapp.templates.views import SaveConfig

_NEWS = "NewsTemplate"


@pytest.fixture
def ann(product: Product) -> Actor:
    actor = product.user("ann")
    product.set_plan(actor, PlanName.PRO)
    return actor


@pytest.fixture
def order(product: Product, ann: Actor) -> RenderOrder:
    return product.order(product.upload(ann, product.media.avatar).id)


def made(product: Product, actor: Actor, order: RenderOrder, **changes: object) -> UUID:
    return product.render(actor, order.model_copy(update=changes)).id


def found(product: Product, actor: Actor, **wanted: object) -> set[UUID]:
    page = product.do(lambda session: list_videos(session, actor, VideoFilter(**wanted)))
    return {video.id for video in page.videos}


def test_words_are_found_in_titles_and_descriptions_whatever_their_case(
    product: Product, ann: Actor, order: RenderOrder
):
    first = made(product, ann, order, video_title="Осенняя РАСПРОДАЖА")
    second = made(product, ann, order, video_title="Winter 100%_off")
    note = VideoChange(video_description="Für die Straße")
    product.do(lambda session: change_video(session, ann, second, note))
    assert found(product, ann, search="распродажа осенняя") == {first}
    assert found(product, ann, search="STRASSE winter") == {second}
    assert found(product, ann, search="0%_O") == {second}
    assert found(product, ann, search="0_") == set()
    with pytest.raises(InvalidError, match="NUL"):
        found(product, ann, search="\x00")


def test_lists_are_narrowed_by_status_template_and_date(product: Product, ann: Actor, order: RenderOrder):
    old, new = made(product, ann, order), made(product, ann, order)

    def age(session):
        video = session.get_one(UserVideo, old)
        video.created_at -= timedelta(days=40)
        video.render_status = RenderStatus.FAILED

    product.do(age)
    yesterday = utc_now() - timedelta(days=1)
    assert found(product, ann, created_from=yesterday) == {new}
    assert found(product, ann, created_before=yesterday) == {old}
    assert found(product, ann, status={RenderStatus.FAILED, RenderStatus.CANCELLED}) == {old}
    assert found(product, ann, template_name="LipSyncTemplate") == {old, new}
    assert found(product, ann, template_name="NewsTemplate") == set()


def test_a_video_tells_the_saved_settings_that_it_comes_from_as_long_as_they_are_kept(
    product: Product, ann: Actor, order: RenderOrder
):
    look = SaveConfig(template_name="LipSyncTemplate", title="Look")
    saved = product.do(lambda session: save_config(session, ann, look)).id
    news = product.do(lambda session: save_config(session, ann, look.model_copy(update={"template_name": _NEWS}))).id
    plain, styled = made(product, ann, order), made(product, ann, order, template_id=saved)
    assert found(product, ann, template_id=saved) == {styled}
    assert product.do(lambda session: draft_of(session, ann, styled)).order.template_id == saved
    with pytest.raises(ConflictError, match="of NewsTemplate"):
        made(product, ann, order, template_id=news)
    with pytest.raises(NotFoundError, match="no such saved settings"):
        made(product, product.user("bob"), order.model_copy(update={"user_assets": {}}), template_id=saved)
    product.do(lambda session: delete_config(session, ann, saved))
    videos = {video.id: video.template_id for video in product.do(lambda session: list_videos(session, ann)).videos}
    assert videos == {plain: None, styled: None}
    assert product.do(lambda session: draft_of(session, ann, styled)).order.template_id is None
    product.do(lambda session: cancel_render(session, ann, styled, bell=SilentBell()))
    assert product.do(lambda session: retry_render(session, ann, styled, bell=SilentBell())).template_id is None


def place(product: Product, actor: Actor) -> tuple[UUID, UUID, UUID]:
    """A workspace of the actor's with a room and a task in it."""
    workspace = product.workspace(actor).id

    def make(session) -> tuple[UUID, UUID]:
        room = Room(workspace_id=workspace, name="Shop")
        session.add(room)
        session.flush()
        task = Task(room_id=room.id, title="Sale")
        session.add(task)
        session.flush()
        return room.id, task.id

    return workspace, *product.do(make)


def join(product: Product, workspace: UUID, actor: Actor, role: Role) -> None:
    member = WorkspaceMember(workspace_id=workspace, user_id=actor.user_id, role=role)
    product.do(lambda session: session.add(member))


def leave(product: Product, workspace: UUID, actor: Actor) -> None:
    product.do(lambda s: s.delete(s.get_one(WorkspaceMember, (workspace, actor.user_id))))


def test_a_task_shows_its_videos_to_members_and_is_not_there_for_others(
    product: Product, ann: Actor, order: RenderOrder
):
    workspace, room, task = place(product, ann)
    inside = made(product, ann, order, workspace_id=workspace, task_id=task)
    beside = made(product, ann, order, workspace_id=workspace)
    bob = product.user("bob")
    for wanted in ({"workspace_id": workspace}, {"room_id": room}, {"task_id": task}, {"task_id": uuid4()}):
        with pytest.raises(NotFoundError, match=r"no such (workspace|room|task)"):
            found(product, bob, **wanted)
    join(product, workspace, bob, Role.VIEWER)
    assert found(product, bob, task_id=task) == found(product, bob, room_id=room) == {inside}
    assert found(product, bob, workspace_id=workspace) == {inside, beside}
    assert found(product, bob) == set()


def test_who_was_removed_from_a_workspace_no_longer_sees_what_they_made_there(
    product: Product, ann: Actor, order: RenderOrder
):
    workspace, bob = product.workspace(ann).id, product.user("bob")
    join(product, workspace, bob, Role.EDITOR)
    video = made(product, bob, order, workspace_id=workspace)
    assert found(product, bob) == {video}
    leave(product, workspace, bob)
    assert found(product, bob) == set()
    with pytest.raises(NotFoundError, match="no video"):
        product.do(lambda session: get_video(session, bob, video))


def test_videos_of_an_archived_workspace_are_put_away_with_it(product: Product, ann: Actor, order: RenderOrder):
    video = made(product, ann, order)

    def archive(session):
        session.get_one(Workspace, product.workspace(ann).id).archived_at = utc_now()

    product.do(archive)
    assert found(product, ann) == set()
    with pytest.raises(NotFoundError, match="no video"):
        product.do(lambda session: get_video(session, ann, video))


def test_a_key_lists_videos_only_if_it_was_made_for_that(product: Product, ann: Actor):
    key = Actor(user_id=ann.user_id, display_name="ann", scopes=frozenset({Scope.ASSETS_READ}))
    with pytest.raises(ForbiddenError, match="videos:read"):
        found(product, key)
