"""Rooms and tasks: made, named, put away; and what may lie in them."""

from uuid import uuid4

import pytest

from tests.webapp.product import Product
from tests.webapp.workspaces.people import gather
from webapp.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from webapp.workspaces import places


@pytest.fixture
def people(small_product: Product):
    return gather(small_product)


def place(product: Product, name: str):
    """Somebody's workspace, a room in it and a task in that."""
    actor = product.user(name)
    workspace = product.workspace(actor).id
    room = product.do(lambda session: places.create_room(session, actor, workspace, "Room"))
    task = product.do(lambda session: places.create_task(session, actor, room.id, "Task"))
    return actor, workspace, room.id, task.id


def test_editors_make_rooms_and_tasks_and_viewers_see_them(product: Product):
    people = gather(product)
    room = product.do(lambda session: places.create_room(session, people.ed, people.workspace_id, " Greetings "))
    task = product.do(lambda session: places.create_task(session, people.ed, room.id, "Clients", " One each.\n"))
    assert (room.name, task.title, task.description) == ("Greetings", "Clients", "One each.")
    assert task.workspace_id == people.workspace_id
    assert product.do(lambda session: places.get_room(session, people.vi, room.id)) == room
    assert product.do(lambda session: places.get_task(session, people.vi, task.id)) == task
    with pytest.raises(ForbiddenError):
        product.do(lambda session: places.create_room(session, people.vi, people.workspace_id, "Mine"))


def test_names_and_descriptions_change_and_what_is_left_away_stays(small_product: Product):
    ann, _, room, task = place(small_product, "ann")
    assert small_product.do(lambda session: places.rename_room(session, ann, room, "Hall")).name == "Hall"
    changed = small_product.do(lambda session: places.change_task(session, ann, task, description="Soon"))
    assert (changed.title, changed.description) == ("Task", "Soon")
    changed = small_product.do(lambda session: places.change_task(session, ann, task, title="Later"))
    assert (changed.title, changed.description) == ("Later", "Soon")
    with pytest.raises(InvalidError, match="2000 characters"):
        small_product.do(lambda session: places.change_task(session, ann, task, description="x" * 2001))


def test_archived_places_are_hidden_unless_asked_for_and_come_back(product: Product):
    ann, workspace, room, task = place(product, "ann")
    for _ in range(2):
        product.do(lambda session: places.archive_task(session, ann, task))
        product.do(lambda session: places.archive_room(session, ann, room))
    assert product.do(lambda session: places.list_rooms(session, ann, workspace)).rooms == ()
    assert product.do(lambda session: places.list_tasks(session, ann, room)).tasks == ()
    [put_away] = product.do(lambda session: places.list_rooms(session, ann, workspace, with_archived=True)).rooms
    assert put_away.archived_at is not None
    assert len(product.do(lambda session: places.list_tasks(session, ann, room, with_archived=True)).tasks) == 1
    product.do(lambda session: places.restore_room(session, ann, room))
    product.do(lambda session: places.restore_task(session, ann, task))
    assert len(product.do(lambda session: places.list_rooms(session, ann, workspace)).rooms) == 1
    assert len(product.do(lambda session: places.list_tasks(session, ann, room)).tasks) == 1


def test_nothing_new_is_made_in_what_is_archived(small_product: Product):
    ann, workspace, room, task = place(small_product, "ann")
    small_product.do(lambda session: places.archive_task(session, ann, task))
    with pytest.raises(ConflictError, match="task “Task” is archived"):
        small_product.do(lambda session: places.require_place(session, workspace, None, task))
    small_product.do(lambda session: places.archive_room(session, ann, room))
    with pytest.raises(ConflictError, match="room “Room” is archived") as refusal:
        small_product.do(lambda session: places.require_place(session, workspace, room, None))
    assert refusal.value.field == "room_id"
    with pytest.raises(ConflictError, match="room “Room” is archived"):
        small_product.do(lambda session: places.create_task(session, ann, room, "More"))


def test_lists_turn_their_pages_the_newest_first(product: Product):
    ann, workspace, room, _ = place(product, "ann")
    for number in range(4):
        product.do(lambda session, n=number: places.create_room(session, ann, workspace, f"Room {n}"))
        product.do(lambda session, n=number: places.create_task(session, ann, room, f"Task {n}"))
    rooms = product.do(lambda session: places.list_rooms(session, ann, workspace, limit=3))
    rest = product.do(lambda session: places.list_rooms(session, ann, workspace, limit=3, cursor=rooms.next_cursor))
    names = [each.name for each in rooms.rooms + rest.rooms]
    assert (names, rest.next_cursor) == (["Room 3", "Room 2", "Room 1", "Room 0", "Room"], None)
    tasks = product.do(lambda session: places.list_tasks(session, ann, room, limit=4))
    rest = product.do(lambda session: places.list_tasks(session, ann, room, limit=4, cursor=tasks.next_cursor))
    assert [each.title for each in tasks.tasks + rest.tasks] == ["Task 3", "Task 2", "Task 1", "Task 0", "Task"]


def test_a_task_brings_its_room(product: Product):
    _, workspace, room, task = place(product, "ann")
    assert product.do(lambda session: places.require_place(session, workspace, None, task)) == room
    assert product.do(lambda session: places.require_place(session, workspace, room, task)) == room
    assert product.do(lambda session: places.require_place(session, workspace, None, None)) is None


def test_rooms_and_tasks_of_elsewhere_are_refused_with_their_field(product: Product):
    _, own, own_room, own_task = place(product, "ann")
    _, _, other_room, other_task = place(product, "bob")
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
            product.do(lambda session, at=(room, task): places.require_place(session, own, *at))
        assert refusal.value.field == field


def test_strangers_find_neither_room_nor_task(small_product: Product, people):
    _, _, room, task = place(small_product, "ann")
    for wanted in (room, uuid4()):
        with pytest.raises(NotFoundError, match="no such room of yours"):
            small_product.do(lambda session, at=wanted: places.get_room(session, people.sam, at))
    for wanted in (task, uuid4()):
        with pytest.raises(NotFoundError, match="no such task of yours"):
            small_product.do(lambda session, at=wanted: places.get_task(session, people.sam, at))
