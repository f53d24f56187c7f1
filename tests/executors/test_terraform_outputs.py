"""The outputs of what was applied are told, and stand in no log."""

import json

import pytest

from app.executors import terraform_show
from tests.executors.runs import run
from tests.executors.terraforms import calls

APPLY = {"auto_approve": True}
OUTPUTS = {
    "address": {"sensitive": False, "type": "string", "value": "10.0.0.7"},
    "password": {"sensitive": True, "type": "string", "value": "s3cr3t-word"},
}


def outputs_of(told) -> dict:
    """What was told of the outputs, once."""
    [found] = [data["outputs"] for kind, data in told.events if kind == "outputs"]
    return {one.name: one for one in found}


def test_they_are_told_after_an_apply_and_sensitive_values_are_not(stub):
    made, folder = stub(params=APPLY)
    (folder / "outputs").write_text(json.dumps(OUTPUTS))
    outcome, told = run(made)
    found = outputs_of(told)
    assert outcome.succeeded and calls(folder)[-1] == "output -json"
    assert found["address"].value == "10.0.0.7"
    assert found["password"].sensitive and found["password"].value is None
    assert "10.0.0.7" not in told.text and "s3cr3t" not in repr(told.events)
    assert "Outputs kept: 2, 1 of them sensitive: their values are not" in told.lines


@pytest.mark.parametrize("given", [{"code": 0}, {"params": {"plan": True}}, {}])
def test_what_applies_nothing_is_not_asked_for_them(stub, given):
    made, folder = stub(**given)
    _, told = run(made)
    assert "output -json" not in calls(folder)
    assert not any(kind == "outputs" for kind, _ in told.events)


@pytest.mark.parametrize("answer", ["no JSON", "[]"])
def test_that_they_cannot_be_read_is_no_failure(stub, answer):
    made, folder = stub(params=APPLY)
    (folder / "outputs").write_text(answer)
    outcome, told = run(made)
    assert outcome.succeeded and "The outputs cannot be read" in told.text


def test_an_answer_that_is_too_long_is_not_read(stub, monkeypatch):
    made, folder = stub(params=APPLY)
    (folder / "outputs").write_text(json.dumps(OUTPUTS))
    monkeypatch.setattr(terraform_show, "LARGEST", 10)
    outcome, told = run(made)
    assert outcome.succeeded and "told more than 0 MB" in told.text


def test_terraform_tells_them_in_their_types(infra):
    more = """
    output "sizes" { value = { small = 1, large = [true, null] } }
    output "token" {
      value     = var.token
      sensitive = true
    }"""
    outcome, told = run(infra(more, params=APPLY))
    found = outputs_of(told)
    assert outcome.succeeded and found["sizes"].value == {"small": 1, "large": [True, None]}
    assert found["sizes"].type[0] == "object" and found["token"].sensitive
    assert "s3cr3t-token" not in told.text + repr(found)
