import json
import re

import pytest

from app.clock import utcnow
from app.db import db
from app.executors import EXECUTORS
from app.models import Task, TaskTemplate
from app.services import template_lists
from tests import factories

HX = {"HX-Request": "true"}
HOSTILE = """"><script>alert(1)</script>"""


@pytest.fixture
def template(project):
    return factories.template(project, "Deploy", description="Rolls out")


@pytest.fixture
def get(browser, project):
    """Read something below the templates as one of the cast: get("/7/details", "carol")."""

    def read(path="", name="dave", **headers):
        answer = browser(name).get(f"/p/{project.id}/templates{path}", headers=headers)
        assert answer.status_code == 200, answer.status_code
        return answer.text

    return read


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


# The form


def values(template, **changes):
    form = {
        "name": "Deploy web",
        "description": "",
        "repository_id": template.repository_id,
        "git_branch": "",
        "playbook": "deploy/web.sh",
        "arguments": "--limit\nweb 1",
        "max_duration": "2.5",
        "allow_parallel_tasks": "1",
    }
    return form | changes


def test_new_offers_every_kind(browser, project):
    page = browser("bob").get(f"/p/{project.id}/templates/new").text
    for word, executor in EXECUTORS.items():
        assert f'href="/p/{project.id}/templates/new/{word}"' in page
        assert executor.sentence in page
    assert browser("bob").get(f"/p/{project.id}/templates/new/cobol").status_code == 404


def test_a_template_is_made_from_what_was_typed(post, template, project):
    group = factories.environment(project, "Production")
    data = values(template, environment_ids=[group.id], allow_override_args_in_task="1")
    answer = post("/new/bash", data=data)
    made = stored(template.id + 1)
    assert (answer.status_code, answer.location) == (303, f"/p/{project.id}/templates/{made.id}")
    assert (made.app, made.name, made.playbook) == ("bash", "Deploy web", "deploy/web.sh")
    assert (made.description, made.git_branch) == (None, None)
    assert json.loads(made.arguments) == ["--limit", "web 1"] and made.max_duration == 150
    assert made.environment_ids == [group.id] and made.allow_override_args_in_task
    assert made.allow_parallel_tasks and not made.allow_override_branch_in_task


def test_htmx_is_led_on_as_a_whole_page(post, template, project):
    answer = post("/new/bash", data=values(template, then="run"), **HX)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"/p/{project.id}/templates/{template.id + 1}/run"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("playbook", ""),
        ("playbook", "../../etc/passwd"),
        ("playbook", "x" * 1025),
        ("repository_id", ""),
        ("repository_id", "4711"),
        ("repository_id", "nonsense"),
        ("git_branch", "-uevil"),
        ("max_duration", "soon"),
        ("max_duration", "-1"),
        ("environment_ids", "4711"),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_says_why(post, template, field, value):
    answer = post("/new/bash", data=values(template, **{field: value}), **HX)
    assert answer.status_code == 422 and "<html" not in answer.text
    assert "data-summary" in answer.text and f'href="#f-{field}"' in answer.text
    assert "web 1</textarea>" in answer.text
    assert stored(template.id + 1) is None


def test_what_is_missing_is_said_in_the_words_of_the_page(post, template):
    html = post("/new/bash", data=values(template, name="", playbook="")).text
    assert "Script: Name a script of the repository" in html and "can not be empty" not in html


def test_all_that_an_empty_form_lacks_is_said_at_once_in_its_order(post, get):
    html = post("/new/bash", data={"name": ""}, **HX).text
    assert re.findall(r'href="#f-(\w+)"', html) == ["name", "repository_id", "playbook"]
    assert "data-summary" not in get("/new/bash", "bob")


def test_without_scripts_a_refused_form_is_a_page(post, template):
    answer = post("/new/bash", data=values(template, name="", description="Typed text"))
    assert answer.status_code == 422 and "<h1" in answer.text and "Typed text" in answer.text


def test_an_edit_keeps_what_the_form_does_not_show(post, get, project, template):
    template.survey_vars = [{"name": "n", "title": "N", "type": "int", "required": False}]
    template.arguments, template.suppress_error_alerts = '["a"]', True
    db.session.commit()
    form = get(f"/{template.id}/edit", "bob")
    version = re.search(r'name="version" value="(\d+)"', form)[1]
    assert ">a</textarea>" in form.replace("\n", "")
    answer = post(f"/{template.id}/edit", data=values(template, version=version))
    assert answer.location == f"/p/{project.id}/templates/{template.id}"
    row = stored(template.id)
    assert row.name == "Deploy web" and row.suppress_error_alerts
    assert row.survey_vars[0]["name"] == "n" and row.lock_version == int(version) + 1


