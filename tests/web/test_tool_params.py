"""What a tool can be told, on the form of a template and on its run sheet."""

import json

import pytest

from app.db import db
from app.models import Project, Task, TaskTemplate
from tests import factories


@pytest.fixture
def given(project: Project) -> dict[str, object]:
    """The fields of an Ansible template's form, filled."""
    return {
        "name": "Web servers",
        "playbook": "site.yml",
        "repository_id": factories.repository(project).id,
        "inventory_id": factories.inventory(project, name="Production").id,
        "working_directory": "ops",
        "param.limit": "web1, web2",
        "param.tags": "",
        "param.allow_override_limit": "1",
        "param.hide_diff": "1",
    }


@pytest.fixture
def ansible(project: Project, given: dict) -> TaskTemplate:
    return factories.template(
        project,
        app="ansible",
        playbook="site.yml",
        repository_id=given["repository_id"],
        inventory_id=given["inventory_id"],
        task_params={"limit": ["web1"], "allow_override_limit": True, "allow_debug": True},
    )


def stored(model):
    db.session.expire_all()
    return db.session.query(model).order_by(model.id.desc()).first()


def test_a_template_takes_parameters_and_what_runs_may_change(browser, project, given) -> None:
    client = browser("bob")
    page = client.get(f"/p/{project.id}/templates/new/ansible").text
    assert "Playbook" in page and 'name="param.limit"' in page and "Production" in page
    answer = client.post(f"/p/{project.id}/templates/new/ansible", data=given)
    assert answer.status_code == 303, answer.text
    template = stored(TaskTemplate)
    assert template.task_params == {
        "limit": ["web1", "web2"], "allow_override_limit": True, "hide_diff": True}  # fmt: skip
    assert (template.working_directory, template.inventory.name) == ("ops", "Production")
    page = client.get(f"/p/{project.id}/templates/{template.id}/edit").text
    assert 'value="web1, web2"' in page


def test_an_inventory_is_required(browser, project, given) -> None:
    answer = browser("bob").post(
        f"/p/{project.id}/templates/new/ansible", data=given | {"inventory_id": ""}
    )
    assert answer.status_code == 422
    assert "inventory can not be empty" in answer.text.lower()
    assert 'value="web1, web2"' in answer.text


def test_a_script_has_no_parameters(browser, project) -> None:
    page = browser("bob").get(f"/p/{project.id}/templates/new/bash").text
    assert "param.limit" not in page and "inventory_id" not in page


def test_a_run_gives_what_is_open_and_sees_nothing_else(browser, project, ansible) -> None:
    client, url = browser("carol"), f"/p/{project.id}/templates/{ansible.id}/run"
    page = client.get(url).text
    assert 'name="param.limit"' in page and 'value="web1"' in page
    assert 'name="param.dry_run"' in page and 'name="param.debug_level"' in page
    assert "param.tags" not in page
    sent = {"param.limit": "web2", "param.dry_run": "1", "param.debug_level": "2"}
    assert client.post(url, data=sent).status_code == 303
    assert stored(Task).params == {"limit": ["web2"], "dry_run": True, "debug_level": 2}


@pytest.mark.parametrize("level", ["9", "²", "9" * 5000], ids=lambda level: ascii(level)[:9])
def test_a_bad_value_is_refused_at_its_field_and_kept(browser, project, ansible, level) -> None:
    url = f"/p/{project.id}/templates/{ansible.id}/run"
    answer = browser("carol").post(url, data={"param.debug_level": level, "param.limit": "web7"})
    assert answer.status_code == 422
    assert "Must be a number from 1 to 6" in answer.text and 'value="web7"' in answer.text
    assert stored(Task) is None


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"params": {"tags": ["a"]}}, "params.tags"),
        ({"params": {"colour": "red"}}, "params.colour"),
        ({"tags": "a,b"}, "tags"),
        ({"params": {"limit": 7}}, "params.limit"),
        ({"params": {"debug": "yes"}}, "params.debug"),
        ({"environment": json.dumps({"ansible_connection": "local"})},
         "environment.ansible_connection"),
    ],
)  # fmt: skip
def test_what_is_closed_or_unknown_is_refused_by_the_api(
    api, project, ansible, params, field
) -> None:
    ansible.allow_any_vars_in_task = True
    db.session.commit()
    body = {"template_id": ansible.id} | params
    answer = api("carol").post(f"/api/project/{project.id}/tasks", json=body)
    assert answer.status_code == 400 and field in answer.text
    assert stored(Task) is None


