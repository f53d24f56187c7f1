import json

from app.db import db
from app.extensions import redis
from app.models import TaskSection
from app.services import effective_command
from tests import factories
from tests.services.output import batch, held_task, sink_of


def test_it_is_script_then_arguments_then_variables(project):
    group = factories.environment(project, json='{"color": "dark red", "n": 3}')
    template = factories.template(project, playbook="run.sh", arguments='["-v", "two words"]')
    template.environments = [group]
    assert (
        effective_command.of_template(template, '["--last"]')
        == "bash run.sh -v 'two words' 'color=dark red' n=3 --last"
    )


def test_a_later_group_wins_over_an_earlier_one(project):
    groups = [factories.environment(project, json=json.dumps({"n": n})) for n in (1, 2)]
    assert effective_command.show("bash", "a.sh", None, groups) == "bash a.sh n=2"


def test_the_answers_of_a_run_win_over_the_groups(project):
    template = factories.template(project)
    template.environments = [factories.environment(project, json='{"n": 1}')]
    task = factories.task(template, environment='{"n": 5}', arguments='["x"]')
    assert effective_command.of_task(task) == "bash hello.sh n=5 x"


def test_what_a_run_executed_is_told_by_its_log_whatever_the_template_became(project):
    task = held_task(project)
    sink = sink_of(task, redis.client)
    sink.take(batch(0, b"Preparing\n$ bash old.sh 'a b'\nhello\n"))
    sink.flush()
    assert effective_command.executed(task) == ""
    db.session.add(
        TaskSection(
            task_id=task.id, seq=3, kind="phase", title="Run", first_line=1, first_ms=1, rev=1
        )
    )
    task.template.playbook = "new.sh"
    db.session.commit()
    assert effective_command.executed(task) == "bash old.sh 'a b'"


def test_arguments_that_are_the_templates_own_are_not_given_twice(project):
    template = factories.template(project, arguments='["a"]')
    task = factories.task(template, arguments='["a"]')
    assert effective_command.of_task(task) == "bash hello.sh a"


def test_what_is_being_typed_need_not_be_json(app):
    assert effective_command.show("bash", "a.sh", '["', [], "{", "[1]").startswith("bash a.sh")


def test_an_app_that_is_not_there_has_no_command(app):
    assert effective_command.show("cobol", "a.cbl", None, []) == ""


def test_it_names_the_hosts_of_the_template_or_of_the_run(project):
    typed = factories.inventory(project, inventory="here")
    file = factories.inventory(project, "File", type="file", inventory="hosts/web")
    values = {"app": "ansible", "playbook": "site.yml", "inventory_id": typed.id}
    template = factories.template(project, **values)
    assert "-i …/inventory" in effective_command.of_template(template).replace("'", "")
    task = factories.task(template, inventory_id=file.id)
    assert "-i hosts/web" in effective_command.of_task(task)


def test_all_steps_of_terraform_are_shown_and_no_value_of_its_backend(project):
    values = {"app": "terraform", "playbook": "infra", "task_params": {"auto_approve": True}}
    live = factories.inventory(project, type="terraform-workspace", inventory="live")
    template = factories.template(project, **values, inventory_id=live.id)
    backend = {"backend_config": ["eu.tfbackend", "password=$STATE", "key=s3cr3t"]}
    asked = backend | {"upgrade": True, "destroy": True}
    init, workspace, plan, apply = effective_command.of_template(
        template, params=asked
    ).splitlines()
    assert init == (
        "terraform init -input=false -upgrade -backend-config=eu.tfbackend "
        "'-backend-config=…/backend.tfbackend.json'"
    )
    assert workspace == "terraform workspace select -or-create=true live"
    assert plan.startswith("terraform plan -destroy")
    assert apply == ("terraform apply -input=false '…/plan.tfplan'  # if the plan changes anything")


def test_what_only_looks_has_no_apply_and_what_waits_says_so(project):
    template = factories.template(project, app="terraform", playbook="infra")
    waits = effective_command.of_template(template)
    assert waits.endswith("  # once somebody approves the plan")
    assert " workspace " not in waits  # the one that is always there needs none
    for name in ("plan", "drift_check"):
        assert " apply " not in effective_command.of_template(template, params={name: True})
    adds = effective_command.of_template(template, params={"auto_approve_additions": True})
    assert adds.endswith("once somebody approves the plan, or if it only creates")
    here = factories.inventory(project, type="terraform-workspace", inventory="live")
    params = {"override_backend": True}
    assert " workspace " not in effective_command.of_template(
        template, params=params, inventory=here
    )
