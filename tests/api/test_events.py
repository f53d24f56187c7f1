from collections.abc import Callable

from flask.testing import FlaskClient

from app.models import Project, User

Api = Callable[[str], FlaskClient]


def test_every_change_is_told_with_its_author(
    api: Api, project: Project, cast: dict[str, User]
) -> None:
    bob, keys = api("bob"), f"/api/project/{project.id}/keys"
    key = {"project_id": project.id, "name": "K", "type": "none"}
    made = bob.post(keys, json=key).json
    bob.put(f"{keys}/{made['id']}", json=made | {"name": "L"})
    bob.delete(f"{keys}/{made['id']}")
    events = api("dave").get(f"/api/project/{project.id}/events").json
    assert [event["description"] for event in events] == [
        "Access Key L deleted",
        "Access Key L updated",
        "Access Key K created",
    ]
    created = events[-1].pop("created")
    assert created.endswith("Z")
    assert events[-1] == {
        "project_id": project.id,
        "user_id": cast["bob"].id,
        "object_id": made["id"],
        "object_type": "key",
        "object_name": "K",
        "description": "Access Key K created",
        "project_name": "Alice's project",
        "username": "bob",
    }


def test_one_sees_the_events_of_ones_projects(api: Api, project: Project) -> None:
    keys = f"/api/project/{project.id}/keys"
    api("bob").post(keys, json={"project_id": project.id, "name": "K", "type": "none"})
    for path in ("/api/events", "/api/events/last"):
        assert len(api("dave").get(path).json) == 1
        assert api("mallory").get(path).json == []


def test_a_refused_change_is_not_told(api: Api, project: Project) -> None:
    api("bob").post(f"/api/project/{project.id}/keys", json={"project_id": project.id})
    assert api("dave").get(f"/api/project/{project.id}/events/last").json == []
