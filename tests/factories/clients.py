"""Who asks the server: browsers, and programs with a token."""

import socket
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import csrf
from app.db import db, transaction
from app.identity import COOKIE
from app.models import User
from app.services import api_tokens, sessions


class Client(FlaskClient):
    """Each request has a `g` and a database session of its own, as on a server.

    The tests hold an application context, which a request would otherwise share with them and
    with the requests before it: it would still know who signed in last.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.rollback()
        db.session.expire_all()  # what the test has read may be stale after the request
        with self.application.app_context():
            return super().open(*args, **kwargs)


def browser_of(app: Flask) -> Callable[[str], FlaskClient]:
    def sign_in(name: str) -> FlaskClient:
        person = db.session.scalars(select(User).filter_by(username=name)).one()
        with transaction():
            secret = sessions.open_for(person, ip="127.0.0.1", user_agent="test")
        client = app.test_client()
        client.set_cookie(COOKIE, secret)
        client.environ_base["HTTP_X_CSRF_TOKEN"] = csrf.token_of(sessions.find(secret).id)
        return client

    return sign_in


def api_of(app: Flask) -> Callable[[str], FlaskClient]:
    def sign_in(name: str) -> FlaskClient:
        person = db.session.scalars(select(User).filter_by(username=name)).one()
        with transaction():
            secret = api_tokens.create(person)[1]
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return client

    return sign_in


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
