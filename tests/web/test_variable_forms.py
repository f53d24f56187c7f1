"""The form of a variable group: a table, or JSON, and secrets that never come out again."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.models import Environment, Project
from app.schemas.environments import EnvironmentIn
from app.services import environments, secrets
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}
DEEP = '{"a":' * 20_000


def table(*rows: tuple[str, str, str, str], **others: Any) -> dict[str, Any]:
    """The form with rows of name, value, kind and type."""
    columns = zip(*rows, strict=True) if rows else ((), (), (), ())
    fields = ("v-name", "v-value", "v-kind", "v-form")
    sent = {name: list(values) for name, values in zip(fields, columns, strict=True)}
    return {"name": "Production", "mode": "table"} | sent | others


def with_secrets(*rows: tuple[str, str, str, str], **others: Any) -> dict[str, Any]:
    """The form with secrets of number, name, value and kind."""
    fields = ("s-id", "s-name", "s-value", "s-kind")
    columns = zip(fields, zip(*rows, strict=True), strict=True)
    return table(**others) | {name: list(values) for name, values in columns}


@pytest.fixture
def url(project: Project) -> str:
    return f"/p/{project.id}/variables"


@pytest.fixture
def send(browser: Browser, url: str) -> Callable[..., TestResponse]:
    """Send the form as Bob: a new one, or with `group` that one's."""

    def post(sent: dict[str, Any], group: Environment | None = None) -> TestResponse:
        own = f"{url}/{group.id}/edit" if group else url
        return browser("bob").post(own, data=sent, headers=HX)

    return post


@pytest.fixture
def group(project: Project) -> Environment:
    operation = {"name": "TOKEN", "secret": "tok-word", "type": "env", "operation": "create"}
    data = {"name": "Production", "json": '{"n": 5}', "env": '{"A": "b"}', "secrets": [operation]}
    made = environments.create(project, EnvironmentIn.model_validate(data), actor=None)
    factories.save()
    return made


def stored() -> Environment | None:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Environment)).one_or_none()


def test_rows_become_json(send: Callable[..., TestResponse]) -> None:
    rows = [("region", "eu", "var", "text"), ("list", "[1, true]", "var", "json")]
    answer = send(table(*rows, ("PATH_X", "5", "env", "text"), ("", "", "var", "text")))
    assert answer.status_code == 204
    made = stored()
    assert answer.headers["HX-Redirect"].endswith(f"/variables/{made.id}")
    assert json.loads(made.json) == {"region": "eu", "list": [1, True]}
    assert json.loads(made.env) == {"PATH_X": "5"}


def test_json_is_taken_as_it_is(send: Callable[..., TestResponse]) -> None:
    sent = {"name": "V", "mode": "json", "json": '{"b": {"c": null}}', "env": ""}
    assert send(sent).status_code == 204
    assert (stored().json, stored().env) == ('{"b": {"c": null}}', None)


@pytest.mark.parametrize(
    ("rows", "field", "text"),
    [
        ([("a", "1", "var", "text"), ("a", "2", "var", "text")], "v-name-1", "a is there twice"),
        ([("a", "{", "var", "json")], "v-value-0", "The value of a is no JSON"),
        ([("a", "[" * 20_000, "var", "json")], "v-value-0", "The value of a is no JSON"),
        ([("A=B", "1", "env", "text")], "v-table", "must not contain"),
        ([("L", "[1]", "env", "json")], "v-table", "L must be a text, a number or a boolean"),
        ([("", "1", "env", "text")], "v-table", "name of a variable can not be empty"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_lost(
    send: Callable[..., TestResponse], rows: list, field: str, text: str
) -> None:
    answer = send(table(*rows))
    assert answer.status_code == 422
    assert re.search(rf'id="f-{field}-error">.*{text}', answer.text)
    assert f'href="#f-{field}"' in answer.text
    assert answer.text.count('name="v-name"') == len(rows)
    assert stored() is None


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"name": "V", "mode": "json", "json": "{", "env": ""}, "Extra variables must be valid"),
        ({"name": "V", "mode": "json", "json": "{}", "env": "[1]"}, "Must be a JSON object"),
        ({"name": " ", "mode": "json", "json": "{}", "env": ""}, "name can not be empty"),
    ],
)
def test_bad_json_stays_in_its_field(
    send: Callable[..., TestResponse], sent: dict[str, str], text: str
) -> None:
    answer = send(sent)
    assert answer.status_code == 422
    assert text in answer.text
    assert 'name="json"' in answer.text
    assert stored() is None


def test_buttons_change_the_form_and_store_nothing(send: Callable[..., TestResponse]) -> None:
    rows = [("a", "1", "var", "text"), ("b", "2", "var", "json")]
    assert send(table(*rows, do="row")).text.count('name="v-name"') == 3
    assert 'value="a"' not in send(table(*rows, do="remove-0")).text
    assert 'value="a"' in send(table(*rows, do="remove-" + "9" * 5000)).text
    assert "new-password" in send(table(*rows, do="secret")).text
    as_text = send(table(*rows, do="json")).text
    assert "&#34;a&#34;: &#34;1&#34;" in as_text
    assert "&#34;b&#34;: 2" in as_text
    back = send({"name": "V", "mode": "json", "json": '{"a": "1"}', "env": "{}", "do": "table"})
    assert 'value="a"' in back.text
    assert stored() is None


