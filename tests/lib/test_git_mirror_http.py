"""A mirror of a repository that a web server has."""

import http.server
import threading

import pytest

from app.lib.git import GitSettings
from app.lib.git_errors import AuthRefused, Unreachable
from app.lib.git_mirror import Mirror
from app.lib.git_urls import parse_url
from tests.lib.git_repos import source


@pytest.fixture
def origin(tmp_path):
    return source(tmp_path / "origin")


@pytest.fixture
def said():
    return []


@pytest.fixture
def mirror(tmp_path, origin, said):
    return Mirror(tmp_path / "mirrors" / "1-x", origin.url, GitSettings(say=said.append))


class _Answer(http.server.SimpleHTTPRequestHandler):
    status = 0

    def do_GET(self):
        if self.status:
            self.send_error(self.status)
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    """Serve a directory over http on loopback, or answer every request with a status."""
    servers = []

    def start(directory, status=0):
        handler = type("Handler", (_Answer,), {"status": status})
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), lambda *given: handler(*given, directory=directory)
        )
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        return parse_url(f"http://127.0.0.1:{server.server_port}/")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_it_is_fetched_over_http(tmp_path, origin, serve):
    origin.git("update-server-info")
    mirror = Mirror(tmp_path / "m", serve(origin.path / ".git"), GitSettings())
    mirror.refresh()
    assert mirror.resolve("main").message == "First"


def test_a_server_that_asks_for_a_password_is_not_asked_again(tmp_path, serve):
    settings = GitSettings(pause=lambda _: pytest.fail("tried again"))
    with pytest.raises(AuthRefused, match="key"):
        Mirror(tmp_path / "m", serve(tmp_path, 401), settings).refresh()


def test_a_failing_network_is_tried_again_after_longer_and_longer_pauses(tmp_path, serve, said):
    slept = []
    settings = GitSettings(attempts=4, say=said.append, pause=slept.append)
    with pytest.raises(Unreachable):
        Mirror(tmp_path / "m", serve(tmp_path, 503), settings).refresh()
    assert sum(slept) == pytest.approx(1 + 2 + 4)
    assert [line for line in said if line.startswith("Attempt")] == [
        f"Attempt {n} of 4; the next in {2 ** (n - 1)} s" for n in (1, 2, 3)
    ]
