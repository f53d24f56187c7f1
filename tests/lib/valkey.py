"""A Valkey for tests, as the supervisor starts it."""

import subprocess

from app.lib.embedded_redis import EmbeddedRedis
from tests.lib.processes import until


def start(server: EmbeddedRedis) -> subprocess.Popen[bytes]:
    """Start it and return when it answers; who has started it kills it."""
    argv, configuration = server.command()
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin
    with process.stdin:
        process.stdin.write(configuration)
    until(server.is_ready)
    return process
