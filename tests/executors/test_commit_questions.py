"""Which commits lie between two runs: asked of our copy, of rollbacks and of lost history too."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.executors.questions import Look, NoAnswer
from app.executors.questions.commits import MOST, Commits
from app.executors.spec import RunSpec
from app.lib.git_urls import BadRef
from tests import factories
from tests.executors.runs import spec_of


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return factories.git_repository(tmp_path / "repo", hello_sh="echo 0")


@pytest.fixture
def run(tmp_path: Path, repository: Path) -> RunSpec:
    return spec_of(tmp_path / "data", f"file://{repository}")


def head(path: Path) -> str:
    return factories.git("rev-parse", "HEAD", cwd=path).strip()


def commit(path: Path, message: str) -> str:
    (path / "hello.sh").write_text(message)
    factories.commit(path, message)
    return head(path)


def ask(run: RunSpec, before: str, after: str) -> dict[str, Any]:
    return Commits(replace(run, commit=after), before).answer(Look("commits", 30))


def test_they_come_newest_first_with_who_and_when(run: RunSpec, repository: Path) -> None:
    first = head(repository)
    second, third = commit(repository, "Say hello ü"), commit(repository, "Say it again")
    found = ask(run, first, third)
    assert [one["hash"] for one in found["added"]] == [third, second]
    assert found["added"][1]["message"] == "Say hello ü" and found["added"][1]["author"]
    assert found["added"][0]["at"][:2] == "20"
    assert (found["dropped"], found["more"]) == ([], False)


def test_what_a_rollback_leaves_out_is_told_apart(run: RunSpec, repository: Path) -> None:
    first, second = head(repository), commit(repository, "Break it")
    found = ask(run, second, first)
    assert [one["hash"] for one in found["dropped"]] == [second] and found["added"] == []


def test_of_many_the_newest_are_told(run: RunSpec, repository: Path) -> None:
    first = head(repository)
    for number in range(MOST + 1):
        factories.git("commit", "-q", "--allow-empty", "-m", f"{number}", cwd=repository)
    found = ask(run, first, head(repository))
    assert len(found["added"]) == MOST and found["more"]
    assert found["added"][0]["message"] == str(MOST)


def test_a_history_that_is_gone_is_named(run: RunSpec, repository: Path) -> None:
    with pytest.raises(NoAnswer, match="history was rewritten"):
        ask(run, "0123456789" * 4, head(repository))


def test_a_directory_that_is_used_in_place_is_asked_itself(tmp_path: Path) -> None:
    path = factories.git_repository(tmp_path / "here", hello_sh="echo 0")
    first, second = head(path), commit(path, "Later")
    found = ask(spec_of(tmp_path / "data", str(path)), first, second)
    assert [one["hash"] for one in found["added"]] == [second]


def test_a_directory_without_git_says_so(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(NoAnswer, match="no git repository"):
        ask(spec_of(tmp_path / "data", str(tmp_path / "plain")), "a" * 40, "b" * 40)


@pytest.mark.parametrize("name", ["--output=/tmp/x", "main", "", "a..b"])
def test_only_hashes_are_given_to_git(run: RunSpec, repository: Path, name: str) -> None:
    with pytest.raises(BadRef):
        ask(run, name, head(repository))
