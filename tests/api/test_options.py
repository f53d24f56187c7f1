from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.db import db
from app.models import Option

Api = Callable[[str], FlaskClient]
PINNED = {"key": "nav.unpinnedItems", "value": '["history"]'}


def test_the_server_keeps_what_administrators_give_it(api: Api) -> None:
    assert api("root").get("/api/options").json == {}
    for value in ("v1", "v2"):
        answer = api("root").post("/api/options", json={"key": "my.option", "value": value})
        assert (answer.status_code, answer.json) == (200, {"key": "my.option", "value": value})
    assert api("root").get("/api/options").json == {"my.option": "v2"}


@pytest.mark.parametrize("body", [{"key": "bad key!"}, {"key": ""}, {}, {"key": "n", "value": 5}])
def test_a_key_is_a_word_and_a_value_a_text(api: Api, body: dict) -> None:
    assert api("root").post("/api/options", json=body).status_code == 400
    assert api("root").get("/api/options").json == {}


def test_a_user_keeps_what_pages_keep_of_him_and_nobody_else_sees_it(api: Api) -> None:
    assert api("dave").post("/api/user/options", json=PINNED).json == PINNED
    assert api("dave").get("/api/user/options").json == {PINNED["key"]: PINNED["value"]}
    assert api("carol").get("/api/user/options").json == {}
    assert api("root").get("/api/options").json == {}


def test_other_keys_of_users_are_refused(api: Api) -> None:
    answer = api("dave").post("/api/user/options", json={"key": "apps.bash.path", "value": "/x"})
    assert answer.status_code == 400 and "nav.unpinnedItems" in answer.json["error"]
    answer = api("root").post("/api/options", json={"key": "user3.nav.unpinnedItems"})
    assert answer.status_code == 400
    assert db.session.query(Option).count() == 0


def test_the_options_of_a_user_go_with_him(api: Api, cast: dict) -> None:
    api("mallory").post("/api/user/options", json=PINNED)
    assert api("root").delete(f"/api/users/{cast['mallory'].id}").status_code == 204
    assert db.session.query(Option).count() == 0
