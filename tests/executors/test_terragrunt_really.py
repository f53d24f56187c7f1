"""With the real terragrunt, which runs tofu or terraform in each unit."""

import json
from dataclasses import replace

import pytest

from app.executors.spec import PreparationFailed
from tests.executors.runs import run
from tests.executors.terraforms import installed, plan_of

pytestmark = [installed("terragrunt"), installed("terraform")]

MAIN = """terraform {
  backend "local" {}
}
variable "text" {}
resource "terraform_data" "one" { input = var.text }
"""
ROOT = """remote_state {
  backend = "local"
  config = { path = "STATES/${path_relative_to_include()}.tfstate" }
}
"""
UNIT = 'include "root" { path = find_in_parent_folders("root.hcl") }\n'


@pytest.fixture
def units(tmp_path, spec, origin):
    """A run in the directory live, with the units net and app/web: units(text="first", …)."""

    def make(text="first", script="live", **given):
        origin.write("live/root.hcl", ROOT.replace("STATES", str(tmp_path)))
        for unit in ("net", "app/web"):
            origin.write(f"live/{unit}/terragrunt.hcl", UNIT)
            origin.write(f"live/{unit}/main.tf", MAIN)
        origin.commit()
        return spec(app="terragrunt", script=script, **{"extra_vars": {"text": text}} | given)

    def values():
        found = {}
        for path in sorted(tmp_path.glob("**/*.tfstate")):
            if "terraform_data" in path.read_text():
                state = json.loads(path.read_text())["resources"]
                found[path.stem] = state[0]["instances"][0]["attributes"]["input"]["value"]
        return found

    make.values = values
    return make


def test_all_units_are_planned_shown_and_applied_as_approved(units):
    every = {"run_all": True}
    first, told = run(units(params=every))
    assert first.awaits, told.text
    addresses = [change.address for change in plan_of(told)["changes"].changes]
    assert addresses == ["app/web: terraform_data.one", "net: terraform_data.one"]
    assert units.values() == {}
    outcome, told = run(units(params=every, plan=first.awaits))
    assert outcome.succeeded, told.text
    assert units.values() == {"net": "first", "web": "first"}


def test_all_units_tell_drift(units):
    every = {"run_all": True, "drift_check": True}
    run(units(params={"run_all": True, "auto_approve": True}))
    assert run(units(params=every))[0].finding.words == "No drift"
    assert "Drift" in run(units("second", params=every))[0].finding.words


def test_a_unit_by_itself(units):
    first, told = run(units(script="live/net"))
    assert first.awaits, told.text
    outcome, told = run(units(script="live/net", plan=first.awaits))
    assert outcome.succeeded, told.text
    assert units.values() == {"net": "first"}
    outcome, told = run(units("second", script="live/net", params={"plan": True}))
    assert outcome.succeeded and outcome.awaits is None, told.text


NEEDS_NET = (
    UNIT
    + """
dependency "net" {
  config_path  = "../../net"
  mock_outputs = { given = "mocked" }

  mock_outputs_allowed_terraform_commands = ["init", "plan"]
}
inputs = { text = dependency.net.outputs.given }
"""
)
LEAVES = """
output "given" { value = terraform_data.one.output }
resource "terraform_data" "leaves" {
  provisioner "local-exec" {
    when    = destroy
    command = "echo UNIT is gone"
  }
}
"""


def test_all_units_are_destroyed_as_approved_what_needs_others_first(units, origin):
    every = {"run_all": True}
    made = units(params=every | {"auto_approve": True})
    origin.write("live/app/web/terragrunt.hcl", NEEDS_NET)
    for unit, name in (("net", "net"), ("app/web", "web")):
        origin.write(f"live/{unit}/main.tf", MAIN + LEAVES.replace("UNIT", name))
    origin.commit()
    outcome, told = run(made)
    assert outcome.succeeded, told.text
    assert plan_of(told)["changes"].counts["create"] == 4
    destroys = replace(made, params=every | {"destroy": True})
    plan, told = run(destroys)
    assert plan.awaits, told.text
    assert plan_of(told)["changes"].counts["delete"] == 4
    outcome, told = run(replace(destroys, plan=plan.awaits))
    assert outcome.succeeded, told.text
    assert units.values() == {}
    assert told.text.index("web is gone") < told.text.index("net is gone")


@pytest.mark.parametrize("script", ["live", "live/net"])
def test_the_reason_is_terragrunts_own(units, origin, script):
    made = units(script=script, params={"run_all": script == "live"})
    origin.write("live/net/terragrunt.hcl", 'include "root" { path = nowhere() }')
    origin.commit()
    with pytest.raises(PreparationFailed, match="exit code 1: Call to unknown function"):
        run(made)
