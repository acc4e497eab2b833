"""What is used of a plan, over REST."""

from uuid import uuid4

from fastapi.testclient import TestClient


def test_one_sees_what_is_used_of_ones_plan(ann: TestClient, order: dict[str, object]):
    size = ann.get("/api/assets/user-assets").json()["assets"][0]["file_size"]
    assert ann.post("/api/video/user-render", json=order).status_code == 202
    usage = ann.get("/api/billing/usage").json()
    assert (usage["plan"], usage["videos_used"], usage["longest_s"]) == ("pro", 1, 300)
    assert usage["storage_used"] >= size
    assert usage["period_start"] < usage["period_end"]
    named = ann.get("/api/billing/usage", params={"workspace_id": usage["workspace_id"]})
    assert named.json() == usage


def test_strangers_and_nobody_see_nothing_of_it(ann: TestClient, bob: TestClient, nobody: TestClient):
    own = {"workspace_id": ann.get("/api/billing/usage").json()["workspace_id"]}
    assert bob.get("/api/billing/usage", params=own).status_code == 404
    assert bob.get("/api/billing/usage", params={"workspace_id": str(uuid4())}).status_code == 404
    assert nobody.get("/api/billing/usage", params=own).status_code == 401