def test_an_edit_of_an_old_state_shows_what_somebody_else_stored(post, template):
    data = values(template, version=template.lock_version)
    assert post(f"/{template.id}/edit", data=data | {"name": "First"}).status_code == 303
    answer = post(f"/{template.id}/edit", data=data | {"name": "Second"}, **HX)
    assert answer.status_code == 409 and "Changed by Bob" in answer.text
    assert "<dd>First</dd>" in answer.text and 'value="Second"' in answer.text
    assert f'/templates/{template.id}/edit">Load theirs' in answer.text
    assert "<span>Save mine</span>" in answer.text
    assert stored(template.id).name == "First"
    version = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    again = data | {"name": "Second", "version": version}
    assert post(f"/{template.id}/edit", data=again).status_code == 303
    assert stored(template.id).name == "Second"


def test_what_somebody_else_stored_is_said_as_the_page_shows_it(post, project, template):
    group = factories.environment(project, name="Staging")
    other = factories.repository(project, name="Scripts")
    data = values(template, version=template.lock_version, environment_ids="")
    mine = data | {"repository_id": template.repository_id, "max_duration": ""}
    theirs = {"environment_ids": group.id, "repository_id": other.id, "max_duration": "90"}
    assert post(f"/{template.id}/edit", data=data | theirs).status_code == 303
    html = post(f"/{template.id}/edit", data=mine).text
    for text in ("Staging", "Scripts", "90 minutes"):
        assert f"<dd>{text}</dd>" in html
    same = post(f"/{template.id}/edit", data=mine | {"environment_ids": group.id}).text
    assert "<dd>Staging</dd>" not in same


def test_a_copy_takes_everything_along_under_a_new_name(post, get, project, template):
    template.suppress_error_alerts = True
    db.session.commit()
    html = get(f"/{template.id}/copy", "bob")
    assert 'value="Copy of Deploy"' in html and 'name="version"' not in html
    post(f"/{template.id}/copy", data=values(template, name="Copy of Deploy"))
    copy = stored(template.id + 1)
    assert (copy.name, copy.suppress_error_alerts) == ("Copy of Deploy", True)
    assert stored(template.id).name == "Deploy"


def test_the_command_follows_what_is_being_typed(post, project):
    group = factories.environment(project, json='{"n": 1}')
    data = {"playbook": "a.sh", "arguments": "-x\ny z", "environment_ids": group.id}
    html = post("/new/bash/_command", data=data, **HX).text
    assert "bash a.sh -x &#39;y z&#39; n=1" in html and "<html" not in html


def test_the_command_takes_more_than_an_address_holds_and_stores_nothing(post, template):
    long = {"playbook": "a.sh", "arguments": "x" * 100_000}
    for path in ("/new/bash/_command", f"/{template.id}/run/_command"):
        template.allow_override_args_in_task = True
        db.session.commit()
        answer = post(path, data=long, **HX)
        assert answer.status_code == 200 and "x" * 100_000 in answer.text
    assert stored(template.id + 1) is None and db.session.query(Task).count() == 0


def test_a_repository_made_beside_the_form_comes_back_chosen(get, project, template):
    newest = factories.repository(project, name="Newest")
    html = get("/new/bash/_field/repository_id", "bob", **HX)
    assert f'<option value="{newest.id}" selected>Newest</option>' in html and "<html" not in html


@pytest.mark.parametrize("path", ["/new/bash", "/{}/edit", "/{}/copy", "/{}/delete"])
@pytest.mark.parametrize(("name", "status"), [("carol", 403), ("dave", 403), ("mallory", 404)])
def test_only_managers_change_templates(post, template, path, name, status):
    answer = post(path.format(template.id), name, values(template), **HX)
    assert answer.status_code == status
    assert stored(template.id).name == "Deploy" and stored(template.id + 1) is None


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


# The run sheet


def test_the_sheet_asks_only_what_the_template_opens(get, project, template):
    html = get(f"/{template.id}/run", "carol")
    assert 'name="message"' in html and 'name="git_branch"' not in html
    assert 'name="arguments"' not in html and "bash hello.sh" in html
    template.allow_override_args_in_task = template.allow_override_branch_in_task = True
    db.session.commit()
    sheet = get(f"/{template.id}/run", "carol", **HX)
    assert 'name="git_branch"' in sheet and 'name="arguments"' in sheet and "<html" not in sheet
    assert 'hx-target="#sheet-body"' in sheet


