"""Templates: the list, the page of one, changes and deletion."""

import json
import re

import pytest

from app.clock import utcnow
from app.db import db
from app.models import Task, TaskTemplate
from app.services import template_lists
from tests import factories
from tests.web.readers import HX, reader

HOSTILE = """"><script>alert(1)</script>"""


@pytest.fixture
def template(project):
    return factories.template(project, "Deploy", description="Rolls out")


@pytest.fixture
def get(browser, project):
    return reader(browser, f"/p/{project.id}/templates")


@pytest.fixture
def post(browser, project):
    """Send a form below the templates; the answer as it is."""

    def send(path, name="bob", data=None, **headers):
        return browser(name).post(f"/p/{project.id}/templates{path}", data=data, headers=headers)

    return send


def listed(html):
    return [int(number) for number in re.findall(r'<tr id="template-(\d+)"', html)]


def stored(template_id):
    db.session.expire_all()
    return db.session.get(TaskTemplate, template_id)


# The list


def test_the_list_is_a_page_and_its_rows_a_fragment(get, template):
    assert "<h1" in get() and listed(get()) == [template.id]
    fragment = get(**HX)
    assert "<h1" not in fragment and listed(fragment) == [template.id]
    assert 'id="count" aria-live="polite" hx-swap-oob="true">1 template<' in fragment


def test_a_row_tells_last_run_strip_and_duration(get, template, cast):
    start = utcnow()
    run = factories.task(template, status="success", start=start, end=start, user_id=cast["bob"].id)
    factories.task(template, status="error")
    html = get()
    assert "Last 2 runs of Deploy: 1 success, 1 failed" in html and ">0s<" in html
    assert f'hx-trigger="tpl:{template.id} from:body throttle:500ms"' in html
    row = get(f"/{template.id}/_row", **HX)
    assert listed(row) == [template.id] and "<html" not in row and f"#{run.id + 1}" in row


def test_a_row_without_htmx_leads_to_the_page(browser, project, template):
    answer = browser("dave").get(f"/p/{project.id}/templates/{template.id}/_row")
    assert answer.location == f"/p/{project.id}/templates/{template.id}"


def test_filters_and_order_come_from_the_address(get, project, template):
    other = factories.template(project, "Backup", app="python")
    factories.task(template, status="error")
    assert listed(get("?sort=name")) == [other.id, template.id]
    assert listed(get()) == [template.id, other.id]
    assert listed(get("?status=error")) == [template.id]
    assert listed(get("?status=never")) == [other.id]
    assert listed(get("?app=python")) == [other.id] and listed(get("?q=rolls")) == [template.id]
    assert "sort=-name&amp;q=e" in get("?sort=name&q=e") and 'aria-sort="ascending"' in get(
        "?sort=name"
    )


def test_pages_of_the_list_keep_order_and_filters(get, project, monkeypatch):
    monkeypatch.setattr(template_lists, "SIZE", 1)
    repository = factories.repository(project)
    made = [
        factories.template(project, n, repository_id=repository.id).id for n in ("a1", "a2", "b")
    ]
    html = get("?q=a&sort=name")
    assert listed(html) == made[:1] and " of 2 templates" in html
    older = re.search(r'href="([^"]*after=\d+[^"]*)"', html)[1].replace("&amp;", "&")
    assert listed(get(older.removeprefix(f"/p/{project.id}/templates"))) == made[1:2]


def test_an_empty_list_says_what_a_template_is(get):
    assert "No templates yet" in get("", "bob") and "New template" in get("", "bob")
    assert "New template" not in get("", "carol")


def test_a_search_without_result_can_be_cleared(get, template):
    html = get("?q=zzz")
    assert "No templates match" in html and "Clear filters" in html and 'value="zzz"' in html


def test_roles_see_what_they_may_do(get, template):
    for name, run, manage in [("dave", False, False), ("carol", True, False), ("bob", True, True)]:
        html = get("", name)
        assert (f'aria-label="Run {template.name}"' in html) is run
        assert ("New template" in html and "Delete…" in html and "Edit" in html) is manage
        page = get(f"/{template.id}", name)
        assert (f'aria-label="Run {template.name}"' in page) is run
        assert (f"/templates/{template.id}/edit" in page) is manage


def test_run_starts_at_once_unless_something_is_asked(get, project, template):
    asking = factories.template(project, "Asks", allow_override_args_in_task=True)
    html = get("", "carol")
    assert f'<form method="post" action="/p/{project.id}/templates/{template.id}/run"' in html
    assert f'<form method="post" action="/p/{project.id}/templates/{asking.id}/run"' not in html
    assert f'hx-get="/p/{project.id}/templates/{asking.id}/run"' in html


