"""A drift check plans, says what it has found, and succeeds: it never waits and never applies."""

import pytest

from app.executors.outcome import Finding
from app.executors.terraform import Terraform
from tests.executors.runs import run
from tests.executors.terraforms import ADDITIONS, CHANGES, calls, plan_of, resources

CHECK = {"drift_check": True}


def test_no_drift_is_a_success_that_says_so(stub):
    outcome, told = run(stub(code=0, params=CHECK)[0])
    assert outcome.succeeded and outcome.finding == Finding("No drift")
    assert told.lines[-1] == "No drift"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (CHANGES, "Drift: 2 to create, 4 to change, 2 to replace, 2 to destroy, 1 to forget"),
        (b"no such command", "Drift"),
    ],
)
def test_drift_is_a_success_that_says_what_differs(stub, answer, words):
    made, folder = stub(params=CHECK)
    (folder / "answer").write_bytes(answer)
    outcome, told = run(made)
    assert outcome.succeeded and outcome.awaits is None
    assert outcome.finding.words.startswith(words) and outcome.finding.is_trouble
    assert outcome.finding.words in told.lines and plan_of(told)["sha256"]


@pytest.mark.parametrize("more", [{"auto_approve": True}, ADDITIONS, {"plan": True}])
def test_whatever_else_is_asked_for_nothing_is_applied(stub, more):
    made, folder = stub(params=CHECK | more)
    outcome, _ = run(made)
    assert outcome.finding.words == "Drift: 11 to create, 4 outputs"
    assert [line.split()[0] for line in calls(folder)] == ["init", "plan", "show"]


def test_a_check_needs_no_state_that_is_kept(stub):
    assert run(stub(params=CHECK, note="")[0])[0].finding.is_trouble


def test_a_check_that_fails_has_found_nothing(stub):
    outcome, _ = run(stub(code=1, params=CHECK)[0])
    assert not outcome.succeeded and outcome.finding is None


def test_other_runs_find_nothing(stub):
    assert run(stub(code=0)[0])[0].finding is None
    assert run(stub(params={"auto_approve": True})[0])[0].finding is None


def test_a_plan_only_says_what_it_would_change(stub):
    made, folder = stub(params={"plan": True})
    outcome, told = run(made)
    assert outcome.finding == Finding("Plan only: 11 to create, 4 outputs")
    assert told.lines[-1] == outcome.finding.words
    (folder / "answer").write_bytes(b"no such command")
    assert run(made)[0].finding == Finding("Plan only")


def test_a_check_cannot_destroy():
    both = CHECK | {"destroy": True}
    assert list(Terraform.conflicts(both, both)) == ["destroy"]
    assert not Terraform.conflicts({"destroy": True}, ["destroy"])


def test_terraform_finds_what_differs_and_leaves_it(infra, tmp_path):
    run(infra(params={"auto_approve": True}))
    assert run(infra(params=CHECK))[0].finding == Finding("No drift")
    outcome, told = run(infra(text="second", params=CHECK | {"auto_approve": True}))
    assert outcome.finding == Finding("Drift: 1 to change", is_trouble=True), told.text
    assert resources(tmp_path) == ["first"]
