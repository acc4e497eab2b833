from uuid import uuid4

import pytest

from tests.webapp.product import Product
from webapp.errors import ForbiddenError, NotFoundError
from webapp.models import Role, Room, Task, WorkspaceMember, utc_now
from webapp.workspaces.service import list_workspaces, personal_workspace, require_place, require_role, workspace_for


def _join(product: Product, host: str, guest: str, role: Role):
    owner, member = product.user(host), product.user(guest)
    workspace = product.workspace(owner)
    product.do(
        lambda session: session.add(WorkspaceMember(workspace_id=workspace.id, user_id=member.user_id, role=role))
    )
    return workspace, member


@pytest.mark.parametrize(
    ("has", "needs"), [(Role.OWNER, Role.OWNER), (Role.OWNER, Role.VIEWER), (Role.EDITOR, Role.EDITOR)]
)
def test_a_role_includes_the_lesser_ones(product: Product, has: Role, needs: Role):
    workspace, member = _join(product, "ann", "bob", has)
    assert product.do(lambda session: require_role(session, member, workspace.id, needs)).id == workspace.id


@pytest.mark.parametrize(("has", "needs"), [(Role.VIEWER, Role.EDITOR), (Role.EDITOR, Role.OWNER)])
def test_a_lesser_role_is_refused_by_name(product: Product, has: Role, needs: Role):
    workspace, member = _join(product, "ann", "bob", has)
    with pytest.raises(ForbiddenError, match=f"needs the role {needs} .* yours is {has}"):
        product.do(lambda session: require_role(session, member, workspace.id, needs))


def test_strangers_do_not_learn_that_a_workspace_exists(product: Product):
    workspace = product.workspace(product.user("ann"))
    stranger = product.user("bob")
    for workspace_id in (workspace.id, uuid4()):
        with pytest.raises(NotFoundError, match="no such workspace of yours"):
            product.do(lambda session, wanted=workspace_id: require_role(session, stranger, wanted, Role.VIEWER))


def test_an_archived_workspace_is_gone(product: Product):
    ann = product.user("ann")

    def archive(session):
        personal_workspace(session, ann).archived_at = utc_now()

    product.do(archive)
    with pytest.raises(NotFoundError):
        product.do(lambda session: personal_workspace(session, ann))
    assert product.do(lambda session: list_workspaces(session, ann)).workspaces == ()


def test_without_a_name_it_is_ones_own(product: Product):
    ann = product.user("ann")
    own = product.workspace(ann)
    assert product.do(lambda session: workspace_for(session, ann, None, Role.EDITOR)).id == own.id
    assert product.do(lambda session: workspace_for(session, ann, own.id, Role.EDITOR)).id == own.id


def test_the_list_tells_plan_and_role(product: Product):
    workspace, member = _join(product, "ann", "bob", Role.VIEWER)
    views = {view.id: view for view in product.do(lambda session: list_workspaces(session, member)).workspaces}
    assert views[workspace.id].role is Role.VIEWER
    assert len(views) == 2


def test_a_task_brings_its_room(product: Product):
    workspace, room, task = _place(product, "ann")
    assert product.do(lambda session: require_place(session, workspace, None, task)) == room
    assert product.do(lambda session: require_place(session, workspace, room, task)) == room
    assert product.do(lambda session: require_place(session, workspace, None, None)) is None


def test_rooms_and_tasks_of_elsewhere_are_refused_with_their_field(product: Product):
    own, own_room, own_task = _place(product, "ann")
    _, other_room, other_task = _place(product, "bob")
    refused = [
        (other_room, None, "room_id"),
        (uuid4(), None, "room_id"),
        (None, other_task, "task_id"),
        (None, uuid4(), "task_id"),
        (other_room, own_task, "task_id"),
        (own_room, other_task, "task_id"),
    ]
    for room, task, field in refused:
        with pytest.raises(NotFoundError) as refusal:
            product.do(lambda session, place=(room, task): require_place(session, own, *place))
        assert refusal.value.field == field


def _place(product: Product, name: str):
    workspace = product.workspace(product.user(name)).id
    room = Room(workspace_id=workspace, name="Room")
    task = Task(room_id=room.id, title="Task")

    def write(session):
        session.add(room)
        session.flush()
        session.add(task)

    product.do(write)
    return workspace, room.id, task.id