def test_nothing_that_people_wrote_becomes_markup(get, project):
    hostile = factories.template(
        project,
        HOSTILE,
        description=HOSTILE,
        playbook=HOSTILE,
        git_branch=HOSTILE,
        arguments=json.dumps([HOSTILE]),
        allow_override_args_in_task=True,
    )
    hostile.environments = [
        factories.environment(project, HOSTILE, json=json.dumps({"n": HOSTILE}))
    ]
    db.session.commit()
    factories.task(hostile, status="error", reason=HOSTILE, message=HOSTILE)
    for path in ("", "/{}", "/{}/details", "/{}/edit", "/{}/copy", "/{}/delete", "/{}/run"):
        html = get(path.format(hostile.id), "alice")
        assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize("path", ["", "/_row", "/details", "/edit", "/copy", "/delete", "/run"])
def test_another_projects_template_does_not_exist_here(browser, project, path):
    foreign = factories.template(factories.project("Other"), "Secret plan")
    answer = browser("alice").get(f"/p/{project.id}/templates/{foreign.id}{path}")
    assert answer.status_code == 404 and "Secret plan" not in answer.text


def test_the_list_takes_the_same_queries_whatever_its_length(
    browser, project, cast, count_queries, template
):
    client, sent = browser("bob"), []
    client.get(f"/p/{project.id}/templates")
    for _ in range(2):
        for name in ("alice", "bob", "carol"):
            made = factories.template(project, name, repository_id=template.repository_id)
            factories.task(made, user_id=cast[name].id, status="success")
            factories.task(made, user_id=cast[name].id)
        with count_queries() as statements:
            client.get(f"/p/{project.id}/templates")
        sent.append(len(statements))
    assert sent[0] == sent[1]


# A template's page


def test_its_page_lists_its_runs_and_only_those(get, project, template):
    run = factories.task(template)
    factories.task(factories.template(project, "Other"))
    html = get(f"/{template.id}")
    assert re.findall(r'<tr id="run-(\d+)"', html) == [str(run.id)]
    assert "Rolls out" in html and "hello.sh" in html and "one at a time" in html


def test_before_the_first_run_the_page_offers_it(get, template):
    html = get(f"/{template.id}", "carol")
    assert "Not run yet" in html and html.count('aria-label="Run Deploy"') == 2


def test_its_details_show_definition_and_command(get, project):
    template = factories.template(
        project, arguments='["-v"]', git_branch="stable", max_duration=90, rerun_if_lost=True
    )
    html = get(f"/{template.id}/details")
    for text in ("bash hello.sh -v", "stable", "1m 30s", "it runs again"):
        assert text in html


# Delete


def test_before_it_is_deleted_it_says_what_goes_with_it(get, template):
    for _ in range(3):
        factories.task(template, status="success")
    dialog = get(f"/{template.id}/delete", "bob", **HX)
    assert "3 runs" in dialog and "Delete template" in dialog and "<html" not in dialog
    page = get(f"/{template.id}/delete", "bob")
    assert "<h1" in page and "3 runs" in page


def test_deleting_closes_the_dialog_and_reloads_lists(post, template):
    factories.task(template, status="success")
    template_id = template.id
    answer = post(f"/{template_id}/delete", **HX)
    events = json.loads(answer.headers["HX-Trigger"])
    assert answer.status_code == 204 and {"dialog:close", "refresh:templates", "toast"} <= {*events}
    assert stored(template_id) is None and db.session.query(Task).count() == 0


def test_on_its_own_page_deleting_leads_to_the_list(post, project, template):
    answer = post(f"/{template.id}/delete?from=page", **HX)
    assert answer.headers["HX-Redirect"] == f"/p/{project.id}/templates"


def test_while_runs_are_active_they_are_stopped_first(get, post, template):
    factories.task(template, status="running")
    dialog = get(f"/{template.id}/delete", "bob", **HX)
    assert "1 run has not finished" in dialog and "Delete template" not in dialog
    assert post(f"/{template.id}/delete", **HX).status_code == 409
    assert "Stop 1 run and delete" in dialog and f"/{template.id}/delete?stop=1" in dialog
    assert post(f"/{template.id}/delete?stop=1", **HX).status_code == 204
    assert stored(template.id) is not None
    assert "is being deleted" in get(f"/{template.id}")
    refused = post(f"/{template.id}/run", **HX)
    assert refused.status_code == 409 and "is being deleted" in refused.headers["HX-Trigger"]


def test_a_template_that_others_deploy_from_names_them(get, project, template):
    factories.template(
        project, "Ship it", type="deploy", build_template_id=template.id,
        repository_id=template.repository_id,
    )  # fmt: skip
    dialog = get(f"/{template.id}/delete", "bob", **HX)
    assert "Ship it" in dialog and "Delete template" not in dialog
