"""What a run sheet shows after a worker has looked, and when none has."""

import json

import pytest

from app.db import db
from app.models import Task
from app.services import probes
from tests import factories
from tests.answers import settle, waiting

HX = {"HX-Request": "true"}
QUESTIONS = [
    {"name": "branch", "type": "enum", "source": "branches"},
    {"name": "tag", "type": "enum", "source": "tags", "required": True},
    {"name": "machines", "type": "select", "source": "hosts", "max": "2"},
    {"name": "plain", "type": "enum", "values": [{"value": "a"}]},
]
HOSTS = {
    "hosts": [{"name": f"web{n}", "groups": ["web"], "vars": {}} for n in range(1, 4)],
    "groups": [{"name": "web", "hosts": 3, "children": []}],
    "host_count": 3, "group_count": 1, "more": False,
}  # fmt: skip


@pytest.fixture
def template(project):
    return factories.template(
        project, app="ansible", playbook="site.yml", survey_vars=QUESTIONS,
        inventory_id=factories.inventory(project, "Web").id,
        task_params={"allow_override_limit": True, "allow_override_inventory": True},
    )  # fmt: skip


@pytest.fixture
def get(browser, template):
    url = f"/p/{template.project_id}/templates/{template.id}/run"
    return lambda path="", who="carol": browser(who).get(url + path, headers=HX)


def test_the_sheet_asks_for_what_is_looked_up(get) -> None:
    html = get().text
    assert "/run/_choices?variable=branch" in html and "variable=plain" not in html
    assert "/run/_hosts" in html and 'name="answer.branch" value=""' in html


def test_known_branches_are_chosen_from_and_the_choice_stays(get, template) -> None:
    settle("repository", template.repository, {"branches": ["main", "next"]})
    html = get("/_choices?variable=branch&answer.branch=next").text
    assert '<select class="input" id="f-answer.branch"' in html
    assert '<option value="next" selected>' in html and "hx-get" not in html
    assert (
        '<option value="gone" selected>' in get("/_choices?variable=branch&answer.branch=gone").text
    )


def test_several_hosts_are_ticked(get, template) -> None:
    settle("inventory", template.inventory, HOSTS)
    html = get("/_choices?variable=machines&answer.machines=web1&answer.machines=web3").text
    assert 'value="web1" checked' in html and 'value="web2">' in html and "web3" in html


def test_while_a_worker_looks_one_may_type(get) -> None:
    factories.worker()
    html = get("/_choices?variable=tag&answer.tag=v1").text
    assert 'type="text" id="f-answer.tag" name="answer.tag" value="v1"' in html
    assert "Looking for tags of the repository" in html and 'hx-trigger="load delay:700ms"' in html
    assert len(waiting()) == 1


def test_without_a_worker_one_types_and_is_told_why(get) -> None:
    html = get("/_choices?variable=tag").text
    assert 'type="text" id="f-answer.tag"' in html and probes.NO_WORKER in html


def test_what_is_not_looked_up_asks_nobody(get) -> None:
    factories.worker()
    for path in ("plain", "nothing", ""):
        answer = get(f"/_choices?variable={path}")
        assert (answer.status_code, answer.text) == (200, "")
    assert not waiting()


def test_what_was_typed_instead_has_the_form_of_a_name(browser, template) -> None:
    url = f"/p/{template.project_id}/templates/{template.id}/run"
    bad = {"answer.branch": "a..b", "answer.tag": "-x", "answer.machines": "web1,a b"}
    answer = browser("carol").post(url, data=bad, headers=HX)
    assert answer.status_code == 422 and db.session.query(Task).count() == 0
    for name in bad:
        assert f'href="#f-{name}"' in answer.text
    good = {"answer.branch": "new/one", "answer.tag": "v1", "answer.machines": "web1,web9"}
    assert browser("carol").post(url, data=good, headers=HX).status_code == 204
    assert json.loads(db.session.query(Task).one().environment) == {
        "branch": "new/one", "tag": "v1", "machines": ["web1", "web9"]}  # fmt: skip


class TestHosts:
    def test_the_limit_that_is_typed_is_counted(self, get, template) -> None:
        settle("inventory", template.inventory, HOSTS)
        assert "Up to 3 hosts of 3 in Web." in get("/_hosts").text
        assert "Up to 2 hosts of 3" in get("/_hosts?param.limit=web1,web2").text
        assert "None of the 3 hosts of Web." in get("/_hosts?param.limit=db").text
        assert "only Ansible knows" in get("/_hosts?param.limit=~web").text

    def test_another_inventory_counts_where_it_may_be_chosen(self, get, template, project) -> None:
        other = factories.inventory(project, "Lab")
        settle("inventory", other, HOSTS | {"hosts": HOSTS["hosts"][:1], "host_count": 1})
        assert "Up to 1 host of 1 in Lab." in get(f"/_hosts?inventory_id={other.id}").text
        template.task_params = {}
        db.session.commit()
        settle("inventory", template.inventory, HOSTS)
        assert "of 3 in Web." in get(f"/_hosts?inventory_id={other.id}&param.limit=web1").text

    def test_until_then_it_says_that_it_counts_or_why_not(self, get) -> None:
        assert probes.NO_WORKER in get("/_hosts").text
        factories.worker()
        assert "Counting the hosts of Web" in get("/_hosts").text

    def test_a_script_has_no_hosts(self, browser, project) -> None:
        script = factories.template(project, "Script")
        url = f"/p/{project.id}/templates/{script.id}/run"
        assert browser("carol").get(f"{url}/_hosts", headers=HX).text == ""
        assert "_hosts" not in browser("carol").get(url, headers=HX).text

    def test_who_may_only_look_makes_no_worker_run_anything(self, get) -> None:
        assert get("/_hosts", "dave").status_code == 403
        assert get("/_choices?variable=machines", "dave").status_code == 403
