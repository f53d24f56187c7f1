"""What gunicorn is told, and what it must not load before its workers are patched."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def gunicorn_settings(**env: str) -> dict[str, Any]:
    """What gunicorn.conf.py sets, and what is loaded afterwards that gevent should patch first."""
    script = (
        "import json, runpy, sys; found = runpy.run_path('gunicorn.conf.py');"
        "found['early'] = [name for name in ('app.application', 'flask', 'redis', 'sqlalchemy',"
        "'ssl', 'threading', 'subprocess') if name in sys.modules];"
        "print(json.dumps({k: v for k, v in found.items() if k in ('bind', 'workers', 'early',"
        "'worker_class', 'worker_connections', 'accesslog', 'control_socket_disable')}))"
    )
    kept = {"PATH": os.environ["PATH"]}
    argv = [sys.executable, "-c", script]
    output = subprocess.run(argv, cwd=ROOT, env=kept | env, capture_output=True, check=True).stdout
    settings: dict[str, Any] = json.loads(output)
    return settings


def test_gunicorn_runs_one_gevent_process_on_loopback_by_default() -> None:
    assert gunicorn_settings() == {
        "bind": "127.0.0.1:3000",
        "workers": 1,
        "worker_class": "gevent",
        "worker_connections": 5000,
        "accesslog": None,
        "control_socket_disable": True,
        "early": [],
    }


@pytest.mark.parametrize(
    ("env", "bind"),
    [
        ({"PORT": "8080"}, "0.0.0.0:8080"),
        ({"SEMAPHORE_PORT": "8080"}, "127.0.0.1:8080"),
        ({"SEMAPHORE_INTERFACE": "192.0.2.1"}, "192.0.2.1:3000"),
        ({"SEMAPHORE_INTERFACE": "::1", "PORT": "8080"}, "[::1]:8080"),
    ],
)
def test_gunicorn_listens_where_the_settings_say(env: dict[str, str], bind: str) -> None:
    assert gunicorn_settings(**env)["bind"] == bind


def test_gunicorn_runs_as_many_processes_as_the_platform_wants() -> None:
    env = {"WEB_CONCURRENCY": "3", "DATABASE_URL": "postgres://db.example.test/heliograph"}
    assert gunicorn_settings(**env)["workers"] == 3
