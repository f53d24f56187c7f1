"""With the real terraform."""

import pytest

from app.executors import executor_of
from app.lib.process import Guardian
from tests.executors.reporters import ListReporter
from tests.executors.runs import run
from tests.executors.terraforms import ADDITIONS, plan_of, resources, terraform


def test_terraform_applies_the_saved_plan(infra, tmp_path):
    outcome, told = run(infra(params={"auto_approve": True}))
    assert outcome.succeeded, told.text
    assert resources(tmp_path) == ["first"]
    outcome, told = run(infra(params={"auto_approve": True}))
    assert outcome.succeeded and "No changes." in told.text


def test_a_plan_is_applied_in_another_checkout_and_refused_when_the_state_moved_on(infra, tmp_path):
    first, _ = run(infra())
    second, _ = run(infra(text="second"))
    outcome, told = run(infra(plan=first.awaits))
    assert outcome.succeeded, told.text
    assert resources(tmp_path) == ["first"]
    outcome, _ = run(infra(text="second", plan=second.awaits))
    assert "Saved plan is stale" in outcome.reason
    assert resources(tmp_path) == ["first"]


def test_terraform_tells_what_changes_and_where_the_log_shows_it(infra):
    _, told = run(infra("resource terraform_data two { input = var.token }"))
    plan = plan_of(told)
    assert [change.address for change in plan["changes"].changes] == [
        "terraform_data.one", "terraform_data.two",
    ]  # fmt: skip
    assert "s3cr3t-token" not in repr(plan)
    assert "execution plan" in " ".join(told.lines[plan["line"] : plan["line"] + 2])


def test_terraform_adds_by_itself_and_asks_before_it_changes(infra, tmp_path):
    outcome, told = run(infra(params=ADDITIONS))
    assert outcome.succeeded and outcome.awaits is None, told.text
    outcome, _ = run(infra(text="second", params=ADDITIONS))
    assert outcome.awaits
    more = 'resource "terraform_data" "two" { input = "more" }'
    outcome, _ = run(infra(more, params=ADDITIONS))
    assert outcome.succeeded and outcome.awaits is None
    assert resources(tmp_path) == ["first", "more"]


def test_terraform_destroys_where_it_is_asked_to(infra, tmp_path):
    run(infra(params={"auto_approve": True}))
    outcome, _ = run(infra(params={"auto_approve": True, "destroy": True}))
    assert outcome.succeeded and resources(tmp_path) == []


def test_the_reason_is_terraforms_own(infra):
    outcome, _ = run(infra('output "x" { value = nothing.here }'))
    assert "Reference to undeclared resource" in (outcome.reason or "")


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


OWN = {"text": "first", "sizes": [1, 2], "anything": {"a": [1]}}
DECLARED = 'variable "sizes" { type = list(number) }\nvariable "anything" {}\n'


def test_an_apply_ignores_no_variable(infra):
    more = (
        DECLARED
        + """
    resource "terraform_data" "two" { input = [length(var.sizes), var.anything] }"""
    )
    first, _ = run(infra(more, extra_vars=OWN))
    outcome, told = run(infra(more, plan=first.awaits, extra_vars=OWN))
    assert outcome.succeeded, told.text
    assert "Ignoring variable" not in told.text and "Warning" not in told.text


@terraform  # OpenTofu has such variables from 1.11 on
@pytest.mark.parametrize("infra", ["terraform"], indirect=True)
def test_an_apply_has_the_ephemeral_ones(infra):
    more = (
        DECLARED
        + """
    variable "password" {
      type      = string
      ephemeral = true
    }
    resource "terraform_data" "two" {
      input = [length(var.sizes), var.anything]
      provisioner "local-exec" {
        command = "echo it is $LENGTH long"
        environment = { LENGTH = length(var.password) }
      }
    }"""
    )
    secret = {"token": "s3cr3t-token", "password": "s3cr3t-password"}
    given = {"extra_vars": OWN, "secret_vars": secret}
    first, _ = run(infra(more, **given))
    outcome, told = run(infra(more, plan=first.awaits, **given))
    assert outcome.succeeded, told.text
    assert "Ignoring variable" not in told.text and "Warning" not in told.text


def test_a_variable_without_a_value_is_named(infra):
    outcome, _ = run(infra('variable "region" {}'))
    assert "No value for required variable “region”." in outcome.reason
