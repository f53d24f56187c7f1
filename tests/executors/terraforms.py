"""Runs of terraform: a stub that tells what it got, and the real program with its own state."""

import json
import shutil
from pathlib import Path

import pytest

from app.executors.spec import InventorySpec
from tests.executors.reporters import ListReporter

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
  output) cat {folder}/outputs;;
  apply) cp "${{@: -1}}" {folder}/applied;;
esac
"""
CREATES = (Path(__file__).parents[1] / "lib" / "plans" / "creates.json").read_bytes()
CHANGES = (Path(__file__).parents[1] / "lib" / "plans" / "changes.json").read_bytes()
ADDITIONS = {"auto_approve_additions": True}
S3 = '{"backend": {"type": "s3"}}'


def installed(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(tool), reason=f"{tool} is not installed")


terraform = installed("terraform")


def workspace(name, type="terraform-workspace"):
    return InventorySpec(3, "W", type, name)


@pytest.fixture
def stub(tmp_path, spec, origin):
    """A run with a program that tells what it got: stub(code=2, params=…); its folder."""
    folder = tmp_path / "told"
    folder.mkdir()
    (folder / "answer").write_bytes(CREATES)
    (folder / "show-code").write_text("0")
    (folder / "outputs").write_text("{}")
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


def plan_of(told: ListReporter) -> dict:
    """What was told of the plan, once."""
    [found] = [data for kind, data in told.events if kind == "plan"]
    return found


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


@pytest.fixture(
    params=[pytest.param(tool, marks=installed(tool)) for tool in ("terraform", "tofu")]
)
def infra(request, tmp_path, spec, origin):
    """A run of each real program with a state outside of the checkout."""

    def make(more="", text="first", **given):
        origin.write("infra/main.tf", MAIN % (tmp_path / "infra.tfstate", more))
        origin.commit()
        own = {"extra_vars": {"text": text}, "secret_vars": {"token": "s3cr3t-token"}}
        return spec(app=request.param, script="infra", **own | given)

    return make


def resources(tmp_path: Path) -> list[str]:
    state = json.loads((tmp_path / "infra.tfstate").read_text())
    return [one["instances"][0]["attributes"]["input"]["value"] for one in state["resources"]]
