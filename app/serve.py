"""`python wsgi.py`: Valkey, migrations, web and worker on one machine, as one program."""

import argparse
import http.client
import os
import socket
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from app import invitation
from app.boot import open_keyring, prepare
from app.config import Config
from app.lib.embedded_redis import EmbeddedRedis, RedisUnavailable
from app.lib.guarded import Program
from app.lib.hardening import scrub_environment
from app.lib.migrated import is_newest
from app.lib.settings import SettingError
from app.lib.supervisor import supervise

ROOT = Path(__file__).parents[1]
VERSIONS = ROOT / "app" / "migrations" / "versions"
BURIAL = 10.0  # seconds beyond the grace in which a worker ends what it has to cut off
OTHERS = 5.0  # seconds for web and Valkey, which stop after it
PATIENCE = 0.25  # seconds for the answer to a ping: a longer wait would delay Ctrl-C
FIRST_PAGE = 5.0  # seconds for the first page, whose template is compiled
LOCALLY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where all addresses include these


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything until a signal; returns the exit code. One line says what is wrong."""
    os.chdir(ROOT)
    try:
        given = Config.load(**_flags(arguments))
        config = prepare(given)
        open_keyring(config)
        redis = None if given.REDIS_URL else EmbeddedRedis(config.DATA_DIR / "redis")
        if redis:
            redis.reserve()
        check_address(*config.bind)
        programs = programs_of(config, redis)
    except (SettingError, RedisUnavailable, OSError) as error:
        sys.exit(f"heliograph: {error}")
    scrub_environment()
    return supervise(programs, limit=config.SHUTDOWN_GRACE + BURIAL + OTHERS)


def programs_of(config: Config, redis: EmbeddedRedis | None) -> list[Program]:
    """What is to run, in the order of the start; `redis` is None where a server is configured."""
    python, environment = sys.executable, dict(os.environ)
    host, port = config.bind
    web = ["-m", "gunicorn", "-c", "gunicorn.conf.py", "--bind", config.listen, "wsgi:app"]
    programs = [
        Program(
            "web",
            [python, *web],
            environment,
            ready=partial(answers_ping, host, port),
            announcement=partial(welcome, config),
            stop_limit=OTHERS,
        ),
        Program(
            "worker",
            [python, "worker.py"],
            environment,
            stop_limit=config.SHUTDOWN_GRACE + BURIAL,
        ),
    ]
    if not is_migrated(config):
        upgrade = [python, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
        programs.insert(0, Program("migrations", upgrade, environment, once=True))
    if redis:
        programs.insert(0, valkey(redis))
    return programs


def valkey(redis: EmbeddedRedis) -> Program:
    """A foreign program: it is told its configuration and nothing of our environment."""
    argv, configuration = redis.command()
    return Program(
        "valkey",
        argv,
        {},
        stdin=configuration,
        ready=redis.is_ready,
        until_its_turn=True,
        hint=f"see {redis.log}",
        quiet=True,  # it has a log; here it would only say that it reads its configuration
    )


def is_migrated(config: Config) -> bool:
    """Whether the step of the migrations can be left out; other databases are always asked."""
    kind, _, path = config.database_url.partition(":///")
    return kind == "sqlite" and is_newest(Path(path), VERSIONS)


def check_address(host: str, port: int) -> None:
    """Raise SettingError if nobody can listen there: gunicorn would say so again and again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            reason = f"{host}:{port} cannot be used: {error.strerror}"
            raise SettingError(f"{reason}. Choose another with --port or PORT") from error


def answers_ping(host: str, port: int) -> bool:
    """Whether the application answers, not only the socket."""
    return ask(host, port, "/api/ping", PATIENCE) == (200, b"pong")


def welcome(config: Config) -> str:
    """What a person wants to know when it runs: the address, and how to begin."""
    lines = [f"Heliograph runs at {invitation.address(config)} (Ctrl-C stops it)"]
    status, _ = ask(*config.bind, "/setup", FIRST_PAGE)
    if status == http.client.OK:  # as long as there is no user
        lines.append(f"Set it up at       {invitation.setup_address(config)}")
    return "\n".join(lines)


def ask(host: str, port: int, path: str, timeout: float) -> tuple[int, bytes]:
    """GET from our own web server: status and body, or 0 and nothing without an answer in time."""
    connection = http.client.HTTPConnection(LOCALLY.get(host, host), port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().strip()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def _flags(arguments: Sequence[str] | None) -> dict[str, Any]:
    parser = argparse.ArgumentParser("python wsgi.py", description="Start Heliograph here.")
    parser.add_argument("--port", help="port of the web server")
    parser.add_argument("--host", dest="interface", help="address to listen on")
    return vars(parser.parse_args(arguments))