def test_old_clients_send_parameters_beside(api, project, ansible) -> None:
    body = {"template_id": ansible.id, "limit": "web1,web3", "dry_run": True, "debug": False}
    answer = api("carol").post(f"/api/project/{project.id}/tasks", json=body)
    assert answer.status_code == 201
    assert answer.json["params"] == {"limit": ["web1", "web3"], "dry_run": True}


@pytest.mark.parametrize("kind", ["templates", "schedules"])
def test_a_workspace_is_called_so_where_one_may_be_chosen(browser, project, kind) -> None:
    template = factories.template(
        project, app="terraform", task_params={"allow_override_inventory": True}
    )
    free = factories.workspace(project, "Free")
    held = factories.workspace(project, "Held")
    held.template_id = factories.template(
        project, "Other", app="terraform", repository_id=template.repository_id
    ).id
    factories.save()
    of_run, of_schedule = f"templates/{template.id}/run", f"schedules/new?template={template.id}"
    where = of_run if kind == "templates" else of_schedule
    page = browser("bob").get(f"/p/{project.id}/{where}").text
    field = page.split('for="f-inventory_id"')[1].split("</select>")[0]
    assert "Workspace" in field and "Inventory" not in field
    assert f'value="{free.id}"' in field and f'value="{held.id}"' not in field


def test_the_count_of_hosts_names_a_field_that_is_there(browser, project, ansible) -> None:
    ansible.task_params = {}
    factories.save()
    page = browser("carol").get(f"/p/{project.id}/templates/{ansible.id}/run").text
    assert 'param.limit"' not in page and 'id="f-inventory_id"' not in page
    place = page.split('id="run-hosts"')[1].split(">")[0]
    assert 'hx-include="#run-hosts, ' in place  # HTMX complains of what matches nothing


def test_a_switch_of_its_own_stands_apart_from_what_is_before_it(browser, project) -> None:
    page = browser("bob").get(f"/p/{project.id}/templates/new/terraform").text
    apart, below = (
        page.split(f'name="param.{name}"')[0].rsplit("<div class=", 1)[1].split(">")[0]
        for name in ("allow_destroy", "hide_plan")
    )
    assert (apart, below) == ('"gap-below gap-above"', '"gap-below"')


def test_what_only_looks_is_refused_where_it_is_to_apply_at_once(browser, api, project) -> None:
    infra = factories.template(project, app="terraform", task_params={"allow_auto_approve": True})
    both = {"plan": True, "auto_approve": True}
    sent = {f"param.{name}": "1" for name in both}
    answer = browser("carol").post(f"/p/{project.id}/templates/{infra.id}/run", data=sent)
    assert answer.status_code == 422 and 'id="f-param.auto_approve-error"' in answer.text
    body = {"template_id": infra.id, "params": both}
    answer = api("carol").post(f"/api/project/{project.id}/tasks", json=body)
    assert answer.status_code == 400 and "params.auto_approve" in answer.text
    assert stored(Task) is None
    body = {"template_id": infra.id, "cron_format": "@daily", "active": True}
    body |= {"task_params": {"params": both}}
    answer = api("bob").post(f"/api/project/{project.id}/schedules", json=body)
    assert answer.status_code == 400 and "auto_approve" in answer.text
    form = f"/p/{project.id}/templates/{infra.id}/edit"
    data = sent | {"name": "Infra", "repository_id": infra.repository_id}
    answer = browser("bob").post(form, data=data)
    assert answer.status_code == 422 and 'id="f-param.auto_approve-error"' in answer.text
