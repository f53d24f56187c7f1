"""What reaches terraform, and by which way: arguments, parameters, variables and secrets."""

import pytest

from app.executors.spec import PreparationFailed
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
