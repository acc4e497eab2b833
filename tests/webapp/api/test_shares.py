"""Shared videos over HTTP: a page and files for people without a session, and for nobody's index."""

import pytest
from fastapi.testclient import TestClient

from tests.webapp.product import Product
from webapp.models import RenderStatus, UserVideo

Order = dict[str, object]


@pytest.fixture
def video_id(ann: TestClient, order: Order, small_product: Product) -> str:
    """A finished video of Ann's with an awkward title."""
    made = ann.post("/api/video/user-render", json=order | {"video_title": '<b>Привет</b> & "you"'})
    assert made.status_code == 202, made.text
    [row] = small_product.rows(UserVideo)

    def write(session):
        video = session.get_one(UserVideo, row.id)
        video.render_status, video.duration = RenderStatus.COMPLETED, 65.4
        video.output_path, video.output_size = "rendered-videos/v/j.mp4", 18
        video.poster_path, video.video_description = "rendered-videos/v/j.jpg", "For <you>"

    small_product.container.objects.put_bytes("rendered-videos/v/j.mp4", b"not really a video")
    small_product.container.objects.put_bytes("rendered-videos/v/j.jpg", b"a picture")
    small_product.do(write)
    return str(row.id)


@pytest.fixture
def url(ann: TestClient, video_id: str) -> str:
    answer = ann.post(f"/api/video/{video_id}/shares", json={"lifetime_s": 3600})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


def test_anybody_opens_the_page_and_nobody_indexes_it(nobody: TestClient, url: str):
    page = nobody.get(url)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "script" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<h1>&lt;b&gt;Привет&lt;/b&gt; &amp; &quot;you&quot;</h1>" in page.text
    assert "For &lt;you&gt;" in page.text
    assert "1:05 · 0.1 MB · link open until " in page.text
    assert f'<video src="/api{url}/video" poster="/api{url}/poster"' in page.text
    assert f'href="/api{url}/video?download=1"' in page.text
    assert nobody.head(url).status_code == 200


def test_the_video_is_played_in_ranges_and_saved_under_its_title(nobody: TestClient, url: str):
    told = nobody.get(f"/api{url}").json()
    assert (told["duration"], told["output"], told["video_url"]) == (65.4, "mp4", f"/api{url}/video")
    part = nobody.get(told["video_url"], headers={"range": "bytes=4-9"})
    assert (part.status_code, part.content) == (206, b"really")
    assert part.headers["content-disposition"].startswith("inline")
    saved = nobody.get(told["download_url"])
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["x-robots-tag"] == "noindex, nofollow"
    assert nobody.head(told["video_url"]).headers["content-length"] == "18"
    assert nobody.get(told["poster_url"]).content == b"a picture"


def test_a_link_that_was_ended_says_so_on_a_page_and_as_json(
    ann: TestClient, nobody: TestClient, url: str, video_id: str
):
    [link] = ann.get(f"/api/video/{video_id}/shares").json()["shares"]
    assert ann.delete(f"/api/video/{video_id}/shares/{link['id']}").status_code == 204
    page = nobody.get(url)
    assert (page.status_code, page.headers["x-robots-tag"]) == (404, "noindex, nofollow")
    assert "This link does not work any more" in page.text
    for path in ("", "/video", "/poster"):
        answer = nobody.get(f"/api{url}{path}")
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert ann.get(f"/api/video/{video_id}/shares").json() == {"shares": []}


@pytest.mark.parametrize("lifetime", [0, 59, 90 * 86_400 + 1, "long"])
def test_lifetimes_have_bounds(ann: TestClient, video_id: str, lifetime: object):
    answer = ann.post(f"/api/video/{video_id}/shares", json={"lifetime_s": lifetime})
    assert (answer.status_code, answer.json()["field"]) == (422, "lifetime_s")


def test_a_gif_is_shown_as_a_picture(ann: TestClient, nobody: TestClient, url: str, small_product: Product):
    def write(session):
        video = session.get_one(UserVideo, small_product.rows(UserVideo)[0].id)
        video.input_props = video.input_props | {"output": "gif"}

    small_product.do(write)
    assert f'<img src="/api{url}/video"' in nobody.get(url).text
    assert nobody.get(f"/api{url}/video").headers["content-type"] == "image/gif"