def test_json_that_is_no_table_stays_json(send: Callable[..., TestResponse]) -> None:
    for text in ("[1", "[" * 20_000):
        answer = send({"name": "V", "mode": "json", "json": text, "env": "{}", "do": "table"})
        assert answer.status_code == 422
        assert "This is no JSON" in answer.text
        assert text in answer.text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("# c\nexport A=\"x y\"\nB='1'\nC=a=b\n", {"A": "x y", "B": "1", "C": "a=b"}),
        ('{"A": "x", "L": [1]}', {"A": "x", "L": "[1]"}),
    ],
)
def test_many_are_pasted_at_once(
    send: Callable[..., TestResponse], text: str, names: dict[str, str]
) -> None:
    old = ("A", "old", "env", "text")
    page = send(table(old, do="paste", paste=text, **{"paste-kind": "env"})).text
    assert set(re.findall(r'name="v-name" value="(\w+)"', page)) == set(names)
    assert "old" not in page
    assert stored() is None


@pytest.mark.parametrize("text", ["{no json", "A=1\nwhat is this", DEEP])
def test_a_bad_paste_is_kept_and_explained(send: Callable[..., TestResponse], text: str) -> None:
    answer = send(table(("A", "1", "env", "text"), do="paste", paste=text))
    assert answer.status_code == 422
    assert re.search(r'id="f-paste-error">', answer.text)
    assert text in unescape(answer.text)
    assert 'value="A"' in answer.text


def test_secrets_are_made_changed_and_deleted_in_one_form(
    send: Callable[..., TestResponse], group: Environment
) -> None:
    token = group.secrets[0].id
    rows = [(str(token), "TOKEN_2", "", "env"), ("", "db_pass", "pw-long", "var")]
    assert send(with_secrets(*rows, version="0"), group).status_code == 204
    kept, made = stored().secrets
    assert (kept.name, secrets.open(kept)) == ("TOKEN_2", "tok-word")
    assert (made.name, made.owner, secrets.open(made)) == ("db_pass", "variable", "pw-long")
    rows = [(str(kept.id), "TOKEN_2", "", "env"), (str(made.id), "db_pass", "new-word", "var")]
    sent = with_secrets(*rows, version="1") | {"s-delete": str(kept.id)}
    assert send(sent, group).status_code == 204
    assert [(row.name, secrets.open(row)) for row in stored().secrets] == [("db_pass", "new-word")]


def test_a_secret_is_never_shown(
    browser: Browser, send: Callable[..., TestResponse], group: Environment, url: str
) -> None:
    for path in ("", f"/{group.id}", f"/{group.id}/edit", f"/{group.id}/delete"):
        assert "tok-word" not in browser("bob").get(url + path).text
    sent = with_secrets(("", "NEW", "typed-word", "env"), name="", version="0")
    answer = send(sent, group)
    assert answer.status_code == 422
    assert "typed-word" not in answer.text
    assert 'value="NEW"' in answer.text


def test_a_bad_secret_is_named(send: Callable[..., TestResponse], group: Environment) -> None:
    rows = [(str(group.secrets[0].id), "TOKEN", "", "env"), ("", "A=B", "long enough", "env")]
    answer = send(with_secrets(*rows, version="0"), group)
    assert answer.status_code == 422
    assert re.search(r'id="f-s-name-1-error">A secret needs a name', answer.text)
    assert [row.name for row in stored().secrets] == ["TOKEN"]


@pytest.mark.parametrize("number", ["abc", "²", "9" * 5000], ids=lambda number: ascii(number)[:9])
def test_a_secret_that_nobody_knows_is_not_made(
    send: Callable[..., TestResponse], group: Environment, number: str
) -> None:
    answer = send(with_secrets((number, "OTHER", "long enough", "env"), version="0"), group)
    assert answer.status_code == 422
    assert "This group has no secret" in answer.text
    assert [row.name for row in stored().secrets] == ["TOKEN"]


def test_a_short_secret_is_stored_with_a_warning(browser: Browser, url: str) -> None:
    bob = browser("bob")
    answer = bob.post(url, data=with_secrets(("", "PIN", "123", "env")))
    assert answer.status_code == 303
    assert "too short to be masked in logs: PIN" in bob.get(answer.location).text
    assert secrets.open(stored().secrets[0]) == "123"


def test_a_stale_edit_shows_what_was_stored(
    send: Callable[..., TestResponse], group: Environment
) -> None:
    send(table(("n", "6", "var", "json"), version="0"), group)
    answer = send(table(("n", "7", "var", "json"), version="0", name="Mine"), group)
    assert answer.status_code == 409
    assert re.search(r"<dt>Extra variables</dt>\s*<dd>{\s*&#34;n&#34;: 6", answer.text)
    assert "Save mine" in answer.text
    assert 'name="version" value="1"' in answer.text
    assert json.loads(stored().json) == {"n": 6}


def test_an_edit_keeps_the_old_password(
    send: Callable[..., TestResponse], group: Environment
) -> None:
    group.password = "old-style"
    factories.save()
    assert send(table(version="0"), group).status_code == 204
    assert stored().password == "old-style"


def test_a_forged_form_is_refused(browser: Browser, url: str, group: Environment) -> None:
    forged = {"X-CSRF-Token": ""}
    for path in ("", f"/{group.id}/edit", f"/{group.id}/delete"):
        answer = browser("bob").post(url + path, data=table(), headers=forged)
        assert answer.status_code == 403
    assert stored().lock_version == 0
