"""What a sender of webhooks starts, and what is written down of it."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db, transaction
from app.models import Integration, IntegrationDelivery, Project, Task, TaskTemplate
from app.schemas.access_keys import AccessKeyIn
from app.services import access_keys, integration_deliveries
from tests import factories

SECRET = "vaultpw-of-the-hook"
PUSH = {"ref": "refs/heads/main", "head": {"id": "abc123"}, "n": 5}


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    names = ("commit", "event", "region")
    survey = [{"name": name, "title": name, "type": "string"} for name in names]
    return factories.template(
        project, survey_vars=survey, allow_override_branch_in_task=True, allow_parallel_tasks=True
    )


@pytest.fixture
def hook(template: TaskTemplate) -> Integration:
    return factories.integration(template)


@pytest.fixture
def url(project: Project, hook: Integration) -> str:
    return f"/api/integrations/{factories.alias(project, hook)}"


def key(project: Project, login: str = "ci") -> int:
    given = {"login": login, "password": SECRET}
    data = AccessKeyIn(name="Hook", type="login_password", login_password=given)
    with transaction():
        return access_keys.create(project, data, actor=None).id


def send(client: FlaskClient, url: str, body: Any = PUSH, **headers: str) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post(url, data=data, headers=named)
    assert (answer.status_code, answer.data) == (204, b"")


def log() -> list[IntegrationDelivery]:
    db.session.expire_all()
    return list(db.session.scalars(select(IntegrationDelivery).order_by(IntegrationDelivery.id)))


def last() -> tuple[str, str]:
    return log()[-1].verdict, log()[-1].reason


def runs() -> list[Task]:
    return list(db.session.scalars(select(Task).order_by(Task.id)))


def test_a_request_starts_a_run_with_what_it_brings(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    factories.matcher(hook, "ref", "refs/heads/main")
    factories.matcher(hook, "X-Event", "push", match_type="header")
    factories.extract_value(hook, "head.id", "commit")
    factories.extract_value(hook, "X-Event", "event", value_source="header")
    factories.extract_value(hook, "ref", "git_branch", variable_type="task")
    hook.task_params = {"message": "pushed", "environment": '{"region": "eu", "commit": "-"}'}
    factories.save()
    send(client, url, X_Event="push")
    run = runs()[0]
    assert json.loads(run.environment) == {"region": "eu", "commit": "abc123", "event": "push"}
    assert (run.message, run.git_branch) == ("pushed", "refs/heads/main")
    assert (run.user_id, run.integration_id) == (None, hook.id)
    delivery = log()[0]
    assert (delivery.verdict, delivery.task_id, delivery.body) == (
        "started", run.id, json.dumps(PUSH).encode(),
    )  # fmt: skip
    assert [check["met"] for check in delivery.checks] == [True, True]


def test_what_does_not_match_starts_nothing_and_says_which(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    factories.matcher(hook, "ref", "refs/heads/main")
    factories.matcher(hook, "X-Event", "push", match_type="header")
    for body, reason in (
        (PUSH, "Not met: X-Event"),
        ({"ref": "other"}, "Not met: ref, X-Event"),
        (b"zzz", "Not met: ref, X-Event"),
        (b"", "Not met: ref, X-Event"),
    ):
        send(client, url, body)
        assert last() == ("unmatched", reason)
    assert runs() == []


def test_nobody_learns_which_addresses_exist(client: FlaskClient, url: str) -> None:
    for path in ("/api/integrations/nosuchalias", url):
        assert client.post(path, data=b"{}").status_code == 204
        assert client.options(path).status_code == 204
    assert client.put(url).status_code == 404
    assert len(runs()) == 1


def test_get_brings_its_values_in_the_query(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    factories.matcher(hook, "branch", "main", match_type="query")
    factories.extract_value(hook, "commit", "commit", value_source="query")
    assert client.get(f"{url}?branch=main&commit=abc").status_code == 204
    assert json.loads(runs()[0].environment) == {"commit": "abc"}


def signed(algorithm: str, body: bytes = json.dumps(PUSH).encode()) -> str:
    return hmac.new(SECRET.encode(), body, getattr(hashlib, algorithm)).hexdigest()


BASIC = base64.b64encode(f"ci:{SECRET}".encode()).decode()
WRONG_LOGIN = base64.b64encode(f"root:{SECRET}".encode()).decode()
SENDERS = [
    ("token", "X-Token", SECRET, ["", "no", SECRET + " x"]),
    ("hmac", "X-Sig", signed("sha256"), ["", signed("sha512"), f"sha256={signed('sha256')}"]),
    ("hmac_sha512", "X-Sig", signed("sha512"), ["", signed("sha256"), signed("sha512")[:-2]]),
    ("github", "X-Hub-Signature-256", f"sha256={signed('sha256')}",
     ["", signed("sha256"), f"sha1={signed('sha1')}", f"sha256={signed('sha256')[:-1]}",
      f"sha256={signed('sha256', b'altered')}", "sha256="]),
    ("bitbucket", "X-Hub-Signature", f"sha256={signed('sha256')}", ["", signed("sha256")]),
    ("basic", "Authorization", f"Basic {BASIC}", ["", f"Basic {WRONG_LOGIN}", "Basic =", BASIC]),
]  # fmt: skip


@pytest.mark.parametrize(("method", "header", "right", "wrong"), SENDERS)
def test_a_sender_must_prove_itself(
    client: FlaskClient, project: Project, url: str, hook: Integration,
    method: str, header: str, right: str, wrong: list[str],
) -> None:  # fmt: skip
    hook.auth_method, hook.auth_secret_id = method, key(project)
    hook.auth_header = "x-token" if method == "token" else "X-Sig"
    factories.save()
    for proof in wrong:
        send(client, url, **({header: proof} if proof else {}))
        assert last()[0] == "unauthorised", proof
    assert runs() == []
    send(client, url, **{header: right})
    assert last()[0] == "started" and len(runs()) == 1
    assert all(SECRET not in json.dumps(row.headers) for row in log())
    assert all(BASIC not in json.dumps(row.headers) for row in log())


def test_the_secret_is_not_written_down_wherever_it_stands(
    client: FlaskClient, project: Project, url: str, hook: Integration
) -> None:
    hook.auth_method, hook.auth_secret_id, hook.auth_header = "token", key(project), "X-Token"
    factories.save()
    send(client, f"{url}?echo={SECRET}", {"said": SECRET}, X_Token=SECRET, X_Other=f"is {SECRET}")
    row = log()[0]
    assert row.body == b'{"said": "***"}' and row.query == {"echo": "***"}
    assert (row.headers["x-token"], row.headers["x-other"]) == ("***", "is ***")


def test_nor_is_a_part_of_it_where_a_large_body_is_cut(
    client: FlaskClient, project: Project, url: str, hook: Integration
) -> None:
    hook.auth_method, hook.auth_secret_id, hook.auth_header = "token", key(project), "X-Token"
    factories.save()
    body = b"x" * (integration_deliveries.BODY - 8) + SECRET.encode() + b"y" * 100
    send(client, url, body, X_Token=SECRET)
    assert log()[0].body.startswith(b"x" * 100) and SECRET[:4].encode() not in log()[0].body


def test_a_projects_address_asks_all_that_are_searchable(
    client: FlaskClient, project: Project, template: TaskTemplate, hook: Integration
) -> None:
    shared = f"/api/integrations/{factories.alias(project)}"
    first = factories.integration(template, "First", searchable=True)
    second = factories.integration(template, "Second", searchable=True)
    bare = factories.integration(template, "Bare", searchable=True)
    factories.matcher(first, "n", "5")
    factories.matcher(second, "n", "6")
    send(client, shared)
    assert [(row.integration_id, row.verdict) for row in log()] == [
        (first.id, "started"), (second.id, "unmatched"), (bare.id, "unmatched"),
    ]  # fmt: skip
    assert "No matcher" in log()[-1].reason and len(runs()) == 1


def test_what_may_not_be_given_is_refused_and_named(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    factories.extract_value(hook, "ref", "nobody_asked")
    factories.extract_value(hook, "ref", "limit", variable_type="task")
    hook.task_params = {"arguments": '["-x"]'}
    factories.save()
    send(client, url)
    verdict, reason = last()
    assert verdict == "refused" and runs() == []
    for name in ("nobody_asked", "limit", "arguments"):
        assert name in reason


def test_a_repeated_delivery_starts_one_run(client: FlaskClient, url: str, hook: Integration):
    hook.auth_method = "none"
    factories.save()
    for _ in range(3):
        send(client, url, X_GitHub_Delivery="72d3162e-cc78")
    assert [row.verdict for row in log()] == ["started", "duplicate", "duplicate"]
    assert f"as delivery {log()[0].id} and started run {runs()[0].id}" in last()[1]
    send(client, url, X_GitHub_Delivery="another")
    assert len(runs()) == 2


def test_one_that_started_nothing_may_come_again(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    rule = factories.matcher(hook, "ref", "never")
    send(client, url, X_GitHub_Delivery="72d3162e")
    rule.value = "refs/heads/main"
    factories.save()
    send(client, url, X_GitHub_Delivery="72d3162e")
    assert [row.verdict for row in log()] == ["unmatched", "started"]


@pytest.mark.parametrize(
    ("mode", "states"),
    [
        ("queue", ["waiting", "waiting", "waiting"]),
        ("skip", ["waiting"]),
        ("replace", ["stopped", "stopped", "waiting"]),
    ],
)
def test_of_many_at_once(
    client: FlaskClient, url: str, hook: Integration, mode: str, states: list[str]
) -> None:
    hook.when_waiting = mode
    factories.save()
    for _ in range(3):
        send(client, url)
    assert [run.status for run in runs()] == states
    if mode == "skip":
        assert last() == ("skipped", f"Run {runs()[0].id} of it still waits")


def test_a_limit_in_a_minute(client: FlaskClient, url: str, hook: Integration) -> None:
    hook.per_minute = 2
    factories.save()
    for _ in range(4):
        send(client, url)
    assert [row.verdict for row in log()] == ["started", "started", "limited", "limited"]


def test_a_large_body_is_matched_whole_and_kept_in_part(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    factories.matcher(hook, "end", "here")
    send(client, url, {"much": "x" * 1_000_000, "end": "here"})
    row = log()[0]
    assert row.verdict == "started" and len(row.body) == 256 * 1024 and not row.is_whole


def test_too_much_is_refused_before_it_is_looked_at(client: FlaskClient, url: str) -> None:
    assert client.post(url, data=b"x" * (16 * 1024 * 1024 + 1)).status_code == 413
    assert log() == [] and runs() == []
