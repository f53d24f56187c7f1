"""What a repository's page shows of what workers have looked up."""

import pytest

from app.models import Repository
from app.services import probes
from tests import factories
from tests.answers import settle, waiting

HX = {"HX-Request": "true"}
HASH = "9f2c1ab3" + "0" * 32
FOUND = {
    "default": "main", "branches": ["main", "next"], "more": False,
    "commit": HASH, "directory": "", "warning": "",
}  # fmt: skip
TREE = {
    "path": "plays",
    "entries": [
        {"name": "roles", "kind": "directory"},
        {"name": "<b>site.yml", "kind": "file", "size": 2048},
    ],
    "more": False, "commit": HASH, "message": "First",
}  # fmt: skip


@pytest.fixture
def repository(project) -> Repository:
    return factories.repository(project, name="Scripts")


@pytest.fixture
def url(repository: Repository) -> str:
    return f"/p/{repository.project_id}/repositories/{repository.id}"


def test_the_page_asks_and_its_fragment_polls(browser, repository, url) -> None:
    factories.worker()
    page = browser("dave").get(url).text
    assert f'hx-get="{url}/_test" hx-trigger="load delay:500ms"' in page
    assert len(waiting()) == 1


def test_the_result_of_the_test_is_shown(browser, repository, url) -> None:
    settle("repository", repository, FOUND)
    page = browser("carol").get(url).text
    assert "It can be reached." in page
    assert "2 branches, by default main." in page
    assert f'href="{url}/_tree?branch=next"' in page
    assert "Test again" in page
    assert "Test again" not in browser("dave").get(url).text


def test_a_branch_that_is_missing_is_a_warning(browser, repository, url) -> None:
    settle("repository", repository, FOUND | {"commit": ""})
    assert "has no branch or tag “main”" in browser("dave").get(url).text


def test_a_failure_is_said_in_words(browser, repository, url) -> None:
    settle("repository", repository, None, "The server does not let us read <it>.")
    text = browser("dave").get(f"{url}/_test", headers=HX).text
    assert "It cannot be used." in text
    assert "The server does not let us read &lt;it&gt;." in text


def test_without_a_worker_the_page_says_so(browser, repository, url) -> None:
    page = browser("dave").get(url).text
    assert probes.NO_WORKER in page
    assert "nobody knows" in page


def test_testing_again_asks_anew(browser, repository, url) -> None:
    settle("repository", repository, FOUND)
    before = len(waiting())
    text = browser("carol").post(f"{url}/_test", headers=HX).text
    assert "A worker is looking" in text
    assert len(waiting()) == before + 1


def test_files_are_shown_with_links_at_their_commit(browser, repository, url) -> None:
    settle("tree", repository, TREE, path="plays", branch="", commit="")
    text = browser("carol").get(f"{url}/_tree?path=plays", headers=HX).text
    assert "&lt;b&gt;site.yml" in text
    assert "<b>site" not in text
    assert f"{url}/_tree?path=plays/roles&amp;at={HASH}" in text
    assert f"{url}/_text?path=plays/%3Cb%3Esite.yml&amp;at={HASH}" in text
    assert "2.0 KB" in text
    assert "/_text" not in browser("dave").get(f"{url}/_tree?path=plays", headers=HX).text


def test_a_text_is_shown_as_text(browser, repository, url) -> None:
    told = {"path": "a.sh", "text": "echo <hi>", "binary": False, "commit": HASH, "message": ""}
    settle("text", repository, told, path="a.sh", branch="", commit=HASH)
    text = browser("carol").get(f"{url}/_text?path=a.sh&at={HASH}", headers=HX).text
    assert "echo &lt;hi&gt;" in text


def test_a_fragment_leads_a_browser_to_its_page(browser, repository, url) -> None:
    assert browser("dave").get(f"{url}/_tree").location == url


def test_space_is_shown_for_each_machine(browser, repository, url) -> None:
    worker = factories.worker()
    browser("dave").get(url)
    (job,) = waiting(worker)
    probes.take(job.args[0], job.id, 10)
    probes.settle(job.args[0], job.id, {"bytes": 12_300_000, "busy": False})
    text = browser("bob").get(f"{url}/_cache", headers=HX).text
    assert "12 MB" in text
    assert "Clear cache" in text
    assert "Clear cache" not in browser("carol").get(f"{url}/_cache", headers=HX).text


