"""The tools themselves, as far as this machine has them: what arrives, and that a stop ends it."""

import json
import shutil
import threading
from dataclasses import dataclass, field

import pytest

from app.executors import ansible_tools, executor_of
from app.executors.spec import InventorySpec
from app.lib.git import SYSTEM_PATH
from app.lib.process import Guardian
from tests.executors.contract.test_start import TYPED
from tests.executors.contract.tools import HOSTS
from tests.executors.reporters import ListReporter
from tests.executors.runs import run, spec_of
from tests.lib.processes import marked

TEXTS = [text for text in TYPED if len(text) < 1000]
KEEPS_BASH = """
for word; do
  case "$word" in typed*=*) printf %s "${word#*=}" > "$SEMAPHORE_ARTIFACTS/${word%%=*}";; esac
done
printf %s "$hidden" > "$SEMAPHORE_ARTIFACTS/hidden"
cat /proc/$$/environ /proc/$$/cmdline > "$SEMAPHORE_ARTIFACTS/given"
"""
KEEPS_PYTHON = """
import os, sys
folder = os.environ["SEMAPHORE_ARTIFACTS"] + "/"
values = dict(word.split("=", 1) for word in sys.argv[1:])
for name, value in (values | {"hidden": os.environ["hidden"]}).items():
    open(folder + name, "w", newline="").write(value)
given = b"".join(open("/proc/self/" + name, "rb").read() for name in ("environ", "cmdline"))
open(folder + "given", "wb").write(given)
"""
KEEPS_POWERSHELL = """
$folder = $env:SEMAPHORE_ARTIFACTS
foreach ($word in $args) {
  $name, $value = $word -split '=', 2
  [IO.File]::WriteAllText("$folder/$name", $value)
}
[IO.File]::WriteAllText("$folder/hidden", $env:hidden)
Get-ChildItem env: | Out-String | Set-Content -NoNewline "$folder/given"
"""
KEEPS_ANSIBLE = """
- hosts: all
  gather_facts: false
  vars:
    folder: "{{ lookup('env', 'SEMAPHORE_ARTIFACTS') }}"
    names: "{{ query('varnames', '^typed') }}"
  tasks:
    - copy:
        content: "{{ dict(names | zip(query('vars', *names))) | to_json }}"
        dest: "{{ folder }}/typed.json"
    - copy:
        content: "{{ hidden }}"
        dest: "{{ folder }}/hidden"
    - shell: cat /proc/$PPID/environ /proc/$PPID/cmdline > {{ folder }}/given
"""
STATE = """
terraform {
  backend "local" { path = "%s/of-%s.tfstate" }
}
"""
KEEPS_TERRAFORM = """
locals {
  typed = { %s }
}
resource "terraform_data" "keep" {
  for_each = merge(local.typed, { hidden = nonsensitive(var.hidden) })
  provisioner "local-exec" {
    command     = "printf %%s \\"$VALUE\\" > $SEMAPHORE_ARTIFACTS/${each.key}"
    environment = { VALUE = each.value }
    quiet       = true
  }
}
resource "terraform_data" "given" {
  provisioner "local-exec" {
    command = "cat /proc/$PPID/environ /proc/$PPID/cmdline > $SEMAPHORE_ARTIFACTS/given"
  }
}
variable "hidden" {
  type      = string
  sensitive = true
}
"""
SLEEPS_TERRAFORM = """
resource "terraform_data" "slow" {
  provisioner "local-exec" { command = "setsid sleep 300 & echo it is up; exec sleep 300" }
}
"""
SLEEPS_ANSIBLE = """
- hosts: all
  gather_facts: false
  tasks:
    - debug: msg="it is up"
    - shell: setsid sleep 300 & sleep 300
"""
SLEEPS = "setsid sleep 300 &\necho it is up\nsleep 300\n"
SLEEPS_PYTHON = """
import subprocess, time
subprocess.Popen(["setsid", "sleep", "300"])
print("it is up")
time.sleep(300)
"""


