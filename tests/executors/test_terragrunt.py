"""Terragrunt: one unit as Terraform is run, and all units with a plan each."""

import json

import pytest

from app.executors import executor_of, terragrunt_plans
from app.executors.phases import Watch
from app.executors.saved_plan import SavedPlan
from app.executors.spec import PreparationFailed
from app.executors.terraform_troubles import CUT_OFF
from app.executors.terragrunt import Terragrunt
from tests.executors.reporters import ListReporter
from tests.executors.runs import run
from tests.executors.terraforms import CHANGES, CREATES, S3, calls, plan_of

# As the program: of all units it saves a plan for each, and what it would do, below the directories
# that it is told. An init that is told of one fails.
STUB = """#!/bin/bash
echo "$# $*" >> {folder}/calls
tr '\\0' '\\n' < /proc/$$/cmdline >> {folder}/argv
env > {folder}/env
ls -l /proc/$$/fd > {folder}/fds
if [ "$1" = run ]; then
  shift 2
  if [ "$1" = --out-dir ]; then plans=$2; shift 2; fi
  if [ "$1" = --json-out-dir ]; then told=$2; shift 2; fi
  shift
fi
case "$1" in
  init) [ "$plans" ] && exit 1
        for unit in net app/web; do
          cp $unit/.terraform.lock.hcl {folder}/lock 2> /dev/null
          mkdir -p $unit/.terragrunt-cache/x/.terraform
          echo '{note}' > $unit/.terragrunt-cache/x/.terraform/terraform.tfstate
          echo "lock of $unit" > $unit/.terraform.lock.hcl
        done;;
  plan) for unit in net app/web; do
          mkdir -p $plans/$unit $told/$unit; echo "plan of $unit" > $plans/$unit/tfplan.tfplan
          cp {folder}/$(basename $unit).json $told/$unit/tfplan.json
        done
        echo "not a plan" > $plans/net/tfplan.json; ln -s /etc/passwd $plans/net/other.tfplan
        exit {code};;
  find) cat {folder}/order;;
  apply) if [ -z "$plans" ]; then
           pwd >> {folder}/destroyed; echo "${{PWD##*/infra/}} is gone"; exit
         fi
         (cd $plans && find . -name '*.tfplan' | sort | xargs cat) > {folder}/applied;;
esac
"""
EVERY = "run --all --out-dir"


@pytest.fixture
def grunt(tmp_path, spec, origin):
    """A run of all units with the stub: grunt(code=2, params=…); its folder."""
    folder = tmp_path / "told"
    folder.mkdir()
    (folder / "net.json").write_bytes(CREATES)
    (folder / "web.json").write_bytes(CHANGES)
    for unit in ("net", "app/web"):
        origin.write(f"infra/{unit}/terragrunt.hcl", "")
    origin.commit()

    def make(code=2, note=S3, params=(), **given):
        program = tmp_path / "program"
        program.write_text(STUB.format(folder=folder, code=code, note=note))
        program.chmod(0o700)
        chosen = {"run_all": True} | dict(params)
        own = {"app": "terragrunt", "script": "infra", "settings": {"app_path": str(program)}}
        return spec(**own | {"params": chosen} | given), folder

    return make


def test_all_units_are_planned_and_shown_as_one(grunt):
    made, folder = grunt(arguments=("-parallelism=2",))
    outcome, told = run(made)
    init, plan = calls(folder)
    assert init == "run --all -- init -input=false" and plan.startswith(f"{EVERY} /")
    assert plan.endswith("/told -- plan -parallelism=2 -input=false -detailed-exitcode")
    found = plan_of(told)
    assert found["sha256"] == outcome.awaits.sha256
    assert found["changes"].counts["create"] == 13
    addresses = [change.address for change in found["changes"].changes]
    assert "app/web: terraform_data.replaced" in addresses
    assert any(address.startswith("net: ") for address in addresses)


