from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import Session

from cluster.jobs import JobOutput
from render_core.spec import SpriteSheet
from tests.webapp.product import Product
from webapp.accounts.service import Actor
from webapp.models import PlanName, RenderJob, UsageEntry, UserVideo, VideoAsset
from webapp.renders.store import SqlJobStore

Order = dict[str, Any]


@pytest.fixture
def video_id(ann: TestClient, order: Order) -> str:
    """A render that Ann has asked for."""
    answer = ann.post("/api/video/user-render", json=order)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["video_id"])


@pytest.fixture
def finished_id(video_id: str, small_product: Product) -> str:
    """The same, rendered."""
    content = b"not really a video" * 100
    for key, data in {"j.mp4": content, "j.poster.jpg": b"a poster", "j.sprites.jpg": b"a sheet"}.items():
        small_product.container.objects.put_bytes(f"rendered-videos/v/{key}", data)
    store = SqlJobStore(small_product.container.engine)
    epoch = store.acquire_lease("test", 600)
    assert epoch is not None
    request = store.claim(store.waiting(1)[0].job_id, epoch)
    assert request is not None
    output = JobOutput(
        key="rendered-videos/v/j.mp4",
        size_bytes=len(content),
        sha256="a" * 64,
        frame_count=40,
        duration_s=1.3,
        render_seconds=1.0,
        poster="rendered-videos/v/j.poster.jpg",
        sprites="rendered-videos/v/j.sprites.jpg",
        sheet=SpriteSheet(width=90, height=160, columns=1, count=1, every_s=1.3, duration_s=1.3),
    )
    assert store.complete(request, output, epoch)
    return video_id


def test_a_render_is_accepted_at_once_and_can_be_followed(ann: TestClient, order: Order):
    answer = ann.post("/api/video/user-render", json=order)
    body = answer.json()
    assert answer.status_code == 202
    assert (body["status"], body["progress"], body["estimated_completion"]) == ("pending", 0, None)
    status = ann.get(answer.headers["location"]).json()
    assert status == body
    assert ann.get("/api/videos").json() == {"videos": [body], "next_cursor": None}


def _post(client: TestClient, order: Order, **changes: object) -> Response:
    return client.post("/api/video/user-render", json=order | changes)


@pytest.mark.parametrize(
    ("config", "field", "sentence"),
    [
        ({"mainText": "x" * 10_000}, "config.mainText", "at most 120"),
        ({"musicVolume": 2}, "config.musicVolume", "from 0 to 1"),
        ({"musicVolume": "loud"}, "config.musicVolume", "from 0 to 1"),
        ({"circleLeftPx": -1}, "config.circleLeftPx", "from 0 to 4096"),
        ({"captions": [{"text": "  ", "start": 0, "end": 1}]}, "config.captions[0].text", "1 to 60 characters"),
        ({"colour": "red"}, "config.colour", "no such setting"),
        ({"width": 91}, "config.width", "even"),
    ],
)
def test_bad_settings_name_field_and_limit(
    ann: TestClient, order: Order, small_product: Product, config: Order, field: str, sentence: str
):
    answer = _post(ann, order, config=config)
    assert (answer.status_code, answer.json()["error"], answer.json()["field"]) == (422, "invalid_input", field)
    assert field in answer.json()["detail"]
    assert sentence in answer.json()["detail"]
    assert small_product.rows(UserVideo) == small_product.rows(UsageEntry) == []


def test_odd_text_is_tidied(ann: TestClient, order: Order):
    for text, title in (("   ", "LipSyncTemplate"), ("a\x07\x1b[1m\n b", "a[1m b")):
        answer = _post(ann, order, config=order["config"] | {"mainText": text})
        assert (answer.status_code, answer.json()["video_title"]) == (202, title)


