"""A person and their account: in under another name, keys that are shown once, other browsers logged out."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import Site, log_in, visitor

pytestmark = pytest.mark.browser


def test_one_comes_in_under_a_name_of_ones_own_to_the_page_that_was_wanted(page: Page, artefacts: Path):
    page.goto("/account")
    expect(page.get_by_role("link", name="use another")).to_be_visible()
    page.screenshot(path=artefacts / "login.png")
    page.get_by_role("link", name="use another").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert").first).to_contain_text("cancelled")
    page.goto("/account")
    page.get_by_role("link", name="use another").click()
    page.get_by_label("Name").fill("Ада")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Ада")).to_be_visible()
    expect(page.get_by_text("this browser")).to_be_visible()


def test_a_key_is_shown_once_works_and_is_revoked(page: Page, site: Site, artefacts: Path):
    log_in(page.context, "keeper")
    page.goto("/")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("link", name="Account").click()
    page.get_by_label("Name of the key").fill("nightly build")
    page.get_by_role("button", name="Make a key").click()
    secret = page.locator("#new-secret")
    expect(secret).to_contain_text("rg_")
    page.screenshot(path=artefacts / "account.png")
    bearer = {"authorization": f"Bearer {secret.text_content()}"}
    assert httpx.get(f"{site.url}/api/videos", headers=bearer).status_code == 200
    page.reload()
    expect(page.locator("#keys")).to_contain_text("just now")
    expect(secret).to_have_count(0)
    page.get_by_role("button", name="Revoke nightly build").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.locator("#keys")).to_have_count(0)
    assert httpx.get(f"{site.url}/api/videos", headers=bearer).status_code == 401


def test_another_browser_is_logged_out_from_here(page: Page, context: BrowserContext, browser: Browser, site: Site):
    log_in(context, "mover")
    with visitor(browser, site) as elsewhere:
        log_in(elsewhere, "mover")
        page.goto("/account")
        expect(page.locator("#sessions li")).to_have_count(2)
        page.get_by_role("button", name="Log out others").click()
        page.get_by_role("button", name="Log them out").click()
        expect(page.locator("#sessions li")).to_have_count(1)
        assert elsewhere.request.get("/api/auth/me").status == 401
    assert context.request.get("/api/auth/me").ok
