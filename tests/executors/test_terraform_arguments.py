"""What reaches terraform, and by which way: arguments, parameters, variables and secrets."""

import json
import stat
from pathlib import Path

import pytest

from app.executors import terraform_variables
from app.executors.machine import EngineSettings
from app.executors.spec import Place, PreparationFailed, RepositorySpec, RunSpec
from app.executors.terraform import Terraform
from tests.executors.runs import run
from tests.executors.terraforms import calls, workspace


def test_variables_and_secrets_are_in_the_environment_and_in_no_command_line(stub):
    made, folder = stub(
        params={"plan": True},
        extra_vars={"region": "eu", "sizes": [1, 2], "semaphore_vars": {}},
        secret_vars={"token": "s3cr3t-token"},
        secret_env={"API_KEY": "s3cr3t-key"},
    )
    run(made)
    env = (folder / "env.plan").read_text().splitlines()
    assert {"TF_VAR_region=eu", "TF_VAR_sizes=[1, 2]", "TF_VAR_token=s3cr3t-token"} <= set(env)
    assert "API_KEY=s3cr3t-key" in env and "TF_IN_AUTOMATION=1" in env
    assert not any(line.startswith("TF_VAR_semaphore_vars") for line in env)
    assert all("s3cr3t" not in path.read_text() for path in folder.glob("argv.*"))
    assert f"SEMAPHORE_TASK_DETAILS_ID={made.task_id}" in env


def test_arguments_and_parameters_reach_the_steps_that_know_them(stub):
    made, folder = stub(
        arguments=("-parallelism=3", "-lock-timeout=5s", "-target=a.b"),
        task_arguments=("-var=x=1",),
        params={"plan": True, "destroy": True, "upgrade": True, "reconfigure": True},
        inventory=workspace("prod"),
    )
    run(made)
    init, select, plan, _ = calls(folder)
    assert init == "init -input=false -upgrade -reconfigure -lock-timeout=5s"
    assert select == "workspace select -or-create=true prod"
    assert plan.startswith(
        "plan -parallelism=3 -lock-timeout=5s -target=a.b -var=x=1 -destroy -input=false"
    )


def test_the_default_workspace_is_not_selected(stub):
    made, folder = stub(code=0, inventory=workspace("default"))
    run(made)
    assert len(calls(folder)) == 2


def test_an_inventory_of_hosts_is_refused(stub):
    with pytest.raises(PreparationFailed, match="names hosts"):
        run(stub(inventory=workspace("a", "static"))[0])


@pytest.mark.parametrize("argument", ["-destroy", "-out=x", "-var-file=/etc/x", "-chdir=/", "x"])
def test_a_run_may_not_add_what_changes_the_plans_meaning(argument):
    assert "not open to runs" in Terraform.refusal(["-target=a.b", argument])
    assert not Terraform.refusal(["-target=a.b", "-no-color"])


def test_steps_have_arguments_of_their_own(stub):
    made, folder = stub(
        params={"auto_approve": True},
        arguments=("-parallelism=3", "-target=a.b"),
        steps={"init": ("-plugin-dir=x",), "apply": ("-lock=false",)},
        task_arguments=("-no-color",),
        task_steps={"plan": ("-refresh=false",)},
    )
    run(made)
    init, plan, _, apply, _ = calls(folder)
    assert init == "init -input=false -plugin-dir=x -no-color"
    assert plan.startswith("plan -parallelism=3 -target=a.b -refresh=false -input=false")
    assert apply.startswith("apply -lock=false -no-color -input=false /")


def test_what_a_template_says_once_reaches_all_steps_that_know_it(stub):
    made, folder = stub(params={"auto_approve": True, "lock_timeout": "30s", "parallelism": "2"})
    run(made)
    init, plan, _, apply, _ = calls(folder)
    assert init == "init -input=false -lock-timeout=30s"
    assert plan.startswith("plan -lock-timeout=30s -parallelism=2 -input=false")
    assert apply.startswith("apply -lock-timeout=30s -parallelism=2 -input=false")


@pytest.mark.parametrize(
    ("step", "argument"),
    [("init", "-upgrade"), ("init", "-target=a"), ("apply", "-lock=false"), ("apply", "-var=a=b")],
)
def test_a_run_adds_to_a_step_only_what_is_harmless_there(step, argument):
    assert f"not open to runs of {step}" in Terraform.refusal([argument], step)
    assert not Terraform.refusal(["-no-color", "-lock-timeout=3s"], step)


# Variables in files


CONFIGURATION = """
variable "plain" {}
variable "named" {
  type = string
}
variable "sizes" {
  validation {
    condition = length(var.sizes) > 0
  }
  type = list(number)
}
  variable flag { type = bool }
# variable "comment" {
"""


