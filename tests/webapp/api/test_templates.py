"""Templates over HTTP."""

from fastapi.testclient import TestClient

WORDS = "/api/templates/caption-words"


def test_a_text_becomes_words_with_times(ann: TestClient, avatar_id: str):
    body = {
        "template_name": "LipSyncTemplate",
        "user_assets": {"lipSyncVideo": avatar_id},
        "captionText": "WEBVTT\n\n00:01.000 --> 00:02.500\nhello <00:02.000>there",
    }
    answer = ann.post(WORDS, json=body)
    assert (answer.status_code, answer.json()) == (
        200,
        {"words": [{"text": "hello", "start": 1000, "end": 2000}, {"text": "there", "start": 2000, "end": 2500}]},
    )


def test_the_words_may_be_sent_as_captions(ann: TestClient, order: dict):
    body = {name: order[name] for name in ("template_name", "user_assets")} | {"captionText": "hello there"}
    words = ann.post(WORDS, json=body).json()["words"]
    assert ann.post("/api/video/user-render", json=order | {"config": order["config"] | {"captions": words}}).is_success


def test_only_who_may_use_the_avatar_hears_it(bob: TestClient, nobody: TestClient, avatar_id: str):
    body = {"template_name": "LipSyncTemplate", "user_assets": {"lipSyncVideo": avatar_id}, "captionText": "hello"}
    assert nobody.post(WORDS, json=body).status_code == 401
    assert bob.post(WORDS, json=body).json()["error"] == "not_found"


def test_a_wrong_line_is_named(ann: TestClient):
    text = "1\n00:00:01,000 --> 00:00:61,000\nx"
    answer = ann.post(WORDS, json={"template_name": "LipSyncTemplate", "captionText": text})
    assert answer.status_code == 422
    assert answer.json()["field"] == "captionText"
    assert "line 2: “00:00:61,000” is no time" in answer.json()["detail"]


def test_a_body_without_a_text_is_refused(ann: TestClient):
    answer = ann.post(WORDS, json={"template_name": "LipSyncTemplate"})
    assert (answer.status_code, answer.json()["field"]) == (422, "captionText")


def test_settings_are_kept_in_versions_and_taken_back(ann: TestClient):
    body = {"template_name": "LipSyncTemplate", "config": {"mainText": "Hi"}, "title": "Mine"}
    saved = ann.post("/api/templates/save-config", json=body)
    assert (saved.status_code, saved.json()["version"], saved.json()["config"]["musicVolume"]) == (201, 1, 0.5)
    mine = f"/api/templates/configs/{saved.json()['id']}"
    newer = body | {"config": {"mainText": "Ho"}, "id": saved.json()["id"], "expected_version": 1}
    assert ann.post("/api/templates/save-config", json=newer).json()["version"] == 2
    late = ann.post("/api/templates/save-config", json=newer)
    assert (late.status_code, late.json()["error"], late.json()["field"]) == (409, "conflict", "expected_version")
    assert [row["version"] for row in ann.get(f"{mine}/versions").json()["versions"]] == [2, 1]
    back = ann.post(f"{mine}/restore", json={"version": 1, "expected_version": 2}).json()
    assert (back["version"], back["config"]["mainText"]) == (3, "Hi")
    assert ann.patch(mine, json={"is_default": True, "is_public": True}).json()["is_default"]
    copy = ann.post(f"{mine}/duplicate", json={"title": "Copy"}).json()
    listed = ann.get("/api/templates/configs", params={"template_name": "LipSyncTemplate", "limit": 1}).json()
    assert [row["title"] for row in listed["configs"]] == ["Copy"]
    following = ann.get("/api/templates/configs", params={"cursor": listed["next_cursor"]}).json()
    assert [row["title"] for row in following["configs"]] == ["Mine"]
    assert ann.delete(f"/api/templates/configs/{copy['id']}").status_code == 204
    assert ann.get(f"/api/templates/configs/{copy['id']}").status_code == 404


def test_settings_that_do_not_fit_name_their_path(ann: TestClient, bob: TestClient):
    body = {"template_name": "LipSyncTemplate", "config": {"captionStyle": {"fontSize": 9999}}}
    refused = ann.post("/api/templates/save-config", json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, "config.captionStyle.fontSize")
    saved = ann.post("/api/templates/save-config", json=body | {"config": {}}).json()
    assert bob.get(f"/api/templates/configs/{saved['id']}").status_code == 404