def test_variables_fill_the_texts_and_one_without_a_value_is_named(ann: TestClient, order: Order):
    config = order["config"] | {"mainText": "Hello {{name}}"}
    missing = _post(ann, order, config=config)
    assert (missing.status_code, missing.json()["field"]) == (422, "config.mainText")
    assert "“name” has no value" in missing.json()["detail"]
    wrong = _post(ann, order, config=config, variables={"name": 7})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "variables.name")
    unstorable = _post(ann, order, config=config, variables={"name": "a\x00b"})
    assert (unstorable.status_code, unstorable.json()["field"]) == (422, "variables.name")
    filled = _post(ann, order, config=config, variables={"name": "Anna"})
    assert (filled.status_code, filled.json()["video_title"]) == (202, "Hello Anna")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_must_be_finite(ann: TestClient, avatar_id: str, small_product: Product, number: str):
    body = (
        f'{{"template_name": "LipSyncTemplate", "user_assets": {{"lipSyncVideo": "{avatar_id}"}}, '
        f'"config": {{"musicVolume": {number}}}}}'
    )
    answer = ann.post("/api/video/user-render", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, "config.musicVolume")
    assert "finite number" in answer.json()["detail"]
    assert small_product.rows(UserVideo) == []


def test_bad_assets_name_their_role(ann: TestClient, bob: TestClient, order: Order, small_product: Product):
    cases: list[tuple[Any, int, str]] = [
        ({}, 422, "user_assets.lipSyncVideo"),
        ({"lipSyncVideo": str(uuid4())}, 404, "user_assets.lipSyncVideo"),
        ({"lipSyncVideo": "no id"}, 422, "user_assets.lipSyncVideo"),
        ({"lipSyncVideo": 7}, 422, "user_assets.lipSyncVideo"),
        (order["user_assets"] | {"logo": order["user_assets"]["lipSyncVideo"]}, 422, "user_assets.logo"),
        (order["user_assets"] | {"backgroundVideos": [str(uuid4())]}, 404, "user_assets.backgroundVideos[0]"),
    ]
    for assets, status, field in cases:
        answer = _post(ann, order, user_assets=assets)
        assert (answer.status_code, answer.json()["field"]) == (status, field)
        assert field in answer.json()["detail"]
    foreign = _post(bob, order)
    assert (foreign.status_code, foreign.json()["field"]) == (404, "user_assets.lipSyncVideo")
    assert small_product.rows(UserVideo) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"template_name": "Nope"}, "template_name"),
        ({"template_name": None}, "template_name"),
        ({"colour": 1}, "colour"),
        ({"workspace_id": "x"}, "workspace_id"),
        ({"video_title": "x" * 201}, "video_title"),
        ({"video_title": "a\x00b"}, "video_title"),
        ({"config": []}, "config"),
    ],
)
def test_bad_fields_are_named(ann: TestClient, order: Order, changes: Order, field: str):
    answer = _post(ann, order, **changes)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b"\xff\xfe", 422),
        (b"[" * 100_000, 422),
        (b'{"config": ' + b"9" * 5000 + b"}", 422),
        (b'{"a":"' + b"x" * 2_000_000 + b'"}', 413),
    ],
)
def test_bodies_that_are_no_orders_are_refused_as_json(ann: TestClient, body: bytes, status: int):
    answer = ann.post("/api/video/user-render", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert "body" in answer.json()["detail"]


def test_a_sixth_video_of_the_month_is_refused_on_the_free_plan(ann: TestClient, order: Order, small_product: Product):
    [video_asset] = small_product.rows(VideoAsset)
    small_product.set_plan(Actor(user_id=video_asset.user_id, display_name="ann"), PlanName.FREE)
    for _ in range(5):
        assert _post(ann, order).status_code == 202
    answer = _post(ann, order)
    assert (answer.status_code, answer.json()["error"]) == (402, "quota_exceeded")
    assert "5 videos" in answer.json()["detail"]


def test_a_repetition_with_the_same_key_is_the_same_render(ann: TestClient, order: Order, small_product: Product):
    headers = {"Idempotency-Key": "k-1"}

    def ask(_: int) -> str:
        answer = ann.post("/api/video/user-render", json=order, headers=headers)
        assert answer.status_code == 202
        return str(answer.json()["video_id"])

    with ThreadPoolExecutor(5) as threads:
        assert len(set(threads.map(ask, range(5)))) == 1
    assert len(small_product.rows(RenderJob)) == len(small_product.rows(UsageEntry)) == 1
    other = ann.post("/api/video/user-render", json=order | {"config": {}}, headers=headers)
    assert (other.status_code, other.json()["error"]) == (409, "conflict")


def test_a_render_can_be_cancelled(ann: TestClient, video_id: str):
    assert ann.post(f"/api/video/{video_id}/cancel").json()["status"] == "cancelled"
    assert ann.get("/api/video/render-status", params={"video_id": video_id}).json()["status"] == "cancelled"


def test_others_find_nothing(bob: TestClient, finished_id: str):
    for method, path in (
        ("GET", f"/api/video/render-status?video_id={finished_id}"),
        ("POST", f"/api/video/{finished_id}/cancel"),
        ("GET", f"/api/video/{finished_id}/download"),
        ("HEAD", f"/api/video/{finished_id}/download"),
    ):
        assert bob.request(method, path).status_code == 404
    assert bob.get("/api/videos").json()["videos"] == []


def test_an_unfinished_video_cannot_be_downloaded(ann: TestClient, video_id: str):
    answer = ann.get(f"/api/video/{video_id}/download")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "video_id: The video is pending: there is nothing to download.",
    )