def test_clearing_asks_the_machines(browser, repository, url) -> None:
    worker = factories.worker()
    assert "A worker is looking" in browser("bob").post(f"{url}/_cache", headers=HX).text
    assert waiting(worker)[0].args[-1] == {"clear": True}


class TestForm:
    def test_what_is_not_saved_can_be_tested(self, browser, project, repository) -> None:
        sent = {"git_url": "https://git.example.test/new.git", "git_branch": "main"}
        sent |= {"ssh_key_id": str(repository.ssh_key_id)}
        args = {"url": sent["git_url"], "key_id": repository.ssh_key_id, "branch": "main"}
        settle("address", project, FOUND, **args)
        url = f"/p/{project.id}/repositories/_test"
        text = browser("bob").post(url, data=sent, headers=HX).text
        assert "It can be reached." in text
        assert '<option value="next">' in text

    def test_what_is_wrong_is_said_at_once(self, browser, project) -> None:
        url = f"/p/{project.id}/repositories/_test"
        text = browser("bob").post(url, data={"git_url": "ext::sh -c id"}, headers=HX).text
        assert "It cannot be tested like this." in text
        assert waiting() == []

    def test_a_foreign_key_is_refused(self, browser, project) -> None:
        foreign = factories.access_key(factories.project("Other"))
        sent = {"git_url": "https://git.example.test/x.git", "git_branch": "main"}
        url = f"/p/{project.id}/repositories/_test"
        data = sent | {"ssh_key_id": str(foreign.id)}
        assert f"no key {foreign.id}" in browser("bob").post(url, data=data, headers=HX).text


class TestPickers:
    def test_branches(self, browser, repository, url) -> None:
        settle("repository", repository, FOUND)
        picker = f"{url.rpartition('/')[0]}/_branches?repository_id={repository.id}"
        text = browser("bob").get(picker, headers=HX).text
        assert '<datalist id="branches"><option value="main"></option>' in text

    def test_scripts(self, browser, repository, url) -> None:
        told = {"names": ["a.sh"], "more": False, "commit": HASH, "message": ""}
        settle("scripts", repository, told, app="bash", branch="next")
        picker = f"{url.rpartition('/')[0]}/_scripts?repository_id={repository.id}"
        text = browser("bob").get(f"{picker}&app=bash&git_branch=next", headers=HX).text
        assert '<option value="a.sh">' in text
        assert "1 file of the repository to choose from, at 9f2c1ab3." in text

    def test_they_ask_until_it_is_known(self, browser, repository, url) -> None:
        factories.worker()
        picker = f"{url.rpartition('/')[0]}/_scripts?app=bash&repository_id={repository.id}"
        text = browser("bob").get(picker, headers=HX).text
        assert f'hx-get="{picker.replace("&", "&amp;")}" hx-trigger="load delay:500ms"' in text

    @pytest.mark.parametrize("given", ["", "x", str(10**20)])
    def test_they_offer_nothing_of_what_is_no_repository(self, browser, url, given) -> None:
        for kind in ("branches", "scripts"):
            picker = f"{url.rpartition('/')[0]}/_{kind}?app=bash&repository_id={given}"
            answer = browser("bob").get(picker, headers=HX)
            assert (answer.status_code, answer.text) == (200, "")

    def test_another_projects_repository_does_not_exist(self, browser, repository, url) -> None:
        foreign = factories.repository(factories.project("Other"))
        picker = f"{url.rpartition('/')[0]}/_branches?repository_id={foreign.id}"
        assert browser("root").get(picker, headers=HX).status_code == 404

    def test_the_form_of_a_template_has_both(self, browser, project) -> None:
        page = browser("bob").get(f"/p/{project.id}/templates/new/bash").text
        for name, field in (("branches", "git_branch"), ("scripts", "playbook")):
            assert f'hx-get="/p/{project.id}/repositories/_{name}' in page
            assert f'list="{name}"' in page[page.index(f'id="f-{field}"') :].partition(">")[0]
