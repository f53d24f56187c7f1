"""The script of docs/api.md, word by word, against a server with a worker."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import factories
from tests.databases import new_database
from tests.lib.processes import until
from tests.servers import Server

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]

DOCS = Path(__file__).parents[1] / "docs" / "api.md"
HEADING = "## A script from the time of 2.10\n"
HELLO = 'echo "$GREETING, $1"\n'


def script() -> str:
    part = DOCS.read_text().partition(HEADING)[2].partition("\n## ")[0]
    (block,) = re.findall(r"^```bash\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    return block


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    started = Server(tmp_path / "instance", new_database(database_url))
    started.start(SEMAPHORE_ADMIN="ada", SEMAPHORE_ADMIN_PASSWORD=factories.PASSWORD)
    until(lambda: started.ping() and started.part("worker.py"))
    yield started
    started.process.terminate()
    started.process.wait(60)


def test_it_runs_what_it_says(server: Server, tmp_path: Path) -> None:
    repository = factories.git_repository(tmp_path / "repo", hello_sh=HELLO)
    given = {
        "HELIOGRAPH_URL": f"http://127.0.0.1:{server.port}",
        "LOGIN": "ada",
        "PASSWORD": factories.PASSWORD,
        "REPOSITORY": f"file://{repository}",
        "PATH": os.environ["PATH"],
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(
        ["bash", "-c", script()], env=given, capture_output=True, text=True, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "hello, world" in done.stdout.splitlines()
    assert list(tmp_path.glob("tmp.*")) == []  # the cookies are gone