def test_a_finished_video_is_downloaded_under_its_title_and_played_in_ranges(ann: TestClient, finished_id: str):
    [video] = ann.get("/api/videos").json()["videos"]
    assert (video["status"], video["progress"]) == ("completed", 100)
    saved = ann.get(video["download_url"])
    assert (saved.status_code, len(saved.content), saved.headers["content-type"]) == (200, 1800, "video/mp4")
    assert saved.headers["content-disposition"].startswith("attachment;")
    assert "%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82.mp4" in saved.headers["content-disposition"]
    played = ann.get(f"{video['download_url']}?inline=1", headers={"range": "bytes=3-9"})
    assert (played.status_code, played.content) == (206, b" really")
    assert played.headers["content-disposition"].startswith("inline;")


def test_a_finished_video_has_a_poster_and_thumbnails_for_players(ann: TestClient, finished_id: str):
    view = ann.get("/api/video/render-status", params={"video_id": finished_id}).json()
    assert (view["poster_url"], view["sprites_url"]) == (
        f"/api/video/{finished_id}/poster",
        f"/api/video/{finished_id}/sprites.vtt",
    )
    poster, sheet = ann.get(view["poster_url"]), ann.get(f"/api/video/{finished_id}/sprites")
    assert (poster.content, sheet.content) == (b"a poster", b"a sheet")
    assert {poster.headers["content-type"], sheet.headers["content-type"]} == {"image/jpeg"}
    assert poster.headers["content-disposition"].startswith("inline")
    assert "private" in poster.headers["cache-control"]
    index = ann.get(view["sprites_url"])
    assert index.headers["content-type"].startswith("text/vtt")
    assert index.text == "WEBVTT\n\n00:00:00.000 --> 00:00:01.300\nsprites#xywh=0,0,90,160\n"


@pytest.mark.parametrize("name", ["poster", "sprites", "sprites.vtt"])
def test_pictures_are_as_private_as_the_video(ann: TestClient, bob: TestClient, finished_id: str, name: str):
    assert ann.get(f"/api/video/{finished_id}/{name}").status_code == 200
    answer = bob.get(f"/api/video/{finished_id}/{name}")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    bob.cookies.clear()
    bob.headers.clear()
    assert bob.get(f"/api/video/{finished_id}/{name}").status_code == 401


@pytest.mark.parametrize("name", ["poster", "sprites", "sprites.vtt"])
def test_an_unfinished_video_has_no_pictures(ann: TestClient, video_id: str, name: str):
    answer = ann.get(f"/api/video/{video_id}/{name}")
    assert answer.status_code == 404
    assert "is pending" in answer.json()["detail"]


@pytest.mark.parametrize(("output", "mime_type"), [("mp4", "video/mp4"), ("webm", "video/webm"), ("gif", "image/gif")])
def test_the_output_decides_name_and_type_of_the_file(
    ann: TestClient, order: Order, small_product: Product, output: str, mime_type: str
):
    view = _post(ann, order, output=output, quality="draft").json()
    assert view["output"] == output
    (job,) = small_product.rows(RenderJob)
    assert (job.spec["output"], job.spec["quality"]) == (output, "draft")
    small_product.do(lambda session: _finish(session, UUID(view["video_id"])))
    answer = ann.head(f"/api/video/{view['video_id']}/download")
    assert answer.headers["content-type"] == mime_type
    assert f'.{output}"' in answer.headers["content-disposition"]


