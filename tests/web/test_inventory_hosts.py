"""The hosts of an inventory on its page: not looked for yet, being read, failed, and read."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.extensions import queue
from app.models import Inventory, Project
from app.services import inventory_hosts, probes
from tests import factories

Browser = Callable[[str], FlaskClient]
HX = {"HX-Request": "true"}
ANSWER = {
    "hosts": [
        {"name": "db1", "groups": ["db"], "vars": {}},
        {"name": "web1", "groups": ["web"], "vars": {"port": 80, "note": "</pre><script>x"}},
        {"name": "web2", "groups": ["web"], "vars": {}},
    ],
    "groups": [
        {"name": "db", "hosts": 1, "children": []},
        {"name": "web", "hosts": 2, "children": []},
    ],
    "host_count": 3,
    "group_count": 2,
    "more": False,
}


@pytest.fixture
def inventory(project: Project) -> Inventory:
    return factories.inventory(project, "Production")


@pytest.fixture
def url(inventory: Inventory) -> str:
    return f"/p/{inventory.project_id}/inventories/{inventory.id}"


def settle(answer: dict[str, Any] | None, reason: str = "") -> None:
    """Answer what a page has asked, as a worker would."""
    job = queue(probes.queue_name()).jobs[-1]
    probes.settle(job.args[0], job.id, answer, reason)


@pytest.fixture
def read(browser: Browser, url: str) -> None:
    factories.worker()
    browser("carol").post(f"{url}/_hosts", headers=HX)
    settle(ANSWER)


def test_who_may_run_has_it_read_at_once(browser: Browser, url: str) -> None:
    page = browser("carol").get(url).text
    assert f'hx-post="{url}/_hosts" hx-trigger="load"' in page
    assert "Load now" in page
    assert queue(probes.queue_name()).count == 0


def test_a_guest_sees_the_numbers_of_the_last_look(
    browser: Browser, project: Project, url: str, inventory: Inventory
) -> None:
    inventory.checked, inventory.host_count, inventory.group_count = project.created, 3, 2
    factories.save()
    page = browser("dave").get(url).text
    assert "3 hosts in 2 groups when it was read" in page
    assert "hx-post" not in page[page.index('id="hosts"') :]
    assert browser("dave").post(f"{url}/_hosts", headers=HX).status_code == 403


def test_while_it_is_read_the_page_asks_again(browser: Browser, url: str) -> None:
    factories.worker()
    fragment = browser("carol").post(f"{url}/_hosts", headers=HX).text
    assert "Reading the inventory" in fragment
    assert f'hx-get="{url}/_hosts"' in fragment
    assert "Reading the inventory" in browser("dave").get(f"{url}/_hosts", headers=HX).text
    assert queue(probes.queue_name()).count == 1


def test_without_scripts_the_page_is_shown_again(browser: Browser, url: str) -> None:
    factories.worker()
    answer = browser("carol").post(f"{url}/_hosts")
    assert (answer.status_code, answer.location) == (303, url)
    assert browser("dave").get(f"{url}/_hosts").location == url


def test_without_a_worker_it_says_so_with_a_way_to_retry(browser: Browser, url: str) -> None:
    fragment = browser("carol").post(f"{url}/_hosts", headers=HX).text
    assert "No worker is online" in fragment
    assert "Retry" in fragment


def test_a_failure_names_its_reason(browser: Browser, url: str) -> None:
    factories.worker()
    browser("carol").post(f"{url}/_hosts", headers=HX)
    settle(None, "Line 3: <b>expected</b> a host")
    page = browser("dave").get(url).text
    assert "Line 3: &lt;b&gt;expected&lt;/b&gt; a host" in page
    assert "Retry" not in page


@pytest.mark.usefixtures("read")
def test_an_answer_shows_hosts_groups_and_variables_as_text(browser: Browser, url: str) -> None:
    page = browser("dave").get(url).text
    for text in ("3 hosts", "db1", "web2", "web (2)", "&#34;port&#34;: 80"):
        assert text in page
    assert "<script>x" not in page
    assert "Read again" not in page
    assert "Read again" in browser("carol").get(url).text


@pytest.mark.usefixtures("read")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=WEB", {"web1", "web2"}),
        ("group=db", {"db1"}),
        ("q=1&group=web", {"web1"}),
        ("q=x", set()),
    ],
)
def test_the_filters_leave_some(browser: Browser, url: str, query: str, names: set[str]) -> None:
    fragment = browser("dave").get(f"{url}/_hosts?{query}", headers=HX).text
    found = {name for name in ("db1", "web1", "web2") if f">{name}<" in fragment}
    assert found == names
    assert ("No hosts match" in fragment) is not bool(names)


@pytest.mark.usefixtures("read")
def test_a_change_makes_the_answer_old(browser: Browser, url: str, inventory: Inventory) -> None:
    inventory.lock_version += 1
    factories.save()
    assert "Not loaded yet" in browser("dave").get(url).text


def test_a_page_shows_the_first_of_many() -> None:
    hosts = [{"name": f"h{n}", "groups": [], "vars": {}} for n in range(300)]
    found = inventory_hosts.find(ANSWER | {"hosts": hosts})
    assert (len(found.hosts), found.total) == (inventory_hosts.MOST, 300)
