"""A project of a backup file that a browser sends."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.db import db
from app.models import Event, Project
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}
WEBSHOP = Path(__file__).parents[1] / "golden" / "webshop-backup.json"  # of a real 2.10 server


def send(
    client: FlaskClient, content: Any, to: str = "/projects/import", **headers: str
) -> TestResponse:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    file = {"file": (BytesIO(text), "project.json")}
    return client.post(to, data=file, headers=headers)


def count() -> int:
    return db.session.scalar(select(func.count(Project.id))) or 0


def newest() -> Project:
    return db.session.scalars(select(Project).order_by(Project.id.desc())).first()


def toast(client: FlaskClient, url: str) -> str:
    page = client.get(url).text
    return page[page.index('class="toasts"') : page.index("<template id=")]


def test_it_is_a_page_and_a_sheet(browser: Browser, project: Project) -> None:
    client = browser("root")
    page, sheet = client.get("/projects/import"), client.get("/projects/import", headers=HX)
    assert "<h1" in page.text and 'enctype="multipart/form-data"' in page.text
    assert "<h1" not in sheet.text and 'hx-encoding="multipart/form-data"' in sheet.text
    assert "/projects/import" in client.get("/projects").text
    assert "/projects/import" not in browser("alice").get("/projects").text


def test_one_without_a_name_is_called_by_its_number(browser: Browser) -> None:
    client = browser("root")
    send(client, {})
    page = client.get(f"/p/{newest().id}").text
    assert f"<title>Overview · Project {newest().id} · Heliograph</title>" in page


def test_a_downloaded_project_comes_back(browser: Browser, project: Project) -> None:
    client = browser("root")
    key = factories.access_key(project, "Deploy", type="ssh", secret="x")
    factories.template(project, repository_id=factories.repository(project, ssh_key_id=key.id).id)
    file = client.get(f"/p/{project.id}/settings/backup.json").data
    answer = send(client, file)
    again = newest()
    assert again.id != project.id
    assert (answer.status_code, answer.location) == (303, f"/p/{again.id}")
    assert client.get(f"/p/{again.id}/settings/backup.json").data == file
    assert "Project restored; 1 key has no secret yet" in toast(client, f"/p/{again.id}")
    assert "Empty</span>" in client.get(f"/p/{again.id}/keys").text


def test_what_is_not_kept_is_named_where_one_is_led_to(browser: Browser, project: Project) -> None:
    client = browser("root")
    answer = send(client, {"keys": [{"name": "K", "type": "ssh"}], "workflows": [{}]}, **HX)
    url = f"/p/{newest().id}/activity"
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, url)
    page = client.get(url).text
    assert "without 1 workflows" in page
    assert "Project restored; 1 key has no secret yet" in page


def test_new_addresses_of_webhooks_are_told_before_and_after(
    browser: Browser, project: Project
) -> None:
    client = browser("root")
    assert send(client, WEBSHOP.read_bytes()).location == f"/p/{newest().id}"
    told = send(client, WEBSHOP.read_bytes(), "/projects/import/_preview", **HX).text
    assert "3 addresses of webhooks are taken on this server" in told
    assert send(client, WEBSHOP.read_bytes()).location == f"/p/{newest().id}/activity"
    page = client.get(f"/p/{newest().id}/activity").text
    assert "Project restored; 7 keys have no secret yet; 3 addresses of webhooks had to be" in page
    assert "Integration push hook got the address" in page


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "Choose a file"),
        (b"\x00\xff", "The file is not JSON"),
        (b"[]", "The file must be a JSON object"),
        (b"[" * 500_001, "The file holds more than 500,000 values"),
        (b"[" * 100_000, "The file is not JSON"),
        (b'{"meta": ' + b"1" * 5000 + b"}", "The file is not JSON"),
        ({"meta": {"max_parallel_tasks": 10**50}}, "<code>meta.max_parallel_tasks</code>: "),
        ({"meta": {"name": ["x"]}}, "<code>meta.name</code>: Input should be a valid string"),
        (
            {"templates": [{"name": "T", "app": "bash", "playbook": "a", "repository": "R"}]},
            "<code>templates[0].repository</code>: There is no “R” among the repositories",
        ),
    ],
)
def test_a_refused_file_is_told_in_the_form_and_nothing_is_stored(
    browser: Browser, project: Project, content: Any, text: str
) -> None:
    before = count()
    answer = send(browser("root"), content, **HX)
    assert answer.status_code == 422
    assert text in answer.text
    assert "<h1" not in answer.text
    assert count() == before


def test_a_preview_says_what_would_come_and_makes_nothing(
    browser: Browser, project: Project
) -> None:
    before = count()
    answer = send(browser("root"), WEBSHOP.read_bytes(), "/projects/import/_preview", **HX)
    assert (answer.status_code, count()) == (200, before)
    assert "comes back with 9 keys" in answer.text and "13 templates" in answer.text
    assert "3 integrations" in answer.text and "1 address of the project" in answer.text
    assert "taken on this server" not in answer.text
    assert "7 keys are empty" in answer.text
    assert db.session.scalars(select(Event)).all() == []


def test_a_preview_of_a_wrong_file_names_its_mistakes(browser: Browser, project: Project) -> None:
    wrong = {"templates": [{"name": "T", "app": "bash", "playbook": "a", "repository": "R"}]}
    told = send(browser("root"), wrong, "/projects/import/_preview", **HX).text
    assert "This file would be refused" in told and "<code>templates[0].repository</code>" in told
    assert "The file is not JSON" in send(browser("root"), b"{", "/projects/import/_preview").text


def test_a_form_without_the_file_is_refused(browser: Browser, project: Project) -> None:
    answer = browser("root").post("/projects/import", data={"file": '{"meta": {"name": "X"}}'})
    assert answer.status_code == 422
    assert "Choose a file" in answer.text


def test_of_many_mistakes_the_first_are_shown_and_the_others_counted(
    browser: Browser, project: Project
) -> None:
    answer = send(browser("root"), {"keys": [{"name": "", "type": "none"}] * 1000})
    assert answer.text.count("<li><code>keys[") == 20
    assert "and 980 more" in answer.text


def test_names_of_the_file_are_text_in_the_page(browser: Browser, project: Project) -> None:
    view = {"title": "<script>alert(1)</script>", "position": 0}
    answer = send(browser("root"), {"views": [view, view]})
    assert answer.status_code == 422
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script>alert(1)" not in answer.text


def test_a_forged_form_makes_nothing(browser: Browser, project: Project) -> None:
    before = count()
    assert send(browser("root"), {}, **{"X-CSRF-Token": ""}).status_code == 403
    assert count() == before
