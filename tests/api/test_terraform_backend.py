"""What Terraform's http backend may do, and what nobody else may."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Event, Inventory, Project
from tests import factories
from tests.api.terraform_tools import INFO, Send, sender, versions
from tests.factories import state_text


@pytest.fixture
def workspace(project: Project) -> Inventory:
    return factories.workspace(project)


@pytest.fixture(autouse=True)
def known(setting) -> None:
    """Runs know the address of the server, whatever its database is."""
    setting(WEB_HOST="http://localhost")


@pytest.fixture
def send(client: FlaskClient, project: Project, workspace: Inventory) -> Send:
    return sender(client, project, workspace)


def test_a_state_comes_back_as_it_was_sent(send: Send, workspace: Inventory) -> None:
    assert (send("GET").status_code, send("GET").data) == (204, b"")
    text = state_text(one="x").encode()
    assert send("POST", text).status_code == 200
    answer = send("GET")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, text, "application/json")
    [row] = versions(workspace)
    assert (row.serial, row.lineage, row.size, row.resources) == (1, "first", len(text), 1)
    assert row.alias and row.task_id is None


def test_it_is_stored_encrypted(send: Send, workspace: Inventory) -> None:
    send("POST", state_text(one="the-password-of-the-database").encode())
    [row] = versions(workspace)
    assert row.secret.startswith("v1.") and "the-password" not in row.secret


def test_the_same_once_more_is_no_new_version(send: Send, workspace: Inventory) -> None:
    for _ in range(2):
        assert send("POST", state_text().encode()).status_code == 200
    assert len(versions(workspace)) == 1


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (state_text(1, one="other"), "serial"),
        (state_text(0), "serial"),
        (state_text(2, "second"), "lineage"),
    ],
)
def test_what_does_not_follow_is_refused(send: Send, workspace, text: str, field: str) -> None:
    send("POST", state_text(1).encode())
    answer = send("POST", text.encode())
    assert answer.status_code == 409 and answer.json["error"].startswith(field)
    assert len(versions(workspace)) == 1


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b'{"serial": 1}'])
def test_what_is_no_state_is_refused(send: Send, workspace: Inventory, body: bytes) -> None:
    answer = send("POST", body)
    assert answer.status_code == 400 and answer.json["error"].startswith("state: ")
    assert versions(workspace) == []


def test_a_state_that_is_too_large_is_refused_by_its_limit(send: Send, workspace) -> None:
    answer = send("POST", state_text(one="x" * (8 << 20)).encode())
    assert answer.status_code == 413 and "8 MB (HELIOGRAPH_STATE_MB)" in answer.json["error"]
    assert versions(workspace) == []


def test_a_body_beyond_all_limits_is_refused_too(send: Send) -> None:
    assert send("POST", b"x" * (16 * 1024 * 1024 + 1)).status_code == 413


def test_a_lock_keeps_others_from_writing(send: Send) -> None:
    assert send("LOCK", INFO).status_code == 200
    for refused in (
        send("LOCK", INFO | {"ID": "lock-b"}),
        send("POST", state_text().encode()),
        send("POST", state_text().encode(), query="?ID=lock-b"),
        send("DELETE"),
    ):
        assert (refused.status_code, refused.json) == (423, INFO)
    assert send("POST", state_text().encode(), query="?ID=lock-a").status_code == 200
    assert send("GET").status_code == 200
    assert send("UNLOCK", INFO).status_code == 200
    assert send("LOCK", INFO | {"ID": "lock-b"}).status_code == 200


def test_a_lock_that_is_asked_for_again_is_had(send: Send) -> None:
    """The first answer may have got lost."""
    assert [send("LOCK", INFO).status_code for _ in range(2)] == [200, 200]
    assert [send("UNLOCK", INFO).status_code for _ in range(2)] == [200, 200]


def test_only_its_own_id_releases_a_lock(send: Send) -> None:
    send("LOCK", INFO)
    answer = send("UNLOCK", INFO | {"ID": "lock-b"})
    assert answer.status_code == 409 and "lock-a" in answer.json["error"]
    assert send("LOCK", INFO | {"ID": "lock-b"}).status_code == 423


def test_force_unlock_of_the_tool_is_told(send: Send, workspace: Inventory) -> None:
    send("LOCK", INFO)
    assert send("UNLOCK").status_code == 200
    assert send("LOCK", INFO | {"ID": "lock-b"}).status_code == 200
    event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
    assert "was unlocked by force (lock lock-a of ada@laptop)" in event.description


@pytest.mark.parametrize("body", [b"no", b"[]", b"{}", b'{"ID": ""}', b'{"ID": 5}'])
def test_a_lock_without_an_id_is_refused(send: Send, body: bytes) -> None:
    assert send("LOCK", body).status_code == 400


def test_a_lock_is_no_place_to_store_things(send: Send) -> None:
    answer = send("LOCK", INFO | {"Info": "x" * (16 << 10)})
    assert answer.status_code == 413 and "16 KB" in answer.json["error"]


def test_who_was_unlocked_by_force_may_save_what_follows(send: Send, workspace) -> None:
    """What it has made is made; whether its state follows is asked for anyway."""
    send("LOCK", INFO)
    send("POST", state_text(1).encode(), query="?ID=lock-a")
    send("UNLOCK")
    assert send("POST", state_text(2).encode(), query="?ID=lock-a").status_code == 200
    assert send("POST", state_text(2, one="x").encode(), query="?ID=lock-a").status_code == 409


def test_a_deleted_state_is_gone_and_its_versions_stay(send: Send, workspace: Inventory) -> None:
    send("POST", state_text(1).encode())
    assert send("DELETE").status_code == 200
    assert send("GET").status_code == 204
    assert [row.is_gone for row in versions(workspace)] == [False, True]
    assert send("POST", state_text(1, "second").encode()).status_code == 200
    assert send("GET").json["lineage"] == "second"


def test_old_versions_go_beyond_the_number_that_is_kept(
    send: Send, workspace: Inventory, setting
) -> None:
    setting(STATE_VERSIONS=3)
    for serial in range(1, 6):
        assert send("POST", state_text(serial).encode()).status_code == 200
    assert [row.serial for row in versions(workspace)] == [3, 4, 5]


@pytest.mark.parametrize(
    "login", [None, ("ci", "wrong"), ("other", "s3cret"), ("", ""), ("ci", "")]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "LOCK", "UNLOCK"])
def test_nobody_gets_in_without_the_login(send: Send, method: str, login) -> None:
    answer = send(method, INFO, login=login)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("at", ["unknownunknown00", "run-", "run-x", "run-99", "run-" + "9" * 30,
                                "run-²", "a%00b", "ä"])  # fmt: skip
def test_an_unknown_address_is_refused_alike(send: Send, at: str) -> None:
    wrong, unknown = send("GET", login=("ci", "wrong")), send("GET", at=at)
    assert (unknown.status_code, unknown.json) == (wrong.status_code, wrong.json)


def test_a_user_of_the_server_is_nobody_here(send: Send, api) -> None:
    url = "/api/terraform/state00000000000"
    assert api("alice").get(url).status_code == 401


def test_a_key_without_a_secret_lets_nobody_in(send: Send, project: Project, workspace) -> None:
    empty = factories.access_key(project, "Empty", type="login_password")
    name = factories.state_alias(workspace, empty, "emptyemptyempty0").alias
    assert send("GET", at=name, login=("", "")).status_code == 401


def test_guesses_are_slowed_down_and_right_ones_are_not(send: Send) -> None:
    assert {send("GET").status_code for _ in range(30)} == {204}
    guesses = [send("GET", login=("ci", f"guess {n}")).status_code for n in range(7)]
    assert guesses == [401] * 5 + [429] * 2
    late = send("GET")
    assert late.status_code == 429 and int(late.headers["Retry-After"]) > 0
