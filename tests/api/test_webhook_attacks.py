"""What somebody sends who has no right to, or who wants to do harm."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.db import db, transaction
from app.models import Integration, IntegrationDelivery, Project, Task
from app.schemas.access_keys import AccessKeyIn
from app.services import access_keys, integration_deliveries
from tests import factories

SECRET = "vaultpw-of-the-hook"
BODY = b'{"ref": "refs/heads/main", "n": 5}'


@pytest.fixture
def hook(project: Project) -> Integration:
    given = {"login": "ci", "password": SECRET}
    data = AccessKeyIn(name="Hook", type="login_password", login_password=given)
    with transaction():
        key = access_keys.create(project, data, actor=None)
    survey = [{"name": name, "title": name, "type": "string"} for name in ("a", "b")]
    template = factories.template(project, survey_vars=survey, allow_parallel_tasks=True)
    return factories.integration(template, auth_secret_id=key.id, auth_header="X-Sig")


@pytest.fixture
def url(project: Project, hook: Integration) -> str:
    return f"/api/integrations/{factories.alias(project, hook)}"


def signature(algorithm: str, body: bytes = BODY, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()


def deliveries() -> list[IntegrationDelivery]:
    db.session.expire_all()
    return list(db.session.scalars(select(IntegrationDelivery).order_by(IntegrationDelivery.id)))


def runs() -> int:
    return db.session.scalar(select(func.count(Task.id))) or 0


# Method, its header, its algorithm, what stands before the signature.
SIGNED = [
    ("hmac", "X-Sig", "sha256", ""),
    ("hmac_sha512", "X-Sig", "sha512", ""),
    ("github", "X-Hub-Signature-256", "sha256", "sha256="),
    ("bitbucket", "X-Hub-Signature", "sha256", "sha256="),
]
Forgery = Callable[[str, str], tuple[str | None, bytes]]
# How a proof is forged, given algorithm and prefix: the header (None: there is none), the body.
FORGERIES: dict[str, Forgery] = {
    "missing": lambda _, __: (None, BODY),
    "empty": lambda _, __: ("", BODY),
    "a prefix alone": lambda _, prefix: (prefix or "=", BODY),
    "another algorithm": lambda name, prefix: (
        prefix + signature("sha512" if name == "sha256" else "sha256"), BODY,
    ),
    "an old algorithm": lambda _, __: (f"sha1={signature('sha1')}", BODY),
    "another prefix": lambda name, __: (f"sha512={signature(name)}", BODY),
    "truncated": lambda name, prefix: (prefix + signature(name)[:-1], BODY),
    "half of it": lambda name, prefix: (prefix + signature(name)[:32], BODY),
    "too long": lambda name, prefix: (prefix + signature(name) + "0", BODY),
    "twice": lambda name, prefix: (f"{prefix}{signature(name)}, {prefix}{signature(name)}", BODY),
    "another key": lambda name, prefix: (prefix + signature(name, secret="vaultpw"), BODY),
    "an empty key": lambda name, prefix: (prefix + signature(name, secret=""), BODY),
    "the key itself": lambda _, prefix: (prefix + SECRET, BODY),
    "no ASCII": lambda _, prefix: (prefix + "é" * 64, BODY),
    "a byte more": lambda name, prefix: (prefix + signature(name), BODY + b"\n"),
    "a byte less": lambda name, prefix: (prefix + signature(name), BODY[:-1]),
    "another value": lambda name, prefix: (prefix + signature(name), BODY.replace(b"5", b"6")),
    "no body": lambda name, prefix: (prefix + signature(name), b""),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize(("method", "header", "algorithm", "prefix"), SIGNED)
def test_a_forged_proof_starts_nothing(
    client: FlaskClient, url: str, hook: Integration, method: str, header: str, algorithm: str,
    prefix: str, forgery: str,
) -> None:  # fmt: skip
    hook.auth_method = method
    factories.save()
    proof, body = FORGERIES[forgery](algorithm, prefix)
    answer = client.post(url, data=body, headers={} if proof is None else {header: proof})
    assert (answer.status_code, answer.data) == (204, b"")
    assert [(row.verdict, row.task_id) for row in deliveries()] == [("unauthorised", None)]
    assert runs() == 0
    client.post(url, data=BODY, headers={header: prefix + signature(algorithm)})
    assert runs() == 1


def test_a_guess_learns_nothing_and_leaves_nothing(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    """Known and unknown addresses, right and wrong proofs: the same answer to the last header."""
    hook.auth_method, hook.per_minute = "hmac", 1
    factories.save()
    right = {"X-Sig": signature("sha256")}
    alias = url.rpartition("/")[2]
    guesses = (alias[:-1], f"{alias}x", alias.upper(), "%00", "' OR 1=1 --", "%", "a" * 2000)
    sent = [(url, {}), (url, right), (url, right)]
    sent += [(f"/api/integrations/{guess}", right) for guess in guesses]
    answers = [client.post(path, data=BODY, headers=headers) for path, headers in sent]
    assert len({(a.status_code, a.data, tuple(sorted(a.headers))) for a in answers}) == 1
    verdicts = [row.verdict for row in deliveries()]
    assert verdicts == ["unauthorised", "started", "limited"]


def test_who_cannot_prove_himself_uses_up_nobodys_limit(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    hook.auth_method, hook.per_minute = "hmac", 1
    factories.save()
    for _ in range(5):
        client.post(url, data=BODY, headers={"X-Sig": "0" * 64, "X-GitHub-Delivery": "7"})
    client.post(url, data=BODY, headers={"X-Sig": signature("sha256"), "X-GitHub-Delivery": "7"})
    assert [row.verdict for row in deliveries()] == ["unauthorised"] * 5 + ["started"]


DIGITS = b"9" * 4000
BOMBS = {
    "nested lists": b'{"ref": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "nested objects": b'{"ref":' * 200_000 + b"1" + b"}" * 200_000,
    "a number without end": b'{"ref": ' + b"9" * 1_000_000 + b"}",
    "many keys": b'{"ref": {' + b",".join(b'"k%d":0' % n for n in range(600_000)) + b"}}",
    "many lists": b'{"ref": [' + b"[]," * 600_000 + b"0]}",
    "one key again and again": b"{" + b'"ref":1,' * 600_000 + b'"ref":2}',
    "half a text": b'{"ref": "' + b"\\u0041" * 100_000,
    "no text": b'{"ref": "\xff\xfe"}',
    "half a surrogate": b'{"ref": "\\ud800"}',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_no_json_and_starts_nothing(
    client: FlaskClient, url: str, hook: Integration, bomb: str
) -> None:
    factories.matcher(hook, "ref", "x", method="unequals")
    factories.matcher(hook, "ref", "", method="contains", name="It is there")
    factories.extract_value(hook, "ref", "a")
    assert client.post(url, data=BOMBS[bomb]).status_code == 204
    (row,) = deliveries()
    assert (row.verdict, row.reason, runs()) == ("unmatched", "Not met: It is there", 0)
    assert row.found["missing"] == ["a"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (b"1e999999", "Infinity"),
        (b"-1e999999", "-Infinity"),
        (b"1e-999999", "0"),
        (DIGITS, DIGITS.decode()),
        (b"1e22", "10000000000000000000000"),
        (b"0.1" + b"0" * 10_000, "0.1"),
    ],
)
def test_a_large_number_is_a_text_like_any_other(
    client: FlaskClient, url: str, hook: Integration, number: bytes, text: str
) -> None:
    factories.extract_value(hook, "n", "a")
    assert client.post(url, data=b'{"n": ' + number + b"}").status_code == 204
    (row,) = deliveries()
    assert (row.verdict, row.found["environment"]) == ("started", {"a": text})


def test_what_is_found_again_and_again_is_kept_in_part(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    """A log that kept all of it would be many times as large as what was sent."""
    factories.matcher(hook, "text", "x", method="contains")
    for name in ("a", "b"):
        factories.extract_value(hook, "text", name)
    client.post(url, json={"text": "x" * 2_000_000})
    (row,) = deliveries()
    assert row.verdict == "refused" and "environment" in row.reason
    kept = [row.checks[0]["found"], *row.found["environment"].values()]
    assert [len(text) for text in kept] == [integration_deliveries.LONGEST] * 3


@pytest.mark.parametrize("place", ["header", "body", "query"])
def test_the_secret_is_not_written_down_where_a_rule_finds_it(
    client: FlaskClient, url: str, hook: Integration, place: str
) -> None:
    hook.auth_method = "token"
    rule: dict[str, Any] = {"match_type": place, "method": "contains"}
    factories.matcher(hook, "X-Sig", "vaultpw", **rule)
    factories.extract_value(hook, "X-Sig", "a", value_source=place)
    given = {"query_string": {"X-Sig": SECRET}, "data": json.dumps({"X-Sig": SECRET})}
    client.post(url, headers={"X-Sig": SECRET}, **given)
    (row,) = deliveries()
    assert (row.checks[0]["found"], row.found["environment"]) == ("***", {"a": "***"})
    run = db.session.scalars(select(Task)).one()
    assert json.loads(run.environment) == {"a": SECRET}  # the run gets what the rule says


def test_a_secret_at_the_end_of_what_is_kept_is_masked_before_it_is_cut(
    client: FlaskClient, url: str, hook: Integration
) -> None:
    hook.auth_method = "token"
    factories.save()
    text = "x" * (integration_deliveries.LONGEST - 6) + SECRET
    client.post(url, headers={"X-Sig": SECRET, "X-Long": text})
    assert deliveries()[0].headers["x-long"].endswith("xxx***")
