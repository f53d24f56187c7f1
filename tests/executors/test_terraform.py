import hashlib
import json
import shutil
from pathlib import Path

import pytest

from app.executors import executor_of, terraform_show
from app.executors.saved_plan import SavedPlan
from app.executors.spec import InventorySpec, PreparationFailed
from app.executors.terraform import PLAN, Terraform
from app.lib.process import Guardian
from tests.executors.reporters import ListReporter
from tests.executors.runs import run

# Tells of each call what it got, plans a change, and saves what a plan file may be.
STUB = """#!/bin/bash
echo "$# $*" >> {calls}
tr '\\0' '\\n' < /proc/$$/cmdline > {folder}/argv.$1
env > {folder}/env.$1
ls -l /proc/$$/fd > {folder}/fds.$1
case "$1" in
  plan) for word; do case "$word" in -out=*) echo "a plan" > "${{word#-out=}}";; esac; done
        exit {code};;
  init) cp .terraform.lock.hcl {folder}/lock 2> /dev/null; mkdir .terraform
        echo '{note}' > .terraform/terraform.tfstate;;
  show) echo "to the errors" >&2; cat {folder}/answer; exit $(cat {folder}/show-code);;
  apply) cp "${{@: -1}}" {folder}/applied;;
esac
"""
CREATES = (Path(__file__).parents[1] / "lib" / "plans" / "creates.json").read_bytes()
S3 = '{"backend": {"type": "s3"}}'
terraform = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")


def workspace(name, type="terraform-workspace"):
    return InventorySpec(3, "W", type, name)


@pytest.fixture
def stub(tmp_path, spec, origin):
    """A run with a program that tells what it got: stub(code=2, params=…); its folder."""
    folder = tmp_path / "told"
    folder.mkdir()
    (folder / "answer").write_bytes(CREATES)
    (folder / "show-code").write_text("0")
    origin.write("infra/main.tf", "")
    origin.commit()

    def make(code=2, app="terraform", note=S3, **given):
        program = tmp_path / "program"
        told = {"calls": folder / "calls", "folder": folder, "code": code, "note": note}
        program.write_text(STUB.format(**told))
        program.chmod(0o700)
        settings = {"app_path": str(program)} | given.pop("settings", {})
        return spec(app=app, script="infra", settings=settings, **given), folder

    return make


def calls(folder: Path) -> list[str]:
    """The command lines, without the number of words."""
    return [line.split(" ", 1)[1] for line in (folder / "calls").read_text().splitlines()]


def test_what_was_planned_is_what_is_applied(stub):
    made, folder = stub(params={"auto_approve": True}, arguments=("-parallelism=3", "-target=a"))
    outcome, _ = run(made)
    assert outcome.succeeded and (folder / "applied").read_text() == "a plan\n"
    assert calls(folder)[-1].startswith("apply -parallelism=3 -input=false /")


@pytest.mark.parametrize("note", ["", '{"backend": {"type": "local", "config": {"path": "x"}}}'])
def test_nothing_is_applied_whose_state_would_be_lost(stub, note):
    made, folder = stub(params={"auto_approve": True}, note=note)
    with pytest.raises(PreparationFailed, match="configure a backend"):
        run(made)
    assert [line.split()[0] for line in calls(folder)] == ["init", "plan", "show"]


def test_a_plan_without_changes_is_a_success(stub):
    made, folder = stub(code=0)
    outcome, told = run(made)
    assert outcome.succeeded and told.statuses[-1] == "running"
    assert calls(folder)[0] == "init -input=false"
    assert calls(folder)[1].startswith("plan -input=false -detailed-exitcode -out=/")


def test_a_plan_that_fails_says_so(stub):
    outcome, _ = run(stub(code=1)[0])
    assert outcome.reason == "infra ended with exit code 1"


def test_a_plan_with_changes_waits_for_approval(stub):
    made, folder = stub()
    outcome, _ = run(made)
    assert outcome.awaits.data == b"a plan\n" and not (folder / "applied").exists()
    assert outcome.awaits.sha256 == hashlib.sha256(b"a plan\n").hexdigest()


def test_what_was_approved_is_applied_and_nothing_is_planned(stub):
    made, folder = stub(plan=SavedPlan(b"approved", "0" * 64, b"the lock"))
    outcome, _ = run(made)
    assert outcome.succeeded and (folder / "applied").read_text() == "approved"
    assert [line.split()[0] for line in calls(folder)] == ["init", "apply"]
    assert (folder / "lock").read_text() == "the lock"