def test_what_was_approved_of_all_units_is_applied(grunt):
    made, folder = grunt()
    plan = run(made)[0].awaits
    (folder / "calls").unlink()
    outcome, told = run(grunt(plan=plan, arguments=("-no-color",))[0])
    assert outcome.succeeded, told.text
    assert (folder / "applied").read_text() == "plan of app/web\nplan of net\n"
    assert (folder / "lock").read_text() == "lock of app/web\n"
    init, apply = calls(folder)
    assert init == "run --all -- init -input=false -no-color"
    assert apply.endswith("/plans -- apply -no-color -input=false")


UNITS, GONE = ("app/web", "net"), "app/web is gone"


def test_all_units_are_destroyed_one_after_the_other(grunt):
    plan = run(grunt()[0])[0].awaits
    made, folder = grunt(plan=plan, params={"destroy": True})
    (folder / "order").write_text(json.dumps([{"path": unit} for unit in UNITS]))
    outcome, told = run(made)
    assert outcome.succeeded, told.text
    assert [line.partition("/infra/")[2] for line in destroyed(folder)] == list(UNITS)
    assert calls(folder)[-3:-2] == ["find --queue-construct-as=destroy --json"]
    assert calls(folder)[-1].startswith("apply -input=false /")
    assert calls(folder)[-1].endswith("/plans/net/tfplan.tfplan")


@pytest.mark.parametrize("order", ["", "[1]", '[{"path": "net"}]', "no json"])
def test_without_an_order_nothing_is_destroyed(grunt, order):
    plan = run(grunt()[0])[0].awaits
    made, folder = grunt(plan=plan, params={"destroy": True})
    (folder / "order").write_text(order)
    with pytest.raises(PreparationFailed, match="order the units are to be destroyed"):
        run(made)
    assert destroyed(folder) == []


def test_a_stop_between_two_units_says_that_it_had_begun(grunt):
    plan = run(grunt()[0])[0].awaits
    made, folder = grunt(plan=plan, params={"destroy": True})
    (folder / "order").write_text(json.dumps([{"path": unit} for unit in UNITS]))
    told = ListReporter()
    told.on_line(lambda *line: vars(told).update({"cancelled": True} if GONE in line[2] else {}))
    outcome, _ = run(made, told)
    assert not outcome.succeeded and outcome.if_stopped == CUT_OFF
    assert len(destroyed(folder)) == 1


def test_a_time_limit_between_two_units_is_no_success(grunt, monkeypatch):
    plan = run(grunt()[0])[0].awaits
    made, folder = grunt(plan=plan, params={"destroy": True}, max_duration=50)
    (folder / "order").write_text(json.dumps([{"path": unit} for unit in UNITS]))
    is_gone = property(lambda _watch: (folder / "destroyed").exists())
    monkeypatch.setattr(Watch, "is_over", is_gone)
    outcome, _ = run(made)
    assert outcome.reason == "The time limit, 50 s, was reached"
    assert len(destroyed(folder)) == 1


def destroyed(folder):
    path = folder / "destroyed"
    return path.read_text().splitlines() if path.exists() else []


def test_the_same_plans_have_the_same_hash(grunt):
    assert len({run(grunt()[0])[0].awaits.sha256 for _ in range(2)}) == 1


def test_no_changes_in_any_unit_is_a_success(grunt):
    outcome, told = run(grunt(code=0, params={"drift_check": True})[0])
    assert outcome.succeeded and outcome.finding.words == "No drift"
    assert plan_of(told)["changes"].counts == {}


def test_a_unit_that_does_not_tell_leaves_the_plan_to_the_log(grunt):
    made, folder = grunt()
    (folder / "web.json").write_text("no document")
    outcome, told = run(made)
    assert outcome.awaits and plan_of(told)["changes"] is None
    assert "Only the log shows what the plan changes" in told.lines


def test_the_state_of_every_unit_has_to_outlive_the_run(grunt):
    with pytest.raises(PreparationFailed, match="configure a backend"):
        run(grunt(note="{}")[0])


