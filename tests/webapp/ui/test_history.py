"""The history of a tab, and drafts that come from it or from saved settings. Each handler is a public endpoint."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from cluster.jobs import JobState
from tests.webapp.product import Media, Product
from tests.webapp.ui.tabs import Tab
from webapp.accounts.service import Actor
from webapp.assets.service import delete_asset
from webapp.assets.views import AssetView
from webapp.container import Container
from webapp.errors import ConflictError, NotFoundError
from webapp.models import NoteKind, RenderJob, RenderStatus, User, UserVideo, VideoTemplate
from webapp.renders.updates import RenderUpdate, VideoUpdate
from webapp.renders.views import VideoView
from webapp.ui.states import renders as renders_state
from webapp.ui.states.page import PageState
from webapp.ui.states.renders import RendersState
from webapp.ui.states.saved import SavedState
from webapp.ui.states.shares import SharesState
from webapp.ui.states.studio import StudioState
from webapp.ui.states.videos import VideosState


@pytest.fixture
def product(services: Container, media: Media) -> Product:
    return Product(services, media)


@pytest.fixture
def typist(product: Product, tab: Tab) -> Actor:
    """Whose tab it is."""
    [user] = product.rows(User)
    return Actor(user_id=user.id, display_name=user.display_name)


@pytest.fixture
def avatar(product: Product, typist: Actor) -> AssetView:
    return product.upload(typist, product.media.avatar)


def state(tab: Tab, kind: type) -> Any:  # noqa: ANN401 - whichever state is asked for
    return tab._states[kind]


def shown(tab: Tab) -> list[str]:
    return [card.title for card in state(tab, RendersState).videos]


def ordered(product: Product, actor: Actor, avatar: AssetView, title: str, **config: object) -> VideoView:
    order = product.order(avatar.id, **config)
    return product.render(actor, order.model_copy(update={"video_title": title, "variables": {"name": "Anna"}}))


def end(product: Product, video: VideoView, status: RenderStatus) -> None:
    def write(session):
        row = session.get_one(UserVideo, video.id)
        row.render_status, row.output_path, row.output_size = status, "rendered-videos/v/j.mp4", 7

    product.do(write)


def test_the_history_is_narrowed_and_grows_on_demand(tab: Tab, product: Product, typist: Actor, avatar: AssetView):
    videos = [ordered(product, typist, avatar, f"Video {number}") for number in range(14)]
    end(product, videos[0], RenderStatus.COMPLETED)
    tab.do(RendersState, "load")
    assert (len(shown(tab)), state(tab, RendersState).has_more) == (12, True)
    tab.do(RendersState, "more")
    assert (shown(tab)[-1], state(tab, RendersState).has_more) == ("Video 0", False)
    tab.do(RendersState, "look_for", "VIDEO 13")
    assert shown(tab) == ["Video 13"]
    tab.do(RendersState, "look_for", "")
    tab.do(RendersState, "show_status", "completed")
    assert shown(tab) == ["Video 0"]
    tab.do(RendersState, "show_template", "NewsTemplate")
    assert (shown(tab), state(tab, RendersState).is_narrowed) == ([], True)


def test_a_video_is_renamed_in_place_and_deleted(tab: Tab, product: Product, typist: Actor, avatar: AssetView):
    video = ordered(product, typist, avatar, "Old")
    tab.do(RendersState, "load")
    tab.do(VideosState, "begin_renaming", str(video.id))
    tab.do(VideosState, "rename", {"id": str(video.id), "title": " New ", "description": "About it"})
    [card] = state(tab, RendersState).videos
    assert (card.title, card.description, state(tab, VideosState).renaming) == ("New", "About it", "")
    with pytest.raises(ConflictError, match="cancel it first"):
        tab.do(VideosState, "delete", str(video.id))
    end(product, video, RenderStatus.COMPLETED)
    tab.do(VideosState, "delete", str(video.id))
    assert (shown(tab), product.rows(UserVideo)) == ([], [])


def test_a_cancelled_video_is_tried_again_on_the_stage(tab: Tab, product: Product, typist: Actor, avatar: AssetView):
    video = ordered(product, typist, avatar, "Once more")
    tab.do(RendersState, "load")
    tab.do(RendersState, "cancel", str(video.id))
    assert state(tab, RendersState).videos[0].can_retry
    tab.do(VideosState, "retry", str(video.id))
    [card] = state(tab, RendersState).videos
    assert (card.status, card.can_retry, state(tab, RendersState).current) == ("pending", False, card)
    assert {job.job_status for job in product.rows(RenderJob)} == {JobState.CANCELLED, JobState.QUEUED}


def test_what_others_began_anew_and_what_is_new_is_looked_up(
    tab: Tab, product: Product, typist: Actor, avatar: AssetView
):
    video = ordered(product, typist, avatar, "Mine")
    tab.do(RendersState, "load")
    history = state(tab, RendersState)

    def told(video_id: UUID, status: str) -> bool:
        update = RenderUpdate(video_id=video_id, status=status, progress=1, event_id="1")
        return renders_state.is_new(history, [update])

    assert not told(video.id, "rendering")
    tab.do(RendersState, "cancel", str(video.id))
    assert not told(video.id, "cancelled")
    assert told(video.id, "pending")
    assert told(UUID(int=7), "rendering")
    assert not told(UUID(int=7), "rendering")


def test_what_others_renamed_and_deleted_is_shown_so(tab: Tab, product: Product, typist: Actor, avatar: AssetView):
    first, second = (ordered(product, typist, avatar, title) for title in ("First", "Second"))
    end(product, second, RenderStatus.COMPLETED)
    tab.do(RendersState, "load")
    tab.do(RendersState, "show", str(second.id))
    history = state(tab, RendersState)

    def told(video: VideoView, kind: NoteKind) -> None:
        note = VideoUpdate(
            note_id=UUID(int=1),
            video_id=video.id,
            kind=kind,
            video_title="Renamed",
            video_description="Why",
            event_id="1",
        )
        asyncio.run(renders_state.take_notes(history, [note]))

    told(second, NoteKind.RENAMED)
    assert (shown(tab), history.current.title) == (["Renamed", "First"], "Renamed")
    told(second, NoteKind.DELETED)
    assert (shown(tab), history.current.id, history.is_showing_video) == (["First"], "", False)
    told(second, NoteKind.DELETED)
    assert [card.id for card in history.videos] == [str(first.id)]


def test_a_video_says_which_saved_settings_it_comes_from_and_is_found_by_them(
    tab: Tab, product: Product, typist: Actor, avatar: AssetView
):
    tab.do(PageState, "open")
    tab.do(SavedState, "save_as", {"title": "House style"})
    saved = tab.studio.origin.id
    ordered(product, typist, avatar, "Plain")
    order = product.order(avatar.id).model_copy(update={"template_id": UUID(saved), "video_title": "Styled"})
    styled = product.render(typist, order)
    tab.do(RendersState, "load")
    assert [(card.title, card.origin) for card in state(tab, RendersState).videos] == [
        ("Styled", "House style"),
        ("Plain", ""),
    ]
    tab.do(RendersState, "show_template", saved)
    assert shown(tab) == ["Styled"]
    tab.do(RendersState, "cancel", str(styled.id))
    assert state(tab, RendersState).videos[0].origin == "House style"
    tab.do(SavedState, "delete", saved)
    tab.do(RendersState, "show_template", "")
    assert [card.origin for card in state(tab, RendersState).videos] == ["", ""]


def test_a_video_comes_back_to_the_editor_with_all_that_it_was_made_from(
    tab: Tab, product: Product, typist: Actor, avatar: AssetView
):
    words = [{"text": "Hi", "start": 0, "end": 300}]
    video = ordered(product, typist, avatar, "Again", mainText="Hello {{name}}", captions=words)
    tab.do(PageState, "open")
    tab.do(PageState, "choose_template", "NewsTemplate")
    tab.do(VideosState, "edit_again", str(video.id))
    order = tab.order()
    assert (order.template_name, order.video_title) == ("LipSyncTemplate", "Again")
    assert order.user_assets == {"lipSyncVideo": avatar.id}
    assert (order.config["mainText"], order.config["width"]) == ("Hello {{name}}", 90)
    assert ([word["text"] for word in order.config["captions"]], order.variables) == (["Hi"], {"name": "Anna"})


def test_files_that_are_gone_are_named_and_the_rest_is_filled_in(
    tab: Tab, product: Product, typist: Actor, avatar: AssetView
):
    video = ordered(product, typist, avatar, "Again", mainText="Kept")
    end(product, video, RenderStatus.FAILED)
    [job] = product.rows(RenderJob)
    product.do(lambda session: setattr(session.get_one(RenderJob, job.id), "job_status", JobState.FAILED))
    product.do(lambda session: delete_asset(session, product.container.objects, typist, avatar.id))
    tab.do(PageState, "open")
    told = str(tab.do(VideosState, "edit_again", str(video.id)))
    assert "No longer there: Avatar" in told
    assert (tab.order().config["mainText"], "lipSyncVideo" in tab.order().user_assets) == ("Kept", False)


def test_settings_are_saved_loaded_and_begin_new_drafts(tab: Tab, product: Product, typist: Actor, avatar: AssetView):
    tab.do(PageState, "open")
    tab.do(StudioState, "choose", "lipSyncVideo", str(avatar.id))
    tab.fill("mainText", "Our look")
    tab.do(SavedState, "save_as", {"title": "Look"})
    saved = state(tab, SavedState)
    tab.do(SavedState, "set_default", tab.studio.origin.id, True)
    tab.fill("mainText", "Something else")
    tab.do(SavedState, "save")
    assert (tab.studio.origin.version, [card.is_default for card in saved.configs]) == (2, [True])
    tab.do(SavedState, "look_into", tab.studio.origin.id)
    tab.do(SavedState, "restore", 1)
    tab.do(SavedState, "load", tab.studio.origin.id)
    assert tab.order().config == {"mainText": "Our look"}

    later = Tab(tab.token)
    later.do(PageState, "open")
    assert (later.order().config, later.order().user_assets) == ({"mainText": "Our look"}, {"lipSyncVideo": avatar.id})
    tab.do(SavedState, "delete", tab.studio.origin.id)
    assert (product.rows(VideoTemplate), tab.studio.origin.id) == ([], "")


def test_links_are_made_and_ended(tab: Tab, product: Product, typist: Actor, avatar: AssetView):
    video = ordered(product, typist, avatar, "Shared")
    tab.do(SharesState, "open", str(video.id))
    with pytest.raises(ConflictError, match="once it is completed"):
        tab.do(SharesState, "make")
    end(product, video, RenderStatus.COMPLETED)
    tab.do(SharesState, "choose_lifetime", "1")
    tab.do(SharesState, "make")
    [link] = state(tab, SharesState).links
    assert link.path.startswith("/share/")
    tab.do(SharesState, "end", link.id)
    assert state(tab, SharesState).links == []
    with pytest.raises(NotFoundError):
        tab.do(SharesState, "choose_lifetime", "9999")
