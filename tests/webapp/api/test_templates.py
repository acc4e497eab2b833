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
