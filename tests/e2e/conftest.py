"""A whole server, started as a user starts it, and a browser in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests import factories
from tests.databases import new_database
from tests.lib.processes import until
from tests.servers import Server

SCRIPT = """
for i in $(seq 1 240); do echo "line $i of the script"; sleep 0.05; done
echo "done"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("e2e") / "instance", new_database(database_url))
    started.start_all()
    until(lambda: started.get("/healthz")[0] == 200)
    yield started
    started.process.terminate()
    started.process.wait(60)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return factories.git_repository(tmp_path_factory.mktemp("scripts") / "repo", count_sh=SCRIPT)


@pytest.fixture(scope="module")
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """One tab for the whole story; an error of a script fails the test at its end."""
    context = chromium.new_context(
        base_url=f"http://localhost:{server.port}",
        viewport={"width": 1366, "height": 900},
        reduced_motion="reduce",
    )
    tab = context.new_page()
    tab.set_default_timeout(30_000)
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert errors == []
