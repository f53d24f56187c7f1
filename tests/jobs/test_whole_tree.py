"""SIGTERM to every process of the product at once, as a platform ends a machine."""

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.lib.process_tree import descendants
from tests.chaos.product import PATIENCE, Product
from tests.factories import git_repository
from tests.lib.processes import is_alive, until

pytestmark = [pytest.mark.processes]


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    made = Product(tmp_path, 2, HELIOGRAPH_SHUTDOWN_GRACE="6")
    made.start()
    made.client.sign_in()
    yield made
    made.client.close()
    made.end()


def test_all_is_drained_and_goes_on_with_the_next_start(product, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    said = f'trap "" TERM; echo "$1" >> {notes}/begun; sleep "$1"; echo "$1" >> {notes}/ended\n'
    repository = git_repository(tmp_path / "repo", run_sh=said)
    short, long = (
        product.client.template(repository, "run.sh", arguments=json.dumps([seconds]))
        for seconds in ("3", "300")
    )
    ids = [product.client.start(template) for template in (short, long, short)]
    until(lambda: (notes / "begun").exists() and len((notes / "begun").read_text().split()) == 2)
    assert product.process
    tree = [product.process.pid, *descendants(product.process.pid)]
    for pid in tree:
        with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
            os.kill(pid, signal.SIGTERM)
    assert product.process.wait(PATIENCE) == 0
    until(lambda: not any(is_alive(pid) for pid in tree))
    product.start()
    found = [product.client.finished(short, ids[0]), product.client.finished(long, ids[1])]
    assert [task["status"] for task in found] == ["success", "error"], found
    assert found[1]["reason"] == "The worker was shut down before the run had finished"
    assert product.client.finished(short, ids[2])["status"] == "success"
    assert sorted((notes / "begun").read_text().split()) == ["3", "3", "300"]
