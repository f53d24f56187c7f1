"""Packages that a template names: built once, by the real pip, and found by what runs."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.executors import unused
from app.executors.spec import PreparationFailed, RunSpec
from tests.executors.reporters import ListReporter
from tests.executors.runs import run, spec_of
from tests.executors.wheels import broken, wheel
from tests.lib.git_repos import Source, source

SCRIPT = "import acme\nprint(acme.WORD)\n"
AGAIN = "are installed already"
STUB = """
import sys
def main():
    print("the stub", *sys.argv[1:])
"""

Packages = Callable[..., RunSpec]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where pip finds acme 1.0 and 2.0, and nothing else."""
    folder = tmp_path / "shelf"
    for version in ("1.0", "2.0"):
        wheel(folder, "acme", version, {"acme.py": f"WORD = 'acme {version}'\n"})
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Source:
    made = source(tmp_path / "repo")
    made.write("hello.py", SCRIPT)
    made.write("play.yml", "- hosts: all\n")
    made.commit("Script")
    return made


@pytest.fixture
def needing(tmp_path: Path, shelf: Path, repository: Source) -> Packages:
    """A run of hello.py whose requirements.txt has this text."""

    def make(text: str, files: dict[str, str] | None = None, **given: Any) -> RunSpec:
        for name, content in {"requirements.txt": text, **(files or {})}.items():
            repository.write(name, content)
        repository.commit("Packages")
        env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(shelf), "PIP_RETRIES": "0"}
        params = {"python_requirements": "requirements.txt"} | given.pop("params", {})
        values = {"app": "python", "env": env, "params": params, "script": "hello.py"} | given
        return spec_of(tmp_path / "data", repository.url.text, **values)

    return make


def facts(told: ListReporter) -> dict[str, str]:
    found = [fact["value"] for kind, fact in told.events if kind == "fact"]
    return {name: v for fact in found for name, v in fact.items() if name.startswith("package ")}


def test_a_script_finds_them_and_a_second_run_installs_nothing(needing: Packages) -> None:
    outcome, told = run(needing("acme==1.0\n"))
    assert outcome.succeeded, told.text
    assert "acme 1.0" in told.lines and AGAIN not in told.text
    assert facts(told)["package acme"] == "1.0"
    outcome, told = run(needing("acme==1.0\n"))
    assert outcome.succeeded and "acme 1.0" in told.lines
    assert AGAIN in told.text and "pip install" not in told.text
    assert facts(told)["package acme"] == "1.0"


def test_another_text_is_another_environment(needing: Packages) -> None:
    run(needing("-r more.txt\n", {"more.txt": "acme==1.0\n"}))
    _, told = run(needing("-r more.txt\n", {"more.txt": "acme==2.0\n"}))
    assert "acme 2.0" in told.lines and AGAIN not in told.text


def test_a_run_may_ask_for_newer_ones(needing: Packages, shelf: Path) -> None:
    run(needing("acme\n"))
    wheel(shelf, "acme", "3.0", {"acme.py": "WORD = 'acme 3.0'\n"})
    assert "acme 2.0" in run(needing("acme\n"))[1].lines
    refreshed = run(needing("acme\n", params={"refresh_python": True}))[1]
    assert "acme 3.0" in refreshed.lines
    assert "acme 3.0" in run(needing("acme\n"))[1].lines


def test_projects_share_nothing(needing: Packages) -> None:
    run(needing("acme==1.0\n"))
    outcome, told = run(replace(needing("acme==1.0\n"), project_id=2))
    assert outcome.succeeded and AGAIN not in told.text


def test_a_shell_script_has_their_programs(needing: Packages, shelf: Path) -> None:
    wheel(shelf, "stub", "1.0", {"stub.py": STUB}, "stub-tool = stub:main")
    files = {"run.sh": 'stub-tool "$VIRTUAL_ENV"\n'}
    outcome, told = run(needing("stub\n", files, app="bash", script="run.sh"))
    assert outcome.succeeded, told.text
    assert any(line.startswith("the stub /") for line in told.lines)


def test_a_template_may_have_its_own_ansible(needing: Packages, shelf: Path) -> None:
    for version in ("2.16.1", "2.17.3", "2.17.5"):
        code = STUB.replace("the stub", f"the stub {version}")
        wheel(shelf, "ansible-core", version, {"stub.py": code}, "ansible-playbook = stub:main")
    params = {"python_requirements": "", "ansible_core": "2.17"}
    spec = needing("acme\n", app="ansible", script="play.yml", params=params)
    outcome, told = run(spec)
    assert outcome.succeeded, told.text
    assert any(line.startswith("the stub 2.17.5 ") for line in told.lines)
    assert facts(told)["package ansible_core"] == "2.17.5"
    both = replace(
        spec, params={"python_requirements": "requirements.txt", "ansible_core": "2.16.1"}
    )
    outcome, told = run(both)
    assert outcome.succeeded, told.text
    assert {"ansible_core", "acme"} <= {name.removeprefix("package ") for name in facts(told)}


def test_a_file_that_names_ansible_chooses_its_version(needing: Packages, shelf: Path) -> None:
    code = STUB.replace("the stub", "the stub 2.16.1")
    wheel(shelf, "ansible-core", "2.16.1", {"stub.py": code}, "ansible-playbook = stub:main")
    spec = needing("ansible-core<2.17\n", app="ansible", script="play.yml")
    outcome, told = run(spec)
    assert outcome.succeeded, told.text
    assert any(line.startswith("the stub 2.16.1 ") for line in told.lines)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nowhere\n", "there is no package nowhere for this Python"),
        ("bad\n", "bad-1.0.tar.gz could not be built"),
    ],
)
def test_the_package_at_fault_is_named(
    needing: Packages, shelf: Path, text: str, reason: str
) -> None:
    broken(shelf, "bad", "1.0")
    spec = needing(text)
    with pytest.raises(PreparationFailed, match="The Python packages were not installed: ") as told:
        run(spec)
    assert reason in str(told.value)
    assert [path.name for path in (spec.settings.data_dir / "python/1").iterdir()
            if path.name != "pip"] == []  # fmt: skip


def test_a_file_that_is_not_there_is_named(needing: Packages) -> None:
    spec = needing("acme\n", params={"python_requirements": "requirments.txt"})
    with pytest.raises(
        PreparationFailed, match=r"Requirements file requirments\.txt does not exist"
    ):
        run(spec)


def test_what_no_run_has_asked_for_in_a_month_goes(needing: Packages) -> None:
    spec = needing("acme==1.0\n")
    run(spec)
    cache = spec.settings.data_dir / "python/1"
    home = next(path for path in cache.iterdir() if path.is_dir() and not path.is_symlink())
    long_ago = home.stat().st_mtime - unused.LONG - 60
    os.utime(home, (long_ago, long_ago))
    run(needing("acme==2.0\n"))
    assert not home.exists()
    run(needing("acme\n"))
    assert all(path.exists() for path in cache.iterdir() if path.is_symlink())
