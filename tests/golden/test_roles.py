"""Who was let through by a real server, and who was not, is so here, or the difference is known.

POST and PUT were sent a body that is no JSON, DELETE an unknown id: 400 and 404 mean that one was
let through where 403 means the contrary.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound

from app.models import Project, User
from tests import factories, world
from tests.contract.test_transactions import absent
from tests.golden.exchanges import FOLDER

HERE = Path(__file__).parent
ACTORS = {
    "outsider": "mallory",
    "guest": "dave",
    "task_runner": "carol",
    "manager": "bob",
    "owner": "alice",
    "admin": "root",
}
UNKNOWN = 9999
NOT_YET = {"GET /api/runners", "POST /api/runners"}

Entry = dict[str, Any]
Found = tuple[str, str]  # "POST /api/users", "guest: 400 → 403"


def matrix() -> list[Entry]:
    return json.loads((FOLDER / "role_matrix.json").read_text())


def name_of(entry: Entry) -> str:
    return f"{entry['method']} {entry['path']}"


def listed() -> dict[Found, str]:
    rules = tomllib.loads((HERE / "role_differences.toml").read_text())["rule"]
    return {
        (name, what): rule["reason"]
        for rule in rules
        for what in rule["what"]
        for name in rule["where"]
    }


def url_of(app: Flask, entry: Entry, ids: dict[str, Any]) -> str:
    """The recorded path with the ids of our objects."""
    adapter = app.url_map.bind("")
    endpoint, values = adapter.match(entry["path"], entry["method"])
    ours = {name: ids.get(name, v) if v != UNKNOWN else v for name, v in values.items()}
    ours |= {name: v for name, v in values.items() if not isinstance(v, int)}
    return adapter.build(endpoint, ours, entry["method"])


def different(app: Flask, ids: dict[str, Any]) -> Iterator[Found]:
    sign_in = factories.browser_of(app)
    clients: dict[str, FlaskClient] = {name: sign_in(ours) for name, ours in ACTORS.items()}
    clients["not signed in"] = app.test_client()
    for entry in matrix():
        if name_of(entry) in NOT_YET:
            continue
        url = url_of(app, entry, ids)
        for actor, status in entry["status"].items():
            answer = clients[actor].open(url, method=entry["method"], data=entry["body"])
            answer.get_data()  # what is streamed is read to its end
            if answer.status_code != status:
                yield name_of(entry), f"{actor}: {status} → {answer.status_code}"


def test_who_may_is_as_recorded_or_the_difference_is_listed(
    app: Flask, cast: dict[str, User], project: Project
) -> None:
    found = set(different(app, world.build(cast, project).mine))
    assert sorted(found - listed().keys()) == [], "new differences"
    assert sorted(listed().keys() - found) == [], "gone: take them out of the list"


def test_every_difference_has_a_reason() -> None:
    assert all(reason.endswith(".") for reason in listed().values())


def test_what_is_skipped_is_not_there_yet(app: Flask) -> None:
    assert {name.replace("/api", "", 1) for name in NOT_YET} <= absent()
    assert {name_of(e) for e in matrix() if not _is_routed(app, e)} == NOT_YET


def _is_routed(app: Flask, entry: Entry) -> bool:
    try:
        app.url_map.bind("").match(entry["path"], entry["method"])
    except NotFound:
        return False
    return True