def test_a_run_starts_and_its_page_follows(post, project, template, cast):
    answer = post(f"/{template.id}/run", "carol", {"message": "Release 7"}, **HX)
    run = db.session.query(Task).one()
    assert answer.headers["HX-Redirect"] == f"/p/{project.id}/runs/{run.id}"
    assert (run.message, run.user_id, run.status) == ("Release 7", cast["carol"].id, "waiting")
    plain = post(f"/{template.id}/run", "carol")
    assert (plain.status_code, plain.location) == (303, f"/p/{project.id}/runs/{run.id + 1}")


def test_what_is_open_reaches_the_run(post, project, template):
    template.allow_override_args_in_task = template.allow_override_branch_in_task = True
    db.session.commit()
    post(f"/{template.id}/run", "carol", {"arguments": "-v\nx y", "git_branch": "feature/a"})
    run = db.session.query(Task).one()
    assert json.loads(run.arguments) == ["-v", "x y"] and run.git_branch == "feature/a"


def test_a_time_limit_is_typed_in_minutes_and_offered_again(post, get, browser, project, template):
    post(f"/{template.id}/run", "carol", {"max_duration": "2.5"})
    run = db.session.query(Task).one()
    assert run.max_duration == 150
    assert 'value="2.5"' in get(f"/{template.id}/run?from={run.id}", "carol", **HX)
    details = browser("dave").get(f"/p/{project.id}/runs/{run.id}/details").text
    assert "Time limit" in details and "2m 30s" in details


@pytest.mark.parametrize("minutes", ["soon", "-1", "1e300"])
def test_a_time_limit_that_is_none_is_refused_at_its_field(post, template, minutes):
    answer = post(f"/{template.id}/run", "carol", {"max_duration": minutes}, **HX)
    assert answer.status_code == 422 and 'href="#f-max_duration"' in answer.text
    assert db.session.query(Task).count() == 0


def test_a_refused_start_shows_the_sheet_with_what_was_typed(post, template):
    template.allow_override_branch_in_task = True
    db.session.commit()
    answer = post(f"/{template.id}/run", "carol", {"message": "m", "git_branch": "-bad"}, **HX)
    assert answer.status_code == 422 and 'href="#f-git_branch"' in answer.text
    assert 'value="-bad"' in answer.text and 'value="m"' in answer.text
    assert db.session.query(Task).count() == 0


def test_what_the_template_does_not_open_is_refused_not_dropped(post, template):
    answer = post(f"/{template.id}/run", "carol", {"git_branch": "other"}, **HX)
    assert answer.status_code == 422 and db.session.query(Task).count() == 0


def test_running_again_is_prefilled_from_that_run(get, template):
    template.allow_override_args_in_task = True
    run = factories.task(template, message="Night run", arguments='["-v", "x"]', status="success")
    html = get(f"/{template.id}/run?from={run.id}", "carol", **HX)
    assert 'value="Night run"' in html and "-v\nx</textarea>" in html
    assert f"Values from run #{run.id}" in html and "bash hello.sh -v x" in html


def test_a_run_of_another_template_fills_nothing(browser, project, template):
    other = factories.task(factories.template(project, "Other"), status="success")
    url = f"/p/{project.id}/templates/{template.id}/run?from={other.id}"
    assert browser("carol").get(url).status_code == 404


def test_the_sheets_command_follows_the_arguments(post, template):
    template.allow_override_args_in_task = True
    db.session.commit()
    data = {"arguments": "-a\nb"}
    assert "hello.sh -a b" in post(f"/{template.id}/run/_command", "carol", data, **HX).text


@pytest.mark.parametrize(("name", "status"), [("dave", 403), ("mallory", 404)])
def test_guests_and_strangers_cannot_run(browser, post, project, template, name, status):
    assert post(f"/{template.id}/run", name, **HX).status_code == status
    url = f"/p/{project.id}/templates/{template.id}/run"
    assert browser(name).get(url).status_code == status
    assert db.session.query(Task).count() == 0


def test_the_command_of_a_form_names_the_hosts_that_are_chosen(browser, project) -> None:
    file = factories.inventory(project, type="file", inventory="hosts/web")
    data = {"playbook": "site.yml", "inventory_id": str(file.id)}
    url = f"/p/{project.id}/templates/new/ansible/_command"
    assert "-i hosts/web" in browser("alice").post(url, data=data).text
    other = factories.project("Other")
    elsewhere = factories.inventory(other, type="file", inventory="hosts/else")
    answer = browser("alice").post(url, data=data | {"inventory_id": str(elsewhere.id)})
    assert answer.status_code == 200 and "hosts/else" not in answer.text