def file_of(words: list[str], option: str) -> dict:
    """What the file holds that an option names, which nobody else can read."""
    [path] = [Path(word.partition("=")[2]) for word in words if word.startswith(option)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return json.loads(path.read_text())


def given(place, **values):
    """The variables of a run, secret ones with an underscore in front, in the file."""
    secret = {name[1:]: value for name, value in values.items() if name.startswith("_")}
    plain = {name: value for name, value in values.items() if not name.startswith("_")}
    spec = RunSpec(
        task_id=1, project_id=1, app="terraform", playbook="", mark="",
        repository=RepositorySpec(1, "", ""), settings=EngineSettings(data_dir=place),
        extra_vars=plain, secret_vars=secret,
    )  # fmt: skip
    at = Place(place, place, place, 0, None, "")
    words = terraform_variables.arguments(spec, at, place)
    return file_of(words, "-var-file=") if words else {}


def test_declared_variables_are_told_in_their_types(tmp_path):
    (tmp_path / "main.tf").write_text(CONFIGURATION)
    more = {"variable": {"other": {"type": "map(string)"}, "any": {"type": "${any}"}, "no": {}}}
    (tmp_path / "more.tf.json").write_text(json.dumps(more))
    found = terraform_variables.declarations(tmp_path)
    assert {name: one.type for name, one in found.items()} == {
        "plain": "", "named": "string", "sizes": "list", "flag": "bool",
        "other": "map", "any": "", "no": "",
    }  # fmt: skip
    assert given(
        tmp_path, plain=[1, 2], named="[1]", sizes="[1, 2]", flag="true", _other='{"a": "b"}',
        strange="x", _no="s3cr3t",
    ) == {
        "plain": [1, 2], "named": "[1]", "sizes": [1, 2], "flag": True, "other": {"a": "b"},
        "no": "s3cr3t",
    }  # fmt: skip


def test_what_only_the_tool_can_read_stays_in_the_environment(tmp_path):
    (tmp_path / "main.tf").write_text(CONFIGURATION)
    assert given(tmp_path, sizes="[1, 1 + 1]") == {}
    assert given(tmp_path, flag="yes") == {"flag": "yes"}


def test_links_are_not_followed_to_declarations(tmp_path):
    (tmp_path / "elsewhere").write_text(CONFIGURATION)
    (tmp_path / "main.tf").symlink_to(tmp_path / "elsewhere")
    assert terraform_variables.declarations(tmp_path) == {}


def test_no_command_line_has_a_value(stub, origin):
    origin.write("infra/variables.tf", CONFIGURATION)
    origin.commit()
    made, folder = stub(
        params={"plan": True},
        arguments=("-var=plain=x",),
        extra_vars={"sizes": [4711]},
        secret_vars={"named": "s3cr3t-name"},
    )
    run(made)
    plan = next(line for line in calls(folder) if line.startswith("plan"))
    assert plan.startswith("plan -var-file=/") and plan.split()[2] == "-var=plain=x"
    told = "".join(path.read_text() for path in folder.glob("argv.*"))
    assert "s3cr3t" not in told and "4711" not in told


TYPED = """
variable "any" {}
variable "sizes" { type = list(number) }
variable "flag" { type = bool }
variable "name" { type = string }
variable "place" { default = "nowhere" }
resource "terraform_data" "typed" {
  input = "${jsonencode([var.any, var.sizes, var.flag, var.name])} ${var.place}"
}
"""


@pytest.mark.parametrize("flag", [True, "true"])
def test_terraform_gets_typed_values_that_count_before_those_of_the_repository(
    infra, origin, tmp_path, flag
):
    origin.write("infra/terraform.tfvars", 'name = "repository"\n')
    values = {"any": {"a": [1, None]}, "sizes": [1, 2.5], "flag": flag, "name": "${run}"}
    variables = {"text": "first", "unknown": [1]} | values
    outcome, told = run(infra(TYPED, params={"auto_approve": True}, extra_vars=variables))
    assert outcome.succeeded, told.text
    assert json.loads((tmp_path / "infra.tfstate").read_text())["resources"]
    stored = (tmp_path / "infra.tfstate").read_text()
    typed = json.dumps([{"a": [1, None]}, [1, 2.5], True, "$${run}"], separators=(",", ":"))
    assert json.dumps(f"{typed} nowhere".replace("$$", "$"))[1:-1] in stored
    assert "undeclared" not in told.text


def test_terraform_applies_an_approved_plan_with_the_variables_it_was_made_with(infra, tmp_path):
    values = {"any": [1, "2"], "sizes": [1], "flag": False, "name": "x", "text": "first"}
    first, told = run(infra(TYPED, extra_vars=values))
    assert first.awaits, told.text
    outcome, told = run(infra(TYPED, extra_vars=values, plan=first.awaits))
    assert outcome.succeeded, told.text
    assert '[[1,\\"2\\"],[1],false' in (tmp_path / "infra.tfstate").read_text()


@pytest.mark.parametrize(("app", "again"), [("terraform", False), ("tofu", True)])
def test_an_apply_is_not_told_what_its_plan_has(stub, origin, app, again):
    origin.write(
        "infra/vars.tf",
        """
variable "sizes" { type = list(number) }
variable "token" {
  ephemeral = true
}
""",
    )
    origin.write("infra/more.tf.json", '{"variable": {"pin": {"ephemeral": true}}}')
    origin.commit()
    made, folder = stub(
        app=app,
        params={"auto_approve": True},
        extra_vars={"sizes": [1, 2], "of_script": "x"},
        secret_vars={"token": "s3cr3t-token", "pin": "1234"},
    )
    run(made)
    env = set((folder / "env.apply").read_text().splitlines())
    assert {"TF_VAR_token=s3cr3t-token", "TF_VAR_pin=1234", "TF_VAR_of_script=x"} <= env
    assert ("TF_VAR_sizes=[1, 2]" in env) is again
    assert "TF_VAR_sizes=[1, 2]" in (folder / "env.plan").read_text().splitlines()