def _finish(session: Session, video_id: UUID) -> None:
    video = session.get_one(UserVideo, video_id)
    video.output_path, video.output_size = "rendered-videos/v/j", 7


@pytest.mark.parametrize(("field", "value"), [("output", "avi"), ("quality", "best"), ("output", None)])
def test_unknown_outputs_and_qualities_are_refused(ann: TestClient, order: Order, field: str, value: object):
    answer = _post(ann, order, **{field: value})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_lost_bytes_are_a_404_not_a_crash(ann: TestClient, finished_id: str, small_product: Product):
    small_product.container.objects.delete("rendered-videos/v/j.mp4")
    assert ann.get(f"/api/video/{finished_id}/download").json()["error"] == "not_found"


def test_pages_are_bounded(ann: TestClient):
    for query, field in (("limit=0", "limit"), ("limit=101", "limit"), ("cursor=x", "cursor")):
        answer = ann.get(f"/api/videos?{query}")
        assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_templates_describe_themselves(ann: TestClient):
    [template] = [t for t in ann.get("/api/templates").json()["templates"] if t["template_name"] == "LipSyncTemplate"]
    assert template["config_schema"]["properties"]["mainText"]["maxLength"] == 120
    assert {role["name"] for role in template["config_schema"]["x-assets"]} >= {"lipSyncVideo", "coverImage"}
    assert template["example"]["musicVolume"] == 0.5


def test_settings_can_be_kept_complete_and_checked(ann: TestClient):
    body = {"template_name": "LipSyncTemplate", "config": {"mainText": "Hi"}, "title": "Mine"}
    saved = ann.post("/api/templates/save-config", json=body).json()
    assert (saved["title"], saved["config"]["mainText"], saved["config"]["musicVolume"]) == ("Mine", "Hi", 0.5)
    refused = ann.post("/api/templates/save-config", json=body | {"config": {"musicVolume": 9}})
    assert (refused.status_code, refused.json()["field"]) == (422, "config.musicVolume")


def test_a_stream_refuses_a_foreign_event_id_before_it_begins(ann: TestClient):
    answer = ann.get("/api/render/live-status", headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.json()["field"]) == (422, "Last-Event-ID")


def test_videos_are_found_by_words_states_and_dates(ann: TestClient, order: Order, video_id: str):
    other = _post(ann, order, video_title="Second").json()["video_id"]
    ann.post(f"/api/video/{other}/cancel")

    def found(**query: object) -> list[str]:
        answer = ann.get("/api/videos", params=query)
        assert answer.status_code == 200, answer.text
        return [video["video_id"] for video in answer.json()["videos"]]

    assert found(search="ПРИВЕТ") == [video_id]
    assert found(status=["cancelled", "failed"]) == [other]
    assert found(template_name="LipSyncTemplate", created_from="2020-01-01T00:00:00Z") == [other, video_id]
    assert found(created_before="2020-01-01T00:00:00Z") == []
    for query, field in ({"status": "gone"}, "status"), ({"created_from": "2020-01-01T00:00:00"}, "created_from"):
        answer = ann.get("/api/videos", params=query)
        assert (answer.status_code, answer.json()["field"].partition("[")[0]) == (422, field)


def test_a_video_is_retried_edited_again_described_and_deleted(ann: TestClient, order: Order, video_id: str):
    address = f"/api/video/{video_id}"
    ann.post(f"{address}/cancel")
    assert (ann.post(f"{address}/retry").status_code, ann.post(f"{address}/retry").json()["status"]) == (202, "pending")
    draft = ann.get(f"{address}/draft").json()
    assert (draft["order"]["config"]["mainText"], draft["missing"]) == ("Привет", [])
    assert ann.post("/api/video/user-render", json=draft["order"]).status_code == 202
    changed = ann.patch(address, json={"video_description": "About it"}).json()
    assert (changed["video_title"], changed["video_description"]) == ("Привет", "About it")
    assert ann.delete(address).status_code == 409
    ann.post(f"{address}/cancel")
    assert ann.delete(address).status_code == 204
    assert ann.get("/api/video/render-status", params={"video_id": video_id}).status_code == 404
