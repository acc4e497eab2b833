"""Saved settings: kept in versions, shared in a workspace, a default for each user and template."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from render_core.errors import InvalidInputError
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.assets.service import delete_asset
from webapp.errors import AppError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from webapp.models import Role, Scope, VideoTemplate, VideoTemplateVersion, WorkspaceMember
from webapp.templates.service import (
    MOST_SAVED,
    change_config,
    delete_config,
    duplicate_config,
    find_default,
    found_config,
    get_config,
    list_configs,
    restore_config,
    save_config,
)
from webapp.templates.versions import MOST_VERSIONS, list_versions
from webapp.templates.views import ConfigChange, CopyConfig, RestoreVersion, SaveConfig, SavedConfigView
from webapp.workspaces.policy import Action

LIP_SYNC = "LipSyncTemplate"


@pytest.fixture
def ann(product: Product) -> Actor:
    return product.user("ann")


@pytest.fixture
def bob(product: Product) -> Actor:
    return product.user("bob")


def save(product: Product, actor: Actor, **changes: object) -> SavedConfigView:
    order = SaveConfig(template_name=LIP_SYNC).model_copy(update=changes)
    return product.do(lambda session: save_config(session, actor, order))


def again(product: Product, actor: Actor, saved: SavedConfigView, **changes: object) -> SavedConfigView:
    known = {"id": saved.id, "expected_version": saved.version, "title": saved.title}
    return save(product, actor, **known | changes)


def change(product: Product, actor: Actor, config_id: UUID, **changes: bool) -> SavedConfigView:
    return product.do(lambda session: change_config(session, actor, config_id, ConfigChange(**changes)))


def listed(product: Product, actor: Actor, **wanted: object) -> set[str]:
    return {config.title for config in product.do(lambda s: list_configs(s, actor, **wanted)).configs}


def join(product: Product, host: Actor, guest: Actor, role: Role) -> None:
    member = WorkspaceMember(workspace_id=product.workspace(host).id, user_id=guest.user_id, role=role)
    product.do(lambda session: session.add(member))


def test_settings_are_kept_complete_and_each_save_is_a_version(product: Product, ann: Actor):
    first = save(product, ann, title=" Autumn  sale ", config={"mainText": "Hello {{name}}"})
    assert (first.title, first.version, first.config["musicVolume"]) == ("Autumn sale", 1, 0.5)
    second = again(product, ann, first, config={"mainText": "Bye"})
    assert (second.id, second.version, second.config["mainText"]) == (first.id, 2, "Bye")

    def versions(session):
        saved = found_config(session, ann, first.id, Action.READ_TEMPLATES)
        return [(row.version, row.config["mainText"]) for row in list_versions(session, saved).versions]

    assert product.do(versions) == [(2, "Bye"), (1, "Hello {{name}}")]


@pytest.mark.parametrize(
    ("order", "field", "sentence"),
    [
        ({"config": {"musicVolume": 1.5}}, "config.musicVolume", "from 0 to 1"),
        ({"config": {"colour": "red"}}, "config.colour", "no such setting"),
        ({"config": {"captionStyle": {"fontSize": "big"}}}, "config.captionStyle.fontSize", "must be"),
        ({"config": {"mainText": "\x00"}}, "config.mainText", "NUL"),
        ({"template_name": "Nope"}, "template_name", "LipSyncTemplate"),
        ({"user_assets": {"logo": uuid4()}}, "user_assets.logo", "no such input"),
        ({"user_assets": {"coverImage": uuid4()}}, "user_assets.coverImage", "no asset"),
    ],
)
def test_what_a_template_does_not_take_is_refused_with_its_path(
    product: Product, ann: Actor, order: dict[str, Any], field: str, sentence: str
):
    with pytest.raises((InvalidInputError, AppError), match=sentence) as refusal:
        save(product, ann, **order)
    assert refusal.value.field == field
    assert product.rows(VideoTemplate) == product.rows(VideoTemplateVersion) == []


def test_of_saves_at_the_same_time_one_is_kept_and_the_others_are_told(product: Product, ann: Actor):
    saved = save(product, ann)

    def attempt(number: int) -> str:
        try:
            again(product, ann, saved, config={"mainText": f"by {number}"})
        except ConflictError as error:
            return f"{error.field}: {error}"
        return "saved"

    with ThreadPoolExecutor(5) as threads:
        told = sorted(threads.map(attempt, range(5)))
    assert told[4] == "saved"
    assert all(sentence.startswith("expected_version: Version 2 was saved meanwhile") for sentence in told[:4])
    assert len(product.rows(VideoTemplateVersion)) == 2


def test_a_new_version_says_which_one_it_was_made_from(product: Product, ann: Actor):
    saved = save(product, ann)
    with pytest.raises(InvalidError) as refusal:
        again(product, ann, saved, expected_version=None)
    assert refusal.value.field == "expected_version"
    with pytest.raises(ConflictError, match="are of LipSyncTemplate"):
        again(product, ann, saved, template_name="NewsTemplate")


def test_an_earlier_version_becomes_the_newest_again(product: Product, ann: Actor):
    first = save(product, ann, title="One", config={"mainText": "one"})
    second = again(product, ann, first, title="Two", config={"mainText": "two"})

    def back(expected: int) -> SavedConfigView:
        wanted = RestoreVersion(version=1, expected_version=expected)
        return product.do(lambda session: restore_config(session, ann, first.id, wanted))

    with pytest.raises(ConflictError, match="Version 2 was saved"):
        back(first.version)
    restored = back(second.version)
    assert (restored.version, restored.title, restored.config) == (3, "One", first.config)
    with pytest.raises(NotFoundError, match="no version 9"):
        product.do(
            lambda s: restore_config(s, ann, first.id, RestoreVersion(version=9, expected_version=restored.version))
        )


def test_media_are_kept_along_and_a_copy_goes_without_those_that_are_gone(product: Product, ann: Actor):
    clip, cover = product.upload(ann, product.media.avatar), product.upload(ann, product.media.silent)
    chosen = {"lipSyncVideo": clip.id, "backgroundVideos": [clip.id, cover.id]}
    saved = save(product, ann, user_assets=chosen, title="With media")
    assert saved.user_assets == {"lipSyncVideo": str(clip.id), "backgroundVideos": [str(clip.id), str(cover.id)]}
    product.do(lambda session: delete_asset(session, product.container.objects, ann, cover.id))
    copy = product.do(lambda session: duplicate_config(session, ann, saved.id, CopyConfig()))
    assert (copy.title, copy.version, copy.config) == ("Copy of With media", 1, saved.config)
    assert copy.user_assets == {"lipSyncVideo": str(clip.id), "backgroundVideos": [str(clip.id)]}


def test_there_is_one_default_for_each_user_and_template(product: Product, ann: Actor, bob: Actor):
    first, second = save(product, ann, is_default=True), save(product, ann)
    news = save(product, ann, template_name="NewsTemplate", is_default=True)
    change(product, ann, second.id, is_default=True)

    def default(actor: Actor, template: str) -> UUID | None:
        found = product.do(lambda session: find_default(session, actor, template))
        return found and found.id

    assert (default(ann, LIP_SYNC), default(ann, "NewsTemplate"), default(bob, LIP_SYNC)) == (second.id, news.id, None)
    assert not product.do(lambda session: get_config(session, ann, first.id)).is_default
    change(product, ann, second.id, is_default=False)
    assert default(ann, LIP_SYNC) is None


def test_defaults_that_are_set_at_the_same_time_are_one(product: Product, ann: Actor):
    with ThreadPoolExecutor(5) as threads:
        list(threads.map(lambda _: save(product, ann, is_default=True), range(5)))
    assert sum(row.is_default for row in product.rows(VideoTemplate)) == 1


def test_settings_are_ones_own_until_they_are_shared(product: Product, ann: Actor, bob: Actor):
    saved = save(product, ann, title="Ours", is_default=True)
    join(product, ann, bob, Role.EDITOR)
    with pytest.raises(NotFoundError, match="no such saved settings"):
        product.do(lambda session: get_config(session, bob, saved.id))
    assert listed(product, bob) == set()
    change(product, ann, saved.id, is_public=True)
    shown = product.do(lambda session: get_config(session, bob, saved.id))
    assert (shown.is_own, shown.is_default, shown.is_public) == (False, False, True)
    assert listed(product, bob) == listed(product, ann, template_name=LIP_SYNC) == {"Ours"}
    assert listed(product, ann, template_name="NewsTemplate") == set()
    with pytest.raises(ConflictError, match="duplicate them first"):
        change(product, bob, saved.id, is_default=True)
    assert again(product, bob, shown, config={"mainText": "by bob"}).version == 2


def test_viewers_use_what_is_shared_and_change_nothing(product: Product, ann: Actor, bob: Actor):
    saved = save(product, ann, is_public=True)
    join(product, ann, bob, Role.VIEWER)
    for work in (
        lambda: again(product, bob, saved),
        lambda: change(product, bob, saved.id, is_public=False),
        lambda: product.do(lambda session: delete_config(session, bob, saved.id)),
    ):
        with pytest.raises(ForbiddenError, match="takes the role editor"):
            work()
    own = product.do(lambda session: duplicate_config(session, bob, saved.id, CopyConfig(title="Mine")))
    assert (own.is_own, own.is_public, own.workspace_id) == (True, False, product.workspace(bob).id)


def test_who_was_removed_from_a_workspace_loses_what_they_saved_there(product: Product, ann: Actor, bob: Actor):
    join(product, ann, bob, Role.EDITOR)
    workspace = product.workspace(ann).id
    saved = save(product, bob, workspace_id=workspace, is_default=True, title="Gone")
    assert listed(product, bob, workspace_id=workspace) == {"Gone"}
    product.do(lambda s: s.delete(s.get_one(WorkspaceMember, (workspace, bob.user_id))))
    assert listed(product, bob) == set()
    assert product.do(lambda session: find_default(session, bob, LIP_SYNC)) is None
    with pytest.raises(NotFoundError):
        product.do(lambda session: get_config(session, bob, saved.id))


def test_deleted_settings_go_with_their_versions(product: Product, ann: Actor):
    saved = save(product, ann)
    product.do(lambda session: delete_config(session, ann, saved.id))
    assert product.rows(VideoTemplate) == product.rows(VideoTemplateVersion) == []


def test_a_key_saves_only_if_it_was_made_for_that(product: Product, ann: Actor):
    key = Actor(user_id=ann.user_id, display_name="ann", scopes=frozenset({Scope.TEMPLATES_READ}))
    saved = save(product, ann)
    assert product.do(lambda session: get_config(session, key, saved.id)).id == saved.id
    for work in (lambda: save(product, key), lambda: change(product, key, saved.id, is_default=True)):
        with pytest.raises(ForbiddenError, match="templates:write"):
            work()


def test_there_is_an_end_to_what_is_kept(product: Product, ann: Actor):
    saved = save(product, ann)
    [version] = product.rows(VideoTemplateVersion)

    def fill_up(session: Session) -> None:
        session.get_one(VideoTemplate, saved.id).version = MOST_VERSIONS
        session.get_one(VideoTemplateVersion, version.id).version = MOST_VERSIONS
        content = {"template_id": saved.id, "config": {}}
        session.add_all(VideoTemplateVersion(version=number, **content) for number in range(1, MOST_VERSIONS))
        own = {"template_name": LIP_SYNC, "user_id": ann.user_id, "workspace_id": saved.workspace_id}
        session.add_all(VideoTemplate(**own) for _ in range(MOST_SAVED - 1))

    product.do(fill_up)
    again(product, ann, saved.model_copy(update={"version": MOST_VERSIONS}))
    kept = {row.version for row in product.rows(VideoTemplateVersion)}
    assert (min(kept), max(kept), len(kept)) == (2, MOST_VERSIONS + 1, MOST_VERSIONS)
    with pytest.raises(ConflictError, match="You keep 500 settings already"):
        save(product, ann)
