from datetime import timedelta

import pytest

from app.clock import utcnow
from app.models import TaskStatus
from app.services import template_lists
from app.services.template_lists import Search
from tests import factories


@pytest.fixture
def templates(project):
    repository = factories.repository(project)
    made = {}
    for name, script in [("beta", "b.sh"), ("Alpha", "a.sh"), ("gamma", "Deploy/web.sh")]:
        made[name] = factories.template(
            project, name, playbook=script, repository_id=repository.id, description=f"Says {name}"
        )
    return made


def names(page):
    return [row.template.name for row in page.rows]


def find(project, **search):
    return names(template_lists.find(project, Search(**search)))


def test_they_are_sorted_by_name_without_regard_to_case(project, templates):
    assert find(project, sort="name") == ["Alpha", "beta", "gamma"]
    assert find(project, sort="-name") == ["gamma", "beta", "Alpha"]


def test_the_last_run_comes_first_and_what_never_ran_comes_last(project, templates):
    factories.task(templates["gamma"])
    factories.task(templates["beta"])
    assert find(project) == ["beta", "gamma", "Alpha"]
    assert find(project, sort="-last") == ["gamma", "beta", "Alpha"]


def test_an_unknown_order_is_the_usual_one(project, templates):
    factories.task(templates["gamma"])
    assert find(project, sort="rm -rf") == ["gamma", "Alpha", "beta"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("ALPH", ["Alpha"]), ("deploy/", ["gamma"]), ("says b", ["beta"]), ("%", []), ("_", [])],
)
def test_the_text_is_looked_for_in_name_script_and_description(project, templates, text, found):
    assert find(project, text=text) == found


def test_the_status_is_that_of_the_last_run(project, templates):
    factories.task(templates["beta"], status=TaskStatus.ERROR)
    factories.task(templates["beta"], status=TaskStatus.SUCCESS)
    factories.task(templates["gamma"], status=TaskStatus.ERROR)
    assert find(project, statuses=("error",)) == ["gamma"]
    assert find(project, statuses=("success", "error")) == ["gamma", "beta"]
    assert find(project, statuses=("never",)) == ["Alpha"]


def test_the_tool_narrows(project, templates):
    factories.template(project, "Python", app="python")
    assert find(project, app="python") == ["Python"]
    assert template_lists.apps(project) == ["bash", "python"]


def test_another_projects_templates_are_not_found(project, templates):
    other = factories.project("Other")
    assert find(other) == [] and template_lists.apps(other) == []


def test_pages_meet_without_a_gap_or_an_overlap(project, monkeypatch):
    monkeypatch.setattr(template_lists, "SIZE", 2)
    repository = factories.repository(project)
    for name in "abcde":
        factories.template(project, name, repository_id=repository.id)
    search, seen, after = Search(sort="name"), [], None
    for first, newer in [(1, False), (3, True), (5, True)]:
        page = template_lists.find(project, search, after)
        assert (page.total, page.first, page.newer is not None) == (5, first, newer)
        seen += names(page)
        after = page.older
    assert seen == list("abcde") and after is None
    assert names(template_lists.find(project, search, page.newer)) == ["c", "d"]
    second = template_lists.find(project, search, page.newer)
    assert second.newer == 0 and names(template_lists.find(project, search, 0)) == ["a", "b"]


def test_a_page_after_something_that_is_gone_is_the_first_one(project, templates):
    assert names(template_lists.find(project, Search(sort="name"), 4711)) == [
        "Alpha",
        "beta",
        "gamma",
    ]


def ran(template, seconds, status=TaskStatus.SUCCESS):
    start = utcnow() - timedelta(hours=1)
    end = start + timedelta(seconds=seconds)
    return factories.task(template, status=status, start=start, end=end)


def test_the_duration_is_the_median_of_the_successes(project, templates):
    for seconds in (10, 30, 20):
        ran(templates["beta"], seconds)
    ran(templates["beta"], 500, TaskStatus.ERROR)
    factories.task(templates["beta"], status=TaskStatus.RUNNING, start=utcnow())
    (row,) = template_lists.rows([templates["beta"]])
    assert row.seconds == 20 and row.last.status == "running" and len(row.runs) == 5


def test_without_a_success_it_is_that_of_what_ended(project, templates):
    ran(templates["beta"], 7, TaskStatus.ERROR)
    assert template_lists.rows([templates["beta"]])[0].seconds == 7
    assert template_lists.rows([templates["Alpha"]])[0].seconds is None


def test_a_waiting_run_says_why(project, templates):
    waiting = factories.task(templates["beta"])
    rows = {row.template.name: row for row in template_lists.rows(list(templates.values()))}
    assert rows["beta"].last.id == waiting.id
    assert rows["beta"].reason == "No worker is online"
    assert rows["gamma"].reason is None


def test_the_number_of_queries_does_not_grow_with_the_list(project, count_queries):
    repository = factories.repository(project)
    made = [factories.template(project, f"t{n}", repository_id=repository.id) for n in range(12)]
    for template in made:
        for _ in range(3):
            factories.task(template)
    with count_queries() as few:
        template_lists.rows(made[:2])
    with count_queries() as many:
        template_lists.find(project, Search())
    assert len(many) <= len(few) + 4


def test_the_choices_are_the_projects_own(project):
    template = factories.template(project, "Deploy web")
    factories.template(factories.project("Other"), "Foreign")
    assert template_lists.choices(project) == [(template.id, "Deploy web")]
