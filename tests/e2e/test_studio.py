"""A person before the studio, from the login to the file on the disk."""

from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urljoin

import av
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from render_core.templates import template_names, template_schema
from tests.e2e.conftest import Site, log_in, visitor
from tests.factories import make_clip, make_text_named_mp4

pytestmark = pytest.mark.browser
_HEADLINE = "Привет, Мир!"
_WATCH = """
() => {
  window.seen = [];
  const look = () => {
    const percent = document.querySelector("#percent")?.textContent;
    if (percent) window.seen.push(parseInt(percent));
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
}
"""
_NAMELESS = """
() => [...document.querySelectorAll("input:not([type=file]), textarea, select, button")]
  .filter(e => !e.labels?.length && !e.ariaLabel && !e.textContent.trim()).map(e => e.outerHTML)
"""


def slot(page: Page, title: str) -> Locator:
    return page.locator(".slot").filter(has=page.get_by_role("heading", name=title, exact=True))


def send(page: Page, title: str, path: Path) -> None:
    slot(page, title).locator("input[type=file]").set_input_files(path)


def open_studio(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#still")).to_be_visible()


def repainted(page: Page, act: Callable[[], None]) -> None:
    """Do something that changes the picture, and wait for the new one."""
    before = page.locator("#still").get_attribute("src") or ""
    act()
    expect(page.locator("#still")).not_to_have_attribute("src", before)
    page.wait_for_function("() => document.querySelector('#still').naturalWidth > 0")


def open_groups(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(group => { group.open = true })")


def choose_template(page: Page, title: str) -> None:
    page.get_by_role("button", name="Template:").click()
    page.locator(".template-option").filter(has_text=title).click()
    expect(page.get_by_role("button", name=f"Template: {title}")).to_be_visible()


def set_number(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.evaluate("input => { input.closest('details').open = true }")
    field.fill(value)


def test_an_unknown_visitor_is_led_to_the_login_and_in(page: Page):
    page.goto("/")
    page.get_by_role("button", name="Continue as demo").click()
    expect(page.locator("#still")).to_be_visible()
    assert page.context.cookies()[0]["httpOnly"]


def test_from_an_upload_to_the_finished_file(page: Page, site: Site, tmp_path: Path, artefacts: Path):
    log_in(page.context, "maker")
    open_studio(page)
    avatar = make_clip(tmp_path / "speaker.mp4", frames=360, width=216, height=384, tone_hz=440)
    before = page.locator("#still").get_attribute("src") or ""
    send(page, "Avatar", avatar)
    expect(slot(page, "Avatar").locator(".asset-name").first).to_have_text("speaker.mp4")
    expect(slot(page, "Avatar").locator(".asset[data-status=ready]")).to_be_visible(timeout=180_000)
    expect(page.locator("#still")).not_to_have_attribute("src", before)
    repainted(page, lambda: page.get_by_label("Headline").fill(_HEADLINE))
    set_number(page, "Width", "540")
    set_number(page, "Height", "960")

    page.evaluate(_WATCH)
    page.get_by_role("button", name="Render video").first.click()
    expect(page.locator("#status[data-state=completed]"), site.told()).to_be_visible(timeout=180_000)
    seen = page.evaluate("window.seen")
    assert len({percent for percent in seen if 0 < percent < 100}) >= 2, seen
    assert seen == sorted(seen)

    video = page.locator("video#finished")
    expect(video).to_be_visible()
    video.evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_function("() => document.querySelector('#finished').currentTime > 0.3")
    with page.expect_download() as download:
        page.locator("#download").click()
    assert download.value.suggested_filename == f"{_HEADLINE}.mp4"
    page.screenshot(path=artefacts / "studio.png", full_page=True)
    saved = tmp_path / "saved.mp4"
    download.value.save_as(saved)
    with av.open(str(saved)) as container:
        frames = [(frame.width, frame.height) for frame in container.decode(video=0)]
        assert frames == [(540, 960)] * 360
        assert container.streams.audio


def test_progress_survives_a_reload_and_a_render_can_be_cancelled(page: Page):
    log_in(page.context, "patient")
    open_studio(page)
    page.get_by_label("Title of the video").fill("A long one")
    set_number(page, "Length", "60")
    page.get_by_role("button", name="Render video").first.click()
    running = page.locator("#status[data-state=pending], #status[data-state=rendering]")
    expect(running).to_contain_text("A long one")
    page.reload()
    expect(running).to_contain_text("A long one")
    page.locator("#status").get_by_role("button", name="Cancel").click()
    expect(page.locator("#status[data-state=cancelled]")).to_be_visible()
    expect(page.locator("#videos")).to_contain_text("Cancelled")


def test_a_double_click_orders_one_video_and_another_tab_hears_of_it(page: Page, context: BrowserContext):
    log_in(context, "hasty")
    other = context.new_page()
    open_studio(other)
    open_studio(page)
    page.get_by_label("Title of the video").fill("Only once")
    set_number(page, "Length", "60")
    page.get_by_role("button", name="Render video").first.dblclick()
    expect(other.locator("#videos")).to_contain_text("Only once")
    expect(page.locator("#status")).to_contain_text("Only once")
    page.locator("#status").get_by_role("button", name="Cancel").click()
    expect(other.locator("#videos")).to_contain_text("Cancelled")
    expect(other.locator("#videos .card")).to_have_count(1)
    page.reload()
    expect(page.locator("#videos .card")).to_have_count(1)


def test_a_text_file_named_mp4_is_refused_with_a_sentence(page: Page, tmp_path: Path):
    log_in(page.context, "careless")
    open_studio(page)
    send(page, "Avatar", make_text_named_mp4(tmp_path / "notes.mp4"))
    refusal = slot(page, "Avatar").get_by_role("alert")
    expect(refusal).to_contain_text("avatar must be an MP4 or WebM video of at most 100 MB")
    expect(slot(page, "Avatar").locator(".asset-name").first).to_have_text("Demo speaker")


def test_a_file_that_cannot_be_prepared_says_why_and_another_takes_its_place(page: Page, tmp_path: Path):
    log_in(page.context, "unlucky")
    open_studio(page)
    whole = make_clip(tmp_path / "whole.mp4", frames=30, width=108, height=192).read_bytes()
    (tmp_path / "cut off.mp4").write_bytes(whole[: len(whole) // 2])
    send(page, "Avatar", tmp_path / "cut off.mp4")
    rejected = slot(page, "Avatar").locator(".asset[data-status=rejected]")
    expect(rejected.get_by_role("alert")).to_be_visible(timeout=180_000)
    expect(page.get_by_role("button", name="Render video").first).to_be_disabled()
    expect(page.locator("#status")).to_contain_text("choose another one in its place")
    page.reload()
    expect(rejected.get_by_role("alert")).to_be_visible()
    slot(page, "Avatar").get_by_role("button", name="Choose Avatar from your media").click()
    expect(page.locator(".pick").filter(has_text="cut off")).to_have_count(0)
    page.locator(".pick").filter(has_text="Demo speaker").click()
    expect(rejected).to_have_count(0)
    expect(page.get_by_role("button", name="Render video").first).to_be_enabled()


def test_what_does_not_fit_a_slot_is_refused_before_it_is_sent(page: Page, tmp_path: Path):
    log_in(page.context, "careless")
    open_studio(page)
    send(page, "Cover", make_text_named_mp4(tmp_path / "notes.mp4"))
    expect(slot(page, "Cover").get_by_role("alert")).to_contain_text("a PNG, JPEG or WebP image of at most 10 MB")


def test_a_setting_out_of_range_is_explained_beside_its_field(page: Page):
    log_in(page.context, "careless")
    open_studio(page)
    set_number(page, "Height", "13")
    expect(page.locator(".field:has(#field-height)").get_by_role("alert")).to_contain_text("64 to 4096")
    page.get_by_role("button", name="Reset all settings").click()
    expect(page.get_by_label("Height", exact=True)).to_have_value("1920")
    expect(page.locator(".field-problem")).to_have_count(0)


def test_a_missing_avatar_is_said_in_the_phone_and_when_it_is_rendered_all_the_same(page: Page):
    log_in(page.context, "careless")
    open_studio(page)
    slot(page, "Avatar").get_by_role("button", name="Remove Demo speaker").click()
    sentence = "Avatar: is needed; choose or upload a file"
    expect(page.locator(".phone-note")).to_contain_text(sentence)
    page.get_by_role("button", name="Render video").first.click()
    expect(page.locator("[data-sonner-toast]")).to_contain_text(sentence)
    expect(page.get_by_role("button", name="Render video").first).to_be_enabled()


def test_only_our_own_pages_may_connect(site: Site):
    def status(origin: str) -> int:
        connection = HTTPConnection(site.url.removeprefix("http://"), timeout=60)
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        key = {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Origin": origin}
        connection.request("GET", "/_event/?EIO=4&transport=websocket&token=t", headers=upgrade | key)
        answer = connection.getresponse().status
        connection.close()
        return answer

    assert status(site.url) == 101
    assert status("http://elsewhere.example") == 403


def test_clips_are_put_in_another_order(page: Page):
    log_in(page.context, "careful")
    open_studio(page)
    names = slot(page, "B-roll").locator(".asset-name")
    expect(names).to_have_text(["Demo clip 1", "Demo clip 2"])
    page.get_by_role("button", name="Move Demo clip 2 up").click()
    expect(names).to_have_text(["Demo clip 2", "Demo clip 1"])


def test_the_scrubber_shows_other_frames(page: Page):
    log_in(page.context, "maker")
    open_studio(page)
    repainted(page, lambda: page.get_by_label("Frame of the preview").fill("70"))
    expect(page.locator(".scrub")).to_contain_text("0:02.3")


def test_another_template_takes_over_what_fits_and_each_keeps_its_own_draft(page: Page):
    log_in(page.context, "chooser")
    open_studio(page)
    repainted(page, lambda: page.get_by_label("Headline", exact=True).fill("Mine"))
    repainted(page, lambda: choose_template(page, "News with a presenter"))
    expect(page.get_by_label("Show", exact=True)).to_have_value("Mine")
    expect(slot(page, "Presenter").locator(".asset-name").first).to_have_text("Demo speaker")
    open_groups(page)
    page.get_by_role("button", name="Add to Ticker").click()
    added = page.get_by_label("Ticker 4", exact=True)
    expect(added).to_be_focused()
    repainted(page, lambda: added.fill("Typed by hand"))
    repainted(page, lambda: page.get_by_role("button", name="Move Ticker 4 up").click())
    repainted(page, lambda: page.get_by_label("Show", exact=True).fill("Evening"))
    choose_template(page, "Talking head with b-roll")
    expect(page.get_by_label("Headline", exact=True)).to_have_value("Mine")
    choose_template(page, "News with a presenter")
    page.reload()
    expect(page.get_by_label("Show", exact=True)).to_have_value("Evening")
    expect(page.get_by_label("Ticker 3", exact=True)).to_have_value("Typed by hand")


def test_captions_are_loaded_corrected_and_seen(page: Page, tmp_path: Path, artefacts: Path):
    log_in(page.context, "writer")
    open_studio(page)
    open_groups(page)
    subtitles = tmp_path / "speech.srt"
    subtitles.write_text("1\n00:00:00,500 --> 00:00:02,500\nHello wide world\n", "utf-8")
    repainted(page, lambda: page.locator("input[data-fills]").set_input_files(subtitles))
    page.get_by_role("button", name="Spread over the speech").click()
    expect(page.locator(".word")).to_have_count(3)
    repainted(page, page.get_by_label("Word 3", exact=True).focus)
    repainted(page, lambda: page.get_by_label("Word 3", exact=True).fill("planet earth"))
    repainted(page, page.get_by_role("button", name="Split").click)
    expect(page.get_by_label("Word 4", exact=True)).to_have_value("earth")
    page.get_by_label("Start of word 4", exact=True).fill("late")
    page.get_by_label("Start of word 4", exact=True).press("Enter")
    expect(page.locator(".word").last).to_contain_text("“late” is no time")
    expect(page.locator(".phone-note")).to_contain_text("Words 4: has a time that cannot be read")
    page.screenshot(path=artefacts / "captions.png")
    page.get_by_label("Start of word 4", exact=True).fill("2400")
    page.get_by_label("Start of word 4", exact=True).press("Enter")
    expect(page.get_by_label("Start of word 4", exact=True)).to_have_value("0:02.400")
    expect(page.locator(".phone-note")).to_have_count(0)


def test_a_variable_without_a_value_is_no_order_and_with_one_a_gif_with_a_poster(page: Page, tmp_path: Path):
    log_in(page.context, "sender")
    open_studio(page)
    page.get_by_label("Headline", exact=True).fill("For {{name}}")
    field = page.locator(".variable")
    expect(field).to_contain_text("Needs a value")
    page.get_by_role("button", name="Render video").first.click()
    expect(page.locator("[data-sonner-toast]")).to_contain_text("“name” has no value")
    repainted(page, lambda: field.get_by_label("{{name}}").fill("Anna"))
    open_groups(page)
    page.get_by_text("1:1", exact=True).click()
    page.get_by_label("Shorter side").select_option("360")
    expect(page.get_by_label("Height", exact=True)).to_have_value("360")
    page.get_by_text("GIF", exact=True).click()
    page.get_by_text("Draft", exact=True).click()
    page.get_by_role("button", name="Render video").first.click()
    expect(page.locator("#status[data-state=completed]")).to_be_visible(timeout=120_000)
    expect(page.locator("img#finished")).to_be_visible()
    poster = page.locator("#videos .poster img")
    poster.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('#videos .poster img').naturalWidth > 0")
    with page.expect_download() as download:
        page.locator("#download").click()
    assert download.value.suggested_filename == "For Anna.gif"


def order_small_video(context: BrowserContext) -> None:
    """A second of the demo avatar, asked for over REST."""
    answer = context.request.get("/api/assets/user-assets?type=avatar")
    assets = answer.json()["assets"]
    config = {"width": 90, "height": 160, "duration": 1}
    order = {"template_name": "LipSyncTemplate", "user_assets": {"lipSyncVideo": assets[0]["id"]}, "config": config}
    origin = {"origin": urljoin(answer.url, "/").rstrip("/")}
    answer = context.request.post("/api/video/user-render", data=order, headers=origin)
    assert answer.ok, answer.text()


def test_another_persons_videos_are_neither_shown_nor_served(page: Page, context: BrowserContext):
    log_in(context, "owner")
    order_small_video(context)
    page.goto("/")
    link = page.locator("#videos a[download]").first
    expect(link).to_be_visible(timeout=90_000)
    source = link.get_attribute("href") or ""
    assert context.request.get(source).ok
    page.get_by_role("tab", name="Preview").click()  # the video may have ended while the page opened, and is shown then
    expect(page.locator("#still")).to_be_visible()
    repainted(page, lambda: page.get_by_label("Headline").fill("Nobody else has typed this"))
    still = page.locator("#still").get_attribute("src") or ""
    assert context.request.get(still).ok
    log_in(context, "stranger")
    open_studio(page)
    expect(page.locator("#videos")).to_contain_text("No videos yet")
    assert context.request.get(source).status == 404
    assert context.request.get(still).status == 404


def test_a_tab_hears_nothing_more_when_its_session_has_ended(
    page: Page, context: BrowserContext, browser: Browser, site: Site
):
    log_in(context, "leaver")
    open_studio(page)
    assert context.request.post("/api/auth/logout", headers={"origin": site.url}).ok
    with visitor(browser, site) as elsewhere:
        log_in(elsewhere, "leaver")
        order_small_video(elsewhere)
        expect(page.get_by_role("button", name="Continue as demo")).to_be_visible()
    expect(page.get_by_role("alert").first).to_contain_text("Your session has ended")


@pytest.mark.parametrize("size", [(390, 844), (1024, 768)])
def test_nothing_scrolls_sideways(page: Page, size: tuple[int, int], artefacts: Path):
    log_in(page.context, "maker")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    open_studio(page)
    for name in template_names():
        choose_template(page, template_schema(name)["title"])
        open_groups(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], name
    page.screenshot(path=artefacts / f"studio-{size[0]}.png", full_page=True)


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)])
def test_the_reference_lists_every_setting_and_fits(page: Page, size: tuple[int, int], artefacts: Path):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/templates")
    for name in template_names():
        section = page.locator(f"#{name}")
        expect(section.get_by_role("heading", level=2)).to_be_visible()
        shown = section.inner_text()
        assert [setting for setting in template_schema(name)["properties"] if setting not in shown] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.screenshot(path=artefacts / f"templates-{size[0]}.png", full_page=True)


def test_every_input_has_a_label(page: Page):
    log_in(page.context, "maker")
    open_studio(page)
    for name in template_names():
        choose_template(page, template_schema(name)["title"])
        assert page.evaluate(_NAMELESS) == [], name