@dataclass(frozen=True)
class Real:
    """A tool with a file that keeps what it was given as artifacts, and one that never ends."""

    program: str
    file: str
    script: str
    keeps: str
    sleeps: str
    params: dict = field(default_factory=dict)
    inventory: InventorySpec | None = None


def infrastructure(program: str) -> Real:
    typed = ", ".join(f"typed{n} = var.typed{n}" for n in range(len(TEXTS)))
    variables = "".join(f'variable "typed{n}" {{ type = string }}\n' for n in range(len(TEXTS)))
    return Real(
        program, "infra/main.tf", "infra", KEEPS_TERRAFORM % typed + variables, SLEEPS_TERRAFORM,
        params={"auto_approve": True},
    )  # fmt: skip


REAL = {
    "bash": Real("bash", "run.sh", "run.sh", KEEPS_BASH, SLEEPS),
    "python": Real("python3", "run.py", "run.py", KEEPS_PYTHON, SLEEPS_PYTHON),
    "powershell": Real("pwsh", "run.ps1", "run.ps1", KEEPS_POWERSHELL, SLEEPS),
    "ansible": Real(
        "ansible-playbook", "site.yml", "site.yml", KEEPS_ANSIBLE, SLEEPS_ANSIBLE, inventory=HOSTS
    ),
    "terraform": infrastructure("terraform"),
    "tofu": infrastructure("tofu"),
    "terragrunt": infrastructure("terragrunt"),
}


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest) -> Real:
    found = REAL[request.param]
    if not shutil.which(found.program, path=SYSTEM_PATH) and not ansible_tools.find(found.program):
        pytest.skip(f"{found.program} is not installed")
    return found


@pytest.fixture
def given(tmp_path, origin, real):
    """A run of the tool with this text as its file."""

    def make(text: str, **more: object):
        app = next(name for name, one in REAL.items() if one is real)
        if real.params:
            text = STATE % (tmp_path, app) + text
        origin.write(real.file, text)
        origin.write("infra/terragrunt.hcl")
        origin.commit("Script")
        values = {"params": real.params, "inventory": real.inventory} | more
        return spec_of(
            tmp_path / "data", origin.url.text, app=app, script=real.script, **values
        )  # fmt: skip

    return make


def test_values_arrive_and_nothing_of_the_server_does(real, given, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://of-the-server")
    typed = {f"typed{n}": text for n, text in enumerate(TEXTS)}
    made = given(
        real.keeps, extra_vars=typed, secret_vars={"hidden": "s3cr3t\nvariable"},
        untrusted=frozenset(typed),
    )  # fmt: skip
    outcome, told = run(made)
    assert outcome.succeeded, told.text
    assert arrived(told) == typed
    assert told.artifacts["hidden"] == b"s3cr3t\nvariable"
    given_ = told.artifacts["given"]
    assert b"HELIOGRAPH_RUN" in given_ and b"of-the-server" not in given_
    assert not any("s3cr3t" in line for line in told.lines if line.startswith("$ "))


def arrived(told: ListReporter) -> dict[str, str]:
    """What the tool has kept of what was typed."""
    if "typed.json" in told.artifacts:
        return json.loads(told.artifacts["typed.json"])
    kept = {name: told.artifacts[name] for name in told.artifacts if name.startswith("typed")}
    return {name: text.decode() for name, text in kept.items()}


def test_a_stop_leaves_nothing_of_it(real, given):
    made, told = given(real.sleeps), ListReporter()
    guardian = Guardian.fork(made.mark)
    killing = threading.Timer(5, guardian.kill)

    def stop(number, at, text):
        if "it is up" in text and not told.cancelled:
            told.cancelled = True
            guardian.terminate()
            killing.start()

    told.on_line(stop)
    try:
        outcome = executor_of(made.app)().run(made, told, guardian)
    finally:
        killing.cancel()
        guardian.close()
        told.drain()
    assert not outcome.succeeded, told.text
    assert marked(made.mark) == []
