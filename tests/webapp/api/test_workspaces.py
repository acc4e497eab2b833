"""Workspaces over REST, from making one to leaving it."""

from fastapi.testclient import TestClient

from webapp.models import Scope


def made(client: TestClient, path: str, **body: object) -> dict[str, object]:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_people_are_invited_join_and_go(ann: TestClient, bob: TestClient):
    here = f"/api/workspaces/{made(ann, '/api/workspaces', name='Spring campaign')['id']}"
    invited = made(ann, f"{here}/invites", role="editor", lifetime_hours=1)
    assert str(invited["path"]).endswith(f"/join/{invited['token']}")
    assert bob.get(here).status_code == 404
    offer = bob.get(f"/api/invites/{invited['token']}").json()
    assert (offer["workspace_name"], offer["role"], offer["current_role"]) == ("Spring campaign", "editor", None)
    joined = bob.post("/api/invites/accept", json={"token": invited["token"]}).json()
    assert (joined["name"], joined["role"]) == ("Spring campaign", "editor")
    people = {person["display_name"]: person for person in bob.get(f"{here}/members").json()["members"]}
    assert {name: person["role"] for name, person in people.items()} == {"ann": "owner", "bob": "editor"}
    bobs = f"{here}/members/{people['bob']['user_id']}"
    assert ann.patch(bobs, json={"role": "owner"}).json()["role"] == "owner"
    assert ann.post(f"{here}/leave").status_code == 204
    assert bob.post(f"{here}/leave").json()["error"] == "conflict"
    assert ann.get(here).status_code == 404


def test_invitations_are_listed_without_tokens_and_taken_back(ann: TestClient, bob: TestClient):
    here = f"/api/workspaces/{made(ann, '/api/workspaces', name='Ours')['id']}"
    invited = made(ann, f"{here}/invites", role="viewer")
    [listed] = ann.get(f"{here}/invites").json()["invites"]
    assert listed["id"] == invited["id"]
    assert not {"token", "path"} & listed.keys()
    assert ann.delete(f"{here}/invites/{listed['id']}").status_code == 204
    refusal = bob.post("/api/invites/accept", json={"token": invited["token"]})
    assert (refusal.status_code, refusal.json()["field"]) == (404, "token")
    assert "taken back" in refusal.json()["detail"]


def test_an_archived_workspace_is_listed_when_asked_for_and_comes_back(ann: TestClient):
    made_id = made(ann, "/api/workspaces", name="Old")["id"]
    assert ann.patch(f"/api/workspaces/{made_id}", json={"name": "Older"}).json()["name"] == "Older"
    assert ann.post(f"/api/workspaces/{made_id}/archive").json()["archived_at"]

    def listed(query: str) -> set[str]:
        return {view["name"] for view in ann.get(f"/api/workspaces{query}").json()["workspaces"]}

    assert "Older" not in listed("")
    assert "Older" in listed("?archived=true")
    assert ann.post(f"/api/workspaces/{made_id}/restore").json()["archived_at"] is None
    assert "Older" in listed("")


def test_a_task_shows_the_videos_that_were_made_for_it(ann: TestClient, order: dict[str, object]):
    workspace_id = ann.get("/api/workspaces").json()["workspaces"][0]["id"]
    room = made(ann, "/api/rooms", workspace_id=workspace_id, name="Greetings")
    task = made(ann, "/api/tasks", room_id=room["id"], title="Clients", description="One each.")
    asked = [ann.post("/api/video/user-render", json={**order, "task_id": task["id"]}) for _ in range(2)]
    assert {answer.status_code for answer in asked} == {202}
    first = ann.get(f"/api/tasks/{task['id']}?limit=1").json()
    rest = ann.get(f"/api/tasks/{task['id']}", params={"cursor": first["videos"]["next_cursor"]}).json()
    shown = [video["video_id"] for page in (first, rest) for video in page["videos"]["videos"]]
    assert shown == [answer.json()["video_id"] for answer in reversed(asked)]
    assert (first["title"], first["room_id"]) == ("Clients", room["id"])


def test_rooms_and_tasks_are_renamed_put_away_and_taken_out(ann: TestClient):
    workspace_id = ann.get("/api/workspaces").json()["workspaces"][0]["id"]
    room = f"/api/rooms/{made(ann, '/api/rooms', workspace_id=workspace_id, name='Greetings')['id']}"
    room_id = room.rpartition("/")[2]
    task = f"/api/tasks/{made(ann, '/api/tasks', room_id=room_id, title='Clients')['id']}"
    assert ann.patch(room, json={"name": "Hall"}).json()["name"] == ann.get(room).json()["name"] == "Hall"
    assert ann.patch(task, json={"description": "Soon"}).json()["title"] == "Clients"
    for place, listing, name in (
        (task, f"/api/tasks?room_id={room_id}", "tasks"),
        (room, f"/api/rooms?workspace_id={workspace_id}", "rooms"),
    ):
        assert ann.post(f"{place}/archive").json()["archived_at"]
        assert ann.get(listing).json()[name] == []
        assert len(ann.get(f"{listing}&archived=true").json()[name]) == 1
        assert ann.post(f"{place}/restore").json()["archived_at"] is None


def test_a_program_works_with_workspaces_but_does_not_put_them_away(ann: TestClient, nobody: TestClient):
    key = made(ann, "/api/auth/api-keys", name="ours", scopes=[Scope.WORKSPACES_READ, Scope.WORKSPACES_WRITE])
    nobody.headers["Authorization"] = f"Bearer {key['secret']}"
    here = f"/api/workspaces/{made(nobody, '/api/workspaces', name='By program')['id']}"
    assert nobody.get(f"{here}/members").status_code == 200
    for what in ("archive", "restore", "leave"):
        refusal = nobody.post(f"{here}/{what}")
        assert (refusal.status_code, "login in the browser" in refusal.json()["detail"]) == (403, True)


def test_what_is_sent_is_checked_with_its_field(ann: TestClient):
    workspace_id = ann.get("/api/workspaces").json()["workspaces"][0]["id"]
    for path, body, field in (
        ("/api/workspaces", {"name": " "}, "name"),
        ("/api/workspaces", {"name": "x" * 101}, "name"),
        ("/api/workspaces", {"name": "x", "plan": "enterprise"}, "plan"),
        ("/api/rooms", {"workspace_id": workspace_id, "name": ""}, "name"),
        (f"/api/workspaces/{workspace_id}/invites", {"role": "king"}, "role"),
        (f"/api/workspaces/{workspace_id}/invites", {"lifetime_hours": 721}, "lifetime_hours"),
    ):
        refusal = ann.post(path, json=body)
        assert (refusal.status_code, refusal.json()["field"]) == (422, field)