def test_secrets_are_in_no_command_line_and_descriptors_are_its_own(grunt):
    made, folder = grunt(
        params={"plan": True}, secret_vars={"token": "s3cr3t-token"}, extra_vars={"n": [1]}
    )
    run(made)
    env = (folder / "env").read_text().splitlines()
    assert {"TF_VAR_token=s3cr3t-token", "TF_VAR_n=[1]", "TG_NON_INTERACTIVE=true"} <= set(env)
    assert "s3cr3t" not in (folder / "argv").read_text()
    links = [line.split(" -> ")[1] for line in (folder / "fds").read_text().splitlines()[1:]]
    ours = [link for link in links if not link.startswith(("/dev/null", "pipe:", "/proc/"))]
    assert [link for link in ours if not link.endswith("/program")] == [
        link for link in ours if "memfd" in link
    ]


def test_plans_that_name_other_places_are_not_restored(grunt):
    for name in ("../outside.tfplan", "/etc/outside.tfplan"):
        packed = terragrunt_plans._packed({name: b"x"})
        with pytest.raises(PreparationFailed, match="which is no unit"):
            run(grunt(plan=SavedPlan(packed, "0" * 64))[0])


def test_a_unit_that_is_a_link_out_of_the_repository_is_refused(grunt, origin):
    (origin.path / "infra" / "linked").symlink_to("/tmp")
    origin.commit()
    plan = SavedPlan(
        terragrunt_plans._packed({"linked/tfplan.tfplan": b"x"}), "0" * 64,
        terragrunt_plans._packed({"linked": b"lock"}),
    )  # fmt: skip
    with pytest.raises(PreparationFailed, match="leads out of the repository"):
        run(grunt(plan=plan)[0])


def test_a_single_unit_is_run_as_terraform_is(stub):
    made, folder = stub(app="terragrunt", params={"plan": True})
    run(made)
    assert [line.split()[0] for line in calls(folder)] == ["init", "plan", "show"]


def test_a_unit_keeps_its_state_where_its_source_was_copied_to(stub, tmp_path):
    made, folder = stub(app="terragrunt", params={"auto_approve": True})
    program = tmp_path / "program"
    cache = ".terragrunt-cache/a/b/.terraform"
    program.write_text(program.read_text().replace("mkdir .terraform", f"mkdir -p {cache}")
                       .replace("> .terraform/", f"> {cache}/"))  # fmt: skip
    outcome, told = run(made)
    assert outcome.succeeded, told.text
    assert (folder / "applied").exists()


def test_all_units_take_no_backend_of_the_template():
    assert list(Terragrunt.conflicts({"run_all": True, "backend_config": ["a=b"]}, ())) == [
        "backend_config"
    ]
    assert not Terragrunt.conflicts({"backend_config": ["a=b"]}, ())
    here = {"run_all": True, "override_backend": True}
    assert list(Terragrunt.conflicts(here, here)) == ["override_backend"]
    both = {"backend_config": ["a=b"], "override_backend": True}
    assert list(Terragrunt.conflicts(both, both)) == ["backend_config"]


def test_only_terragrunt_has_units():
    assert executor_of("terragrunt") is Terragrunt
    names = {
        app: {one.name for one in executor_of(app).parameters} for app in ("tofu", "terragrunt")
    }
    assert names["terragrunt"] - names["tofu"] == {"run_all"}


def test_the_command_line_shows_all_units(spec):
    made = spec(app="terragrunt", script="infra", params={"run_all": True})
    assert Terragrunt().argv(made) == [
        "terragrunt", "run", "--all", "--out-dir", "…/plans", "--json-out-dir", "…/told", "--",
        "plan", "-input=false", "-detailed-exitcode",
    ]  # fmt: skip


def test_the_packed_plans_are_json():
    packed = terragrunt_plans._packed({"b/p.tfplan": b"\x00", "a/p.tfplan": b"1"})
    assert list(json.loads(packed)) == ["a/p.tfplan", "b/p.tfplan"]