def plan_of(told: ListReporter) -> dict:
    """What was told of the plan, once."""
    [found] = [data for kind, data in told.events if kind == "plan"]
    return found


def test_what_the_plan_changes_is_told_and_not_logged(stub):
    made, folder = stub()
    outcome, told = run(made)
    assert calls(folder)[-1].startswith("show -json /")
    plan = plan_of(told)
    assert plan["sha256"] == outcome.awaits.sha256
    assert plan["changes"].counts == {"create": 11, "output": 4}
    assert "to the errors" in told.lines and "terraform_data" not in told.text


def test_a_plan_without_changes_is_told_without_asking(stub):
    made, folder = stub(code=0)
    _, told = run(made)
    assert plan_of(told)["changes"].counts == {}
    assert not any(line.startswith("show") for line in calls(folder))


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (b"no such command", 0, "The answer cannot be read: "),
        (CREATES, 1, "ended with exit code 1"),
        (b"", 0, "The answer cannot be read: "),
    ],
)
def test_a_tool_that_does_not_tell_its_changes_is_no_failure(stub, answer, code, said):
    made, folder = stub()
    (folder / "answer").write_bytes(answer)
    (folder / "show-code").write_text(str(code))
    outcome, told = run(made)
    assert outcome.awaits and plan_of(told)["changes"] is None
    assert said in told.text and "Only the log shows what the plan changes" in told.lines


def test_an_answer_that_is_too_long_is_not_read(stub, monkeypatch):
    monkeypatch.setattr(terraform_show, "LARGEST", 1000)
    _, told = run(stub()[0])
    assert plan_of(told)["changes"] is None and "told more than 0 MB" in told.text


ADDITIONS = {"auto_approve_additions": True}
CHANGES = (Path(__file__).parents[1] / "lib" / "plans" / "changes.json").read_bytes()


def test_what_only_creates_is_applied_where_the_template_says_so(stub):
    made, folder = stub(params=ADDITIONS)
    outcome, told = run(made)
    assert outcome.succeeded and outcome.awaits is None
    assert (folder / "applied").read_text() == "a plan\n"
    assert "The plan only creates, and is applied without approval" in told.lines


@pytest.mark.parametrize("answer", [CHANGES, b"no such command"])
def test_what_does_more_or_is_not_known_waits_all_the_same(stub, answer):
    made, folder = stub(params=ADDITIONS)
    (folder / "answer").write_bytes(answer)
    outcome, _ = run(made)
    assert outcome.awaits and not (folder / "applied").exists()


def test_what_only_creates_waits_where_nothing_says_so(stub):
    outcome, _ = run(stub(params={"auto_approve_additions": False})[0])
    assert outcome.awaits


def test_plan_only_ends_with_the_plan(stub):
    made, folder = stub(params={"plan": True, "auto_approve": True})
    outcome, told = run(made)
    assert outcome.succeeded and not (folder / "applied").exists()
    assert any("SHA-256" in line for line in told.lines)


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


def test_it_gets_no_descriptors_but_its_own(stub):
    made, folder = stub(code=0)
    run(made)
    links = [line.split(" -> ")[1] for line in (folder / "fds.plan").read_text().splitlines()[1:]]
    ours = [link for link in links if not link.startswith(("/dev/null", "pipe:", "/proc/"))]
    assert [Path(link).name for link in ours] == ["program"]  # bash reads its script


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


def test_providers_are_kept_for_the_project(stub, tmp_path):
    made, folder = stub(code=0)
    run(made)
    cache = tmp_path / "data" / "terraform" / "1"
    assert f"TF_PLUGIN_CACHE_DIR={cache}" in (folder / "env.init").read_text().splitlines()
    assert cache.is_dir()


def test_a_directory_that_is_not_there_is_named(spec):
    settings = {"app_path": "/bin/true"}
    with pytest.raises(PreparationFailed, match="Directory nowhere does not exist"):
        run(spec(app="tofu", script="nowhere", settings=settings))


@pytest.mark.parametrize("app", ["tofu", "terragrunt"])
def test_a_missing_program_is_said_before_anything_else(spec, app):
    told = ListReporter()
    with pytest.raises(PreparationFailed, match="is not installed on the machine"):
        run(spec(app=app, script="infra"), told)
    assert [data["phase"] for kind, data in told.events if kind == "section"] == ["Prepare"] * 2


