"""People who work together: a room, a task, an invitation that is accepted, a video for the task; and the library."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site, log_in, visitor
from tests.factories import make_image

pytestmark = pytest.mark.browser


def add(page: Page, label: str, name: str) -> None:
    page.get_by_label(label, exact=True).fill(name)
    page.keyboard.press("Enter")


def set_number(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.evaluate("input => { input.closest('details').open = true }")
    field.fill(value)


def test_a_colleague_joins_by_a_link_and_makes_a_video_for_a_task(page: Page, browser: Browser, site: Site):
    log_in(page.context, "head")
    page.goto("/team")
    add(page, "New room", "Autumn campaign")
    expect(page.get_by_role("heading", name="Autumn campaign")).to_be_visible()
    add(page, "New task", "Greeting for Paris")
    expect(page.get_by_role("link", name="Greeting for Paris")).to_be_visible()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#invite-link").text_content() or ""

    with visitor(browser, site) as elsewhere:
        log_in(elsewhere, "hand")
        guest = elsewhere.new_page()
        guest.goto(link)
        expect(guest.get_by_role("heading", name="head's workspace")).to_be_visible()
        guest.get_by_role("button", name="Join").click()
        expect(guest.get_by_role("heading", name="head's workspace")).to_be_visible()
        guest.get_by_role("link", name="Greeting for Paris").click()
        expect(guest.locator(".where")).to_contain_text("Greeting for Paris")
        expect(guest.locator("#still")).to_be_visible()
        for side, pixels in (("Width", "90"), ("Height", "160")):
            set_number(guest, side, pixels)
        guest.get_by_label("Title of the video").fill("Bonjour")
        guest.get_by_role("button", name="Render video").first.click()
        expect(guest.locator("#videos .card").filter(has_text="Bonjour")).to_be_visible()
        guest.goto(link)
        expect(guest.get_by_role("heading", name="This invitation is over")).to_be_visible()

    page.reload()
    expect(page.get_by_label("Role of hand")).to_have_value("editor")
    page.get_by_role("link", name="Greeting for Paris").click()
    expect(page.locator("#videos .card").filter(has_text="Bonjour")).to_be_visible()


def test_the_library_is_searched_and_its_media_renamed_linked_and_deleted(page: Page, site: Site, tmp_path):
    log_in(page.context, "curator")
    file = {
        "name": "harbour.png",
        "mimeType": "image/png",
        "buffer": make_image(tmp_path / "a.png", 64, 64).read_bytes(),
    }
    sent = page.context.request.post(
        "/api/assets/upload", multipart={"type": "cover", "file": file}, headers={"origin": site.url}
    )
    assert sent.status == 201, sent.text()
    page.goto("/library")
    page.get_by_label("Search by name").fill("harbour")
    expect(page.locator(".media-card")).to_have_count(1)
    page.get_by_role("button", name="Rename harbour.png").click()
    add(page, "Name", "Night port.png")
    page.get_by_label("Search by name").fill("port")
    expect(page.locator(".media-card")).to_contain_text("Night port")
    page.get_by_role("button", name="Delete Night port").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Nothing here")).to_be_visible()
