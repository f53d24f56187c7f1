"""Each sender that has a form: what it sends is taken as it signs it, and nothing else."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db, transaction
from app.lib import signatures
from app.models import IntegrationDelivery, Project, Task, TaskTemplate
from app.schemas.access_keys import AccessKeyIn
from app.services import access_keys, integrations, webhook_senders
from tests import factories

Browser = Callable[[str], FlaskClient]
SECRET = "It's a Secret to Everybody"
LOGIN = f"ops:{SECRET}".encode()

# Body, secret and signature as the senders print them in their documents; Gitea prints none, so it
# has those of RFC 4231.
VECTORS = {
    "github": (b"Hello, World!", SECRET,
               "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
    "bitbucket": (b"Hello World!", SECRET,
                  "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"),
    "gitea": (b"what do ya want for nothing?", "Jefe",
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
}  # fmt: skip
# How each proves itself: the headers that it sends beside those of its example.
PROOFS: dict[str, Callable[[bytes], dict[str, str]]] = {
    "github": lambda body: {
        "X-Hub-Signature": f"sha1={digest(body, 'sha1')}",
        "X-Hub-Signature-256": f"sha256={digest(body)}",
    },
    "gitlab": lambda _: {"X-Gitlab-Token": SECRET},
    "bitbucket": lambda body: {"X-Hub-Signature": f"sha256={digest(body)}"},
    "gitea": lambda body: {
        "X-Gitea-Signature": digest(body),
        "X-Gogs-Signature": digest(body),
        "X-Hub-Signature": f"sha1={digest(body, 'sha1')}",
        "X-Hub-Signature-256": f"sha256={digest(body)}",
    },
    "alertmanager": lambda _: {"Authorization": f"Basic {b64encode(LOGIN).decode()}"},
    "grafana": lambda body: {"X-Grafana-Alerting-Signature": digest(body)},
    "json": lambda _: {"X-Token": SECRET},
}
SIGNED = ("github", "bitbucket", "gitea", "grafana")
NO_ID = ("alertmanager", "grafana")  # what they send twice cannot be told from news


def digest(body: bytes, algorithm: str = "sha256") -> str:
    return hmac.new(SECRET.encode(), body, algorithm).hexdigest()


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project, allow_parallel_tasks=True)


def made_for(name: str, browser: Browser, project: Project, template: TaskTemplate) -> str:
    """The address of an integration as the form of this sender makes it."""
    sender = webhook_senders.known()[name]
    data = AccessKeyIn(
        name="Hook", type="login_password", login_password={"login": "ops", "password": SECRET}
    )
    with transaction():
        key = access_keys.create(project, data, actor=None)
    form = {"name": "On push", "template_id": template.id, "auth_method": sender.auth_method,
            "auth_header": sender.auth_header, "auth_secret_id": key.id, "matchers": "1",
            "when_waiting": "queue", "per_minute": "0"}  # fmt: skip
    answer = browser("bob").post(f"/p/{project.id}/integrations/new/{name}", data=form)
    assert answer.status_code == 303
    (row,) = integrations.list_for(project)
    return f"/api/integrations/{row.aliases[0].alias}"


def send(client: FlaskClient, url: str, body: bytes, *headers: dict[str, str]) -> str:
    """Send a request; the verdict on it."""
    given = {name: value for part in headers for name, value in part.items()}
    assert client.post(url, data=body, headers=given).status_code == 204
    newest = select(IntegrationDelivery.verdict).order_by(IntegrationDelivery.id.desc())
    return db.session.scalars(newest).first()


@pytest.mark.parametrize("name", VECTORS)
def test_the_signature_that_a_sender_prints_holds(name: str) -> None:
    body, secret, printed = VECTORS[name]
    assert signatures.is_signed(printed, body, secret, algorithm="sha256")
    assert not signatures.is_signed(printed, body + b"!", secret, algorithm="sha256")


@pytest.mark.parametrize("name", webhook_senders.NAMES)
def test_what_a_sender_sends_starts_a_run_and_what_others_make_of_it_does_not(
    client: FlaskClient, browser: Browser, project: Project, template: TaskTemplate, name: str
) -> None:
    sender, url = webhook_senders.known()[name], made_for(name, browser, project, template)
    # As compact as they send it, with what JSON need not escape.
    body = json.dumps(sender.body | {"by": "Adéla ☀"}, ensure_ascii=False, separators=(",", ":"))
    sent, proof = body.encode(), PROOFS[name](body.encode())
    again = {header: "second" for header in sender.headers if header in REPEATED}
    assert send(client, url, sent, sender.headers) == "unauthorised"
    assert send(client, url, sent, sender.headers, forged(proof)) == "unauthorised"
    assert send(client, url, sent, sender.headers, proof) == "started"
    if name not in NO_ID:
        assert send(client, url, sent, sender.headers, proof) == "duplicate"
    if name in SIGNED:
        other = body.replace("☀", "☁").encode()
        assert send(client, url, other, sender.headers, proof, again) == "unauthorised"
    assert send(client, url, b"{}", sender.headers, PROOFS[name](b"{}"), again) == "unmatched"
    assert send(client, url, sent, sender.headers, proof, again) == "started"
    assert len(db.session.scalars(select(Task)).all()) == 2


REPEATED = ("X-GitHub-Delivery", "X-Gitea-Delivery", "X-Request-UUID", "Idempotency-Key")


def forged(proof: dict[str, str]) -> dict[str, str]:
    """Each proof with another last character."""
    return {name: value[:-1] + ("0" if value[-1] != "0" else "1") for name, value in proof.items()}


@pytest.mark.parametrize("name", SIGNED)
def test_a_sender_without_a_secret_signs_nothing_and_is_not_let_in(
    client: FlaskClient, browser: Browser, project: Project, template: TaskTemplate, name: str
) -> None:
    url, sender = made_for(name, browser, project, template), webhook_senders.known()[name]
    body = sender.example.encode()
    nothing = hmac.new(b"", body, hashlib.sha256).hexdigest()
    for signed in (nothing, f"sha256={nothing}"):
        proof = dict.fromkeys(PROOFS[name](body), signed)
        assert send(client, url, body, sender.headers, proof) == "unauthorised"
    assert db.session.scalars(select(Task)).all() == []