@pytest.mark.parametrize("argument", ["-destroy", "-out=x", "-var-file=/etc/x", "-chdir=/", "x"])
def test_a_run_may_not_add_what_changes_the_plans_meaning(argument):
    assert "not open to runs" in Terraform.refusal(["-target=a.b", argument])
    assert not Terraform.refusal(["-target=a.b", "-no-color"])


def test_the_command_line_shows_the_plan(spec):
    made = spec(app="tofu", script="infra")
    assert Terraform().argv(made)[:2] == ["tofu", "plan"]
    assert Terraform().argv(made)[-1] == f"-out=…/{PLAN}"


MAIN = """
terraform {
  backend "local" { path = "%s" }
}
variable "token" {
  type      = string
  sensitive = true
}
variable "text" {
  type = string
}
resource "terraform_data" "one" {
  input = var.text
}
%s
"""


@pytest.fixture
def infra(tmp_path, spec, origin):
    """A run of the real program with a state outside of the checkout."""

    def make(more="", text="first", **given):
        origin.write("infra/main.tf", MAIN % (tmp_path / "infra.tfstate", more))
        origin.commit()
        own = {"extra_vars": {"text": text}, "secret_vars": {"token": "s3cr3t-token"}}
        return spec(app="terraform", script="infra", **own | given)

    return make


def resources(tmp_path: Path) -> list[str]:
    state = json.loads((tmp_path / "infra.tfstate").read_text())
    return [one["instances"][0]["attributes"]["input"]["value"] for one in state["resources"]]


@terraform
def test_terraform_applies_the_saved_plan(infra, tmp_path):
    outcome, told = run(infra(params={"auto_approve": True}))
    assert outcome.succeeded, told.text
    assert resources(tmp_path) == ["first"]
    outcome, told = run(infra(params={"auto_approve": True}))
    assert outcome.succeeded and "No changes." in told.text


@terraform
def test_a_plan_is_applied_in_another_checkout_and_refused_when_the_state_moved_on(infra, tmp_path):
    first, _ = run(infra())
    second, _ = run(infra(text="second"))
    outcome, told = run(infra(plan=first.awaits))
    assert outcome.succeeded, told.text
    assert resources(tmp_path) == ["first"]
    outcome, _ = run(infra(text="second", plan=second.awaits))
    assert "Saved plan is stale" in outcome.reason
    assert resources(tmp_path) == ["first"]


@terraform
def test_terraform_tells_what_changes_and_where_the_log_shows_it(infra):
    _, told = run(infra("resource terraform_data two { input = var.token }"))
    plan = plan_of(told)
    assert [change.address for change in plan["changes"].changes] == [
        "terraform_data.one", "terraform_data.two",
    ]  # fmt: skip
    assert "s3cr3t-token" not in repr(plan)
    assert "execution plan" in " ".join(told.lines[plan["line"] : plan["line"] + 2])


@terraform
def test_terraform_adds_by_itself_and_asks_before_it_changes(infra, tmp_path):
    outcome, told = run(infra(params=ADDITIONS))
    assert outcome.succeeded and outcome.awaits is None, told.text
    outcome, _ = run(infra(text="second", params=ADDITIONS))
    assert outcome.awaits
    more = 'resource "terraform_data" "two" { input = "more" }'
    outcome, _ = run(infra(more, params=ADDITIONS))
    assert outcome.succeeded and outcome.awaits is None
    assert resources(tmp_path) == ["first", "more"]


@terraform
def test_terraform_destroys_where_it_is_asked_to(infra, tmp_path):
    run(infra(params={"auto_approve": True}))
    outcome, _ = run(infra(params={"auto_approve": True, "destroy": True}))
    assert outcome.succeeded and resources(tmp_path) == []


@terraform
def test_the_reason_is_terraforms_own(infra):
    outcome, _ = run(infra('output "x" { value = nothing.here }'))
    assert "Reference to undeclared resource" in (outcome.reason or "")


@terraform
def test_a_stop_during_apply_leaves_no_lock(infra, tmp_path):
    wait = """
    resource "terraform_data" "slow" {
      provisioner "local-exec" { command = "echo it works; exec sleep 60" }
    }"""
    made, told = infra(wait, params={"auto_approve": True}), ListReporter()
    guardian = Guardian.fork(made.mark)
    told.on_line(lambda _n, _t, text: guardian.terminate() if "it works" in text else None)
    try:
        outcome = executor_of(made.app)().run(made, told, guardian)
    finally:
        guardian.close()
        told.drain()
    assert not outcome.succeeded
    assert not list(tmp_path.glob(".*.lock.info"))
    outcome, again = run(infra(params={"plan": True}))
    assert outcome.succeeded, again.text
