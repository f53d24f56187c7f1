"""Each answer that the original's document promises is given here, byte by byte as its clients
expect, or its operation is named in docs/api.md as not there yet."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft4Validator

from tests.contract.document import Transaction, json_schema, transactions
from tests.contract.fixtures import Fixtures
from tests.contract.requests import body_of, path_of

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
HEADING = "## Not there yet\n"

# What Dredd cannot try: a text, a socket, and what would end the session that it uses.
BY_HAND = {
    "GET /ping 200": "tests/api/test_info.py",
    "GET /ws 200": "tests/live/test_api_ws.py",
    "POST /auth/login 204": "tests/api/test_auth.py",
    "POST /auth/logout 204": "tests/api/test_auth.py",
}


def absent() -> set[str]:
    """The operations that docs/api.md says are not there yet."""
    part = DOCS.read_text().partition(HEADING)[2].partition("\n## ")[0]
    return set(re.findall(r"^- `([A-Z]+ /\S+)`", part, re.MULTILINE))


def tried() -> list[Transaction]:
    wanted = (t for t in transactions() if 200 <= t.status < 300 and str(t) not in BY_HAND)
    return [t for t in wanted if t.operation not in absent()]


@pytest.mark.parametrize("transaction", tried(), ids=str)
def test_the_answer_is_as_documented(
    api: Callable[[str], FlaskClient], transaction: Transaction
) -> None:
    client = api("root")
    fixtures = Fixtures(client)
    path = path_of(transaction, fixtures)
    body = body_of(transaction, fixtures, path)
    given = {} if body is None else {"json": body}
    answer = client.open(path, method=transaction.method, query_string=transaction.query, **given)
    assert answer.status_code == transaction.status, answer.text
    plain = path.endswith("/raw_output")
    assert answer.content_type == ("text/plain; charset=utf-8" if plain else "application/json")
    if transaction.schema and not plain:
        Draft4Validator(json_schema(transaction.schema)).validate(answer.json)


def test_none_is_left_out_unseen() -> None:
    promised = [t for t in transactions() if 200 <= t.status < 300]
    gone = [t for t in promised if t.operation in absent()]
    assert len(promised) == 132
    assert len(tried()) == len(promised) - len(BY_HAND) - len(gone)


def test_docs_name_exactly_what_is_absent(app: Flask) -> None:
    """The list may only shrink: take a line away where this names an operation to be routed."""
    here = {(method, _plain(rule.rule)) for rule in app.url_map.iter_rules()
            for method in rule.methods or ()}  # fmt: skip
    wanted = {t.operation for t in transactions()}
    missing = {o for o in wanted if _key(o) not in here}
    assert absent() - missing == set(), "routed by now: take these lines out of docs/api.md"
    assert missing - absent() == set(), "not routed any more"


def _key(operation: str) -> tuple[str, str]:
    method, _, path = operation.partition(" ")
    return method, _plain(f"/api{path}")


def _plain(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "{}", path).rstrip("/")
