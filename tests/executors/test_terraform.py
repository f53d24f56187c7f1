"""From a plan to the apply of exactly that plan, with a program that tells what it got."""

import hashlib
import re
from pathlib import Path

import pytest

from app.executors import terraform_show
from app.executors.saved_plan import SavedPlan
from app.executors.spec import PreparationFailed
from app.executors.terraform import PLAN, Terraform
from tests.executors.reporters import ListReporter
from tests.executors.runs import run
from tests.executors.terraforms import ADDITIONS, CHANGES, CREATES, calls, plan_of, workspace


def test_what_was_planned_is_what_is_applied(stub):
    made, folder = stub(params={"auto_approve": True}, arguments=("-parallelism=3", "-target=a"))
    outcome, _ = run(made)
    assert outcome.succeeded and (folder / "applied").read_text() == "a plan\n"
    assert calls(folder)[-2].startswith("apply -parallelism=3 -input=false /")


@pytest.mark.parametrize("note", ["", '{"backend": {"type": "local", "config": {"path": "x"}}}'])
def test_nothing_is_applied_whose_state_would_be_lost(stub, note):
    made, folder = stub(params={"auto_approve": True}, note=note)
    with pytest.raises(PreparationFailed, match=r"configure a backend.*Override backend settings"):
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
    assert [line.split()[0] for line in calls(folder)] == ["init", "apply", "output"]
    assert (folder / "lock").read_text() == "the lock"


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


def test_it_gets_no_descriptors_but_its_own(stub):
    made, folder = stub(code=0)
    run(made)
    links = [line.split(" -> ")[1] for line in (folder / "fds.plan").read_text().splitlines()[1:]]
    ours = [link for link in links if not link.startswith(("/dev/null", "pipe:", "/proc/"))]
    assert [Path(link).name for link in ours] == ["program"]  # bash reads its script


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
def test_a_missing_program_is_said_before_anything_else(spec, app, tmp_path):
    told, nowhere = ListReporter(), {"env_vars": {"PATH": str(tmp_path)}}
    with pytest.raises(PreparationFailed, match="is not installed on the machine"):
        run(spec(app=app, script="infra", settings=nowhere), told)
    assert [data["phase"] for kind, data in told.events if kind == "section"] == ["Prepare"] * 2


def test_the_command_line_shows_the_plan(spec):
    made = spec(app="tofu", script="infra")
    assert Terraform().argv(made)[:2] == ["tofu", "plan"]
    assert Terraform().argv(made)[-1] == f"-out=…/{PLAN}"


@pytest.mark.parametrize(
    "params",
    [
        {"auto_approve": True, "upgrade": True, "reconfigure": True, "destroy": True},
        {"auto_approve": True, "backend_config": ["main.tf", "bucket=states"]},
        {"drift_check": True, "lock_timeout": "5s", "parallelism": "3"},
        {"plan": True},
    ],
)
@pytest.mark.parametrize("place", ["default", "live"])
def test_what_is_said_before_is_what_runs(stub, params, place):
    steps = {"init": ("-get=false",), "plan": ("-target=a",), "apply": ("-compact-warnings",)}
    made, _ = stub(params=params, steps=steps, inventory=workspace(place))
    _, told = run(made)
    lines = [line for line in told.lines if line[:1] == "$" and " -json" not in line]
    runs = [re.sub(r"/\S+/((plan|backend)\.tf)", r"…/\1", line) for line in lines]
    said = ["$ " + " ".join(line.argv) for line in Terraform().outline(made)]
    assert runs == said
