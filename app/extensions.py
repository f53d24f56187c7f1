"""Flask extensions, unbound until create_app(), and what services need of the application."""

from typing import Any

from flask import Flask, current_app
from flask_compress import Compress
from flask_login import LoginManager
from flask_sock import Sock
from redis import Redis as RedisClient
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from app.config import Config
from app.db import on_commit
from app.lib.keyring import Keyring

compress = Compress()
login = LoginManager()
sock = Sock()

# Time limits are the task's, not RQ's; results are rows, so the queue keeps nothing.
JOB: dict[str, Any] = {"job_timeout": -1, "result_ttl": 0, "failure_ttl": 600}
PREFIX = "heliograph:"
KICK = PREFIX + "kick"


def connect(config: Config, **options: Any) -> RedisClient:
    """A client that fails at once when Redis is away: the default retries for seconds."""
    if config.REDIS_URL.startswith("rediss:") and config.REDIS_TLS_INSECURE:
        options["ssl_cert_reqs"] = None
    wanted = {"socket_timeout": 2, "socket_connect_timeout": 2} | options
    return RedisClient.from_url(config.REDIS_URL, retry=Retry(NoBackoff(), 0), **wanted)


class Redis:
    """The client of this process for commands that answer at once."""

    def init_app(self, app: Flask) -> None:
        app.extensions["redis"] = connect(app.config["HELIOGRAPH"])

    @property
    def client(self) -> RedisClient:
        """Shared by the process; it answers bytes."""
        return current_app.extensions["redis"]

    def blocking(self) -> RedisClient:
        """A client of its own for somebody who waits (XREAD BLOCK, SUBSCRIBE)."""
        return connect(settings(), socket_timeout=None)


redis = Redis()


def settings() -> Config:
    """The settings of the running application."""
    return current_app.config["HELIOGRAPH"]


def keyring() -> Keyring:
    """What secrets are encrypted with, as it was when the application was made."""
    return current_app.extensions["keyring"]


def queue(name: str) -> Queue:
    """A queue of RQ. Jobs are JSON: what reaches Redis can never become code in a worker."""
    return Queue(name, connection=redis.client, serializer=JSONSerializer)


def kick() -> None:
    """Ask the dispatcher, after commit, to look who may start now."""
    on_commit(publish_kick)


def publish_kick() -> None:
    """Ask the dispatcher now."""
    redis.client.publish(KICK, b"")
