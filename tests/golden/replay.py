"""Sends the recorded requests to our application and collects what is answered differently."""

import json
from collections.abc import Iterator
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db, transaction
from app.identity import COOKIE
from app.lib import passwords
from app.models import Task, User
from app.services import sessions
from tests import factories
from tests.golden.compare import differences
from tests.golden.directions import DIRECTIONS, INSTEAD, Request
from tests.golden.exchanges import Exchange, in_order
from tests.golden.ids import Ids, alias_of, kind_of, name_of
from tests.golden.workers import Workers

PEOPLE = {
    "admin": "ada",
    "bye": "ada",
    "owner": "oli",
    "manager": "mia",
    "task_runner": "tom",
    "guest": "gus",
    "outsider": "ozz",
    "other": "bea",
}
CREATED = (200, 201, 204)


def _tasks() -> set[int]:
    db.session.rollback()
    return set(db.session.scalars(select(Task.id)))


class Replay:
    """One pass through all exchanges, on an empty database."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.ids = Ids()
        self._cookies: dict[str, str] = {}
        self._by_webhooks = 0
        self._workers = Workers(self.ids)
        ada = factories.user("ada", admin=True, password=passwords.hash_password("ada-Passw0rd!"))
        ada.name = "Ada Admin"
        factories.save()
        self.ids.bind("users", 1, ada.id)

    def run(self) -> Iterator[tuple[str, str]]:
        """The name of the exchange and what differs, for each difference."""
        for exchange in in_order():
            for request in DIRECTIONS.get(exchange.name, ()):
                self._direct(request)
            self._workers.before(exchange)
            before = _tasks()
            answer = self._send(exchange)
            self._learn(exchange, answer)
            yield from self._started(exchange, _tasks() - before)
            for difference in differences(exchange, answer, self.ids):
                yield exchange.name, difference
            if exchange.name in INSTEAD:
                self._again(exchange)
            if answer.status_code == 401 != exchange.status and exchange.actor:
                self._sign_in(exchange.actor)

    def _started(self, exchange: Exchange, tasks: set[int]) -> Iterator[tuple[str, str]]:
        """What a webhook started; the recorded ids count up."""
        if not exchange.name.startswith("webhooks"):
            return
        if exchange.tasks_started != len(tasks):
            yield exchange.name, f"tasks started: {exchange.tasks_started} → {len(tasks)}"
        self._by_webhooks += exchange.tasks_started
        for task in tasks:
            self.ids.bind("tasks", self._by_webhooks, task)
        if exchange.tasks_started and not tasks:
            self.ids.absent.add(("tasks", self._by_webhooks))

    def _send(self, exchange: Exchange) -> TestResponse:
        client, headers = self._client(exchange), dict(exchange.request["headers"])
        cookie = headers.pop("Cookie", "")
        if name := cookie.partition("=")[0]:
            value = cookie.partition("=")[2]
            client.set_cookie(name, self._session(value))
        if token := headers.get("Authorization"):
            headers["Authorization"] = self.ids.text(token)
        return client.open(
            self.ids.path(exchange.path),
            method=exchange.method,
            headers=headers,
            data=self._body(exchange),
        )

    def _client(self, exchange: Exchange) -> FlaskClient:
        client = self._app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{len(self._cookies)}"
        return client

    def _session(self, value: str) -> str:
        """The value of a recorded cookie; `<session of x>` is signed in when it is needed first."""
        actor = value.removeprefix("<session of ").removesuffix(">")
        if value == "<value before logout>":
            actor = "bye"
        elif actor == value:
            return value
        if actor not in self._cookies:
            self._sign_in(actor)
        return self._cookies[actor]

    def _sign_in(self, actor: str) -> None:
        row = db.session.scalars(select(User).filter_by(username=PEOPLE[actor])).one_or_none()
        if row:
            with transaction():
                self._cookies[actor] = sessions.open_for(row, ip="127.0.0.1", user_agent="test")

    def _body(self, exchange: Exchange) -> str | None:
        request = exchange.request
        if exchange.note == "JSON null as body":
            return "null"
        if "raw_body" in request or "body" not in request:
            return request.get("raw_body")
        body, kind = request["body"], kind_of(exchange.path)
        if exchange.path.endswith("/positions") and isinstance(body, dict):
            body = {
                str(self.ids.ours("views", int(key))) if key.isdigit() else key: value
                for key, value in body.items()
            }
        return json.dumps(self.ids.body(body, kind))

    def _learn(self, exchange: Exchange, answer: TestResponse) -> None:
        """What was made or deleted: by both, or by one of the two only."""
        theirs, here = (exchange.status or 500) < 400, answer.status_code < 400
        kind = kind_of(exchange.path)
        if exchange.method == "DELETE" and theirs != here and exchange.path[-1].isdigit():
            recorded = int(exchange.path.rpartition("/")[2])
            self._only(kind, recorded, self.ids.ours(kind, recorded), here=theirs)
        if exchange.method == "POST" and kind and (theirs or here):
            self._made(exchange, answer, kind)

    def _made(self, exchange: Exchange, answer: TestResponse, kind: str) -> None:
        ours = answer.json if answer.data and answer.status_code < 400 else {}
        recorded = self._recorded_id(exchange, kind)
        if recorded and ours:
            self.ids.bind(kind, recorded, ours["id"])
        elif ("id" in ours and type(ours["id"]) is int) or recorded:
            self._only(kind, recorded, ours.get("id"), here=bool(ours))

    def _recorded_id(self, exchange: Exchange, kind: str) -> int | None:
        """The id that was made: it is in the answer, or told by its name."""
        if exchange.status not in CREATED:
            return None
        if isinstance(exchange.body, dict):
            made = exchange.body.get("id")
            return made if type(made) is int else None
        given = exchange.request.get("body")
        if not isinstance(given, dict) or not exchange.path.endswith(kind):
            return None
        return self.ids.unseen(kind, name_of(given), given.get("project_id"))

    def _only(self, kind: str, recorded: int | None, ours: int | None, *, here: bool) -> None:
        """One side has it alone."""
        if here and ours:
            self.ids.extra.add((kind, ours))
        elif recorded and not here:
            self.ids.absent.add((kind, recorded))

    def _again(self, exchange: Exchange) -> None:
        """Send what was refused in a form that is not, so that what comes next can be compared."""
        body = exchange.request.get("body", {}) | INSTEAD[exchange.name]
        request = {**exchange.request, "body": body}
        request.pop("raw_body", None)
        changed = replace(exchange, request=request)
        answer = self._send(changed)
        assert answer.status_code in CREATED, (exchange.name, answer.text)
        kind = kind_of(exchange.path)
        if made := self._recorded_id(exchange, kind):
            self.ids.absent.discard((kind, made))
            self.ids.bind(kind, made, answer.json["id"])
        elif answer.data:
            self.ids.tokens[exchange.body["id"]] = answer.json["id"]

    def _direct(self, request: Request) -> None:
        """Do what was done between two recorded exchanges."""
        client = self._app.test_client()
        client.set_cookie(COOKIE, self._session("<session of admin>"))
        kind = kind_of(request.path)
        body = self.ids.body(request.body, kind)
        answer = client.open(self.ids.path(request.path), method=request.method, json=body)
        assert answer.status_code in CREATED, (request, answer.text)
        if isinstance(request.makes, str):
            self.ids.tokens[request.makes] = alias_of(answer.json["url"])
        elif request.makes:
            self.ids.absent.discard((kind, request.makes))
            self.ids.bind(kind, request.makes, answer.json["id"])
