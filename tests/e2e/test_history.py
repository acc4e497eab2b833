"""A person and their videos: shared, edited again, tried again, renamed, deleted; and settings that come back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Site, log_in, visitor

pytestmark = pytest.mark.browser


def open_studio(page: Page, name: str) -> None:
    log_in(page.context, name)
    page.goto("/")
    expect(page.locator("#still")).to_be_visible()


def set_number(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.evaluate("input => { input.closest('details').open = true }")
    field.fill(value)


def render(page: Page, title: str) -> Locator:
    """Order the draft under a title; gives its card."""
    page.get_by_label("Title of the video").fill(title)
    page.get_by_role("button", name="Render video").first.click()
    card = page.locator("#videos .card").filter(has_text=title)
    expect(card).to_be_visible()
    return card


def fill(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).fill(text)


def through(page: Page, button: str, act: Callable[[], None]) -> None:
    """Press what opens a dialog, do something there, and close it."""
    page.get_by_role("button", name=button).click()
    act()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_video_is_shared_with_somebody_without_an_account(page: Page, browser: Browser, site: Site):
    open_studio(page, "sharer")
    fill(page, "Headline", "For you")
    for side, pixels in (("Width", "90"), ("Height", "160")):
        set_number(page, side, pixels)
    card = render(page, "A greeting")
    expect(card, site.told()).to_contain_text("Ready", timeout=180_000)
    card.get_by_role("button", name="Share A greeting").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Link", exact=True).input_value()

    with visitor(browser, site) as stranger:
        theirs = stranger.new_page()
        theirs.goto(link)
        expect(theirs.get_by_role("heading", name="A greeting")).to_be_visible()
        theirs.locator("video").evaluate("video => { video.muted = true; return video.play(); }")
        theirs.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
        with theirs.expect_download() as download:
            theirs.get_by_role("link", name="Download").click()
        assert download.value.suggested_filename == "A greeting.mp4"
        page.get_by_role("button", name="End the link").click()
        expect(page.locator(".share-links")).to_have_count(0)
        theirs.reload()
        expect(theirs.get_by_role("heading", name="This link does not work any more")).to_be_visible()


def test_a_video_is_tried_again_edited_again_renamed_and_deleted(page: Page):
    open_studio(page, "archivist")
    fill(page, "Headline", "First words")
    set_number(page, "Length", "60")
    card = render(page, "A long one")
    card.get_by_role("button", name="Cancel").click()
    card.get_by_role("button", name="Try again").click()
    expect(card.get_by_role("button", name="Cancel")).to_be_visible()
    card.get_by_role("button", name="Cancel").click()
    fill(page, "Headline", "Other words")
    card.get_by_role("button", name="Edit A long one again").click()
    expect(page.get_by_label("Headline", exact=True)).to_have_value("First words")
    card.get_by_role("button", name="Rename A long one").click()
    fill(page, "Title", "A better name")
    page.get_by_role("button", name="Save", exact=True).click()
    renamed = page.locator("#videos .card").filter(has_text="A better name")
    page.get_by_label("Search your videos").fill("BETTER")
    expect(page.locator("#videos .card")).to_have_count(1)
    page.get_by_label("Search your videos").fill("nothing like it")
    expect(page.locator("#videos .empty")).to_contain_text("Nothing found")
    page.get_by_label("Search your videos").fill("")
    renamed.get_by_role("button", name="Delete A better name").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#videos .empty")).to_contain_text("No videos yet")


def test_saved_settings_begin_new_drafts_and_go_back_to_earlier_versions(page: Page):
    open_studio(page, "stylist")
    fill(page, "Headline", "Our look")

    def save() -> None:
        fill(page, "Title of the settings", "House style")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("button", name="Begin new drafts with House style").click()
        expect(page.locator(".saved-list")).to_contain_text("default")

    through(page, "Saved settings", save)
    fill(page, "Headline", "Something else")
    through(page, "Saved settings", lambda: page.get_by_role("button", name="Save changes to “House style”").click())
    page.get_by_role("button", name="Saved settings").click()
    page.get_by_role("button", name="Versions of House style").click()
    page.get_by_role("button", name="Go back to it").click()
    expect(page.get_by_label("Headline", exact=True)).to_have_value("Our look")
    later = page.context.new_page()
    later.goto("/")
    expect(later.get_by_label("Headline", exact=True)).to_have_value("Our look")
