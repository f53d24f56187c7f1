"""What a repository answers: its branches, its files at a branch, and never more than that."""

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.executors.questions import Look, NoAnswer, TookTooLong
from app.executors.questions.repositories import Reachable, ScriptNames, Text, Tree
from app.executors.scripts import PLAYBOOKS, Scripts
from app.executors.spec import RunSpec
from app.lib.git_errors import GitError, RefMissing
from app.lib.git_urls import BadUrl
from tests.executors.runs import spec_of
from tests.lib.git_repos import Source

PLAY = "- hosts: all\n  tasks: []\n"
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path, origin: Source) -> RunSpec:
    return spec_of(tmp_path / "data", origin.url.text)


@pytest.fixture
def filled(origin: Source) -> Source:
    """With files of all kinds."""
    origin.write("plays/site.yml", PLAY)
    origin.write("plays/more.yaml", "---\n- import_playbook: site.yml\n")
    origin.write("group_vars/all.yml", "a: 1\n")
    origin.write("image.bin", "a\0b")
    (origin.path / "link").symlink_to("/etc/passwd")
    origin.commit("All kinds")
    return origin


def ask(question: Any, limit: float = 30) -> dict[str, Any]:
    answer = question.answer(Look("questions", limit))
    assert json.loads(json.dumps(answer)) == answer
    return answer


class TestReachable:
    def test_it_has_a_default_branch_and_others(self, run: RunSpec, origin: Source) -> None:
        origin.git("branch", "next")
        found = ask(Reachable(run))
        assert (found["default"], found["branches"]) == ("main", ["main", "next"])
        assert found["commit"] == origin.git("rev-parse", "main")

    def test_a_branch_that_is_not_there_is_an_answer(self, run: RunSpec) -> None:
        assert ask(Reachable(replace(run, git_branch="nope")))["commit"] == ""

    def test_an_empty_one_has_no_branches(self, tmp_path: Path, origin: Source) -> None:
        origin.git("init", "-q", "--bare", str(tmp_path / "empty"))
        found = ask(Reachable(spec_of(tmp_path / "data", f"file://{tmp_path}/empty")))
        assert (found["branches"], found["commit"]) == ([], "")

    def test_the_demo_needs_no_network(self, tmp_path: Path) -> None:
        found = ask(Reachable(spec_of(tmp_path / "data", "heliograph:demo", branch="")))
        assert found["branches"] == ["main"]

    def test_a_directory_in_place_is_named(self, tmp_path: Path, origin: Source) -> None:
        found = ask(Reachable(spec_of(tmp_path / "data", str(origin.path), branch="")))
        assert found["directory"] == str(origin.path)

    def test_a_directory_that_is_not_there_says_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(NoAnswer, match="create it, or correct"):
            ask(Reachable(spec_of(tmp_path / "data", f"{tmp_path}/nowhere", branch="")))

    def test_the_servers_own_data_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        with pytest.raises(BadUrl, match="server's own data"):
            ask(Reachable(spec_of(tmp_path / "data", f"{tmp_path}/data", branch="")))

    def test_it_is_tried_once(self, tmp_path: Path, port) -> None:
        run = spec_of(tmp_path / "data", f"git://127.0.0.1:{port()}/x")
        with pytest.raises(GitError, match="cannot be reached"):
            ask(Reachable(run))


class TestTree:
    def test_directories_come_first(self, run: RunSpec, filled: Source) -> None:
        found = ask(Tree(run))
        assert [(entry["name"], entry["kind"]) for entry in found["entries"]] == [
            ("group_vars", "directory"),
            ("plays", "directory"),
            ("hello.sh", "file"),
            ("image.bin", "file"),
            ("link", "link"),
        ]
        assert found["message"] == "All kinds"

    def test_a_directory_below(self, run: RunSpec, filled: Source) -> None:
        found = ask(Tree(run, "plays/"))
        assert [entry["name"] for entry in found["entries"]] == ["more.yaml", "site.yml"]
        assert found["entries"][1]["size"] == len(PLAY)

    def test_a_commit_that_is_known_is_not_fetched_again(
        self, run: RunSpec, filled: Source
    ) -> None:
        commit = ask(Tree(run))["commit"]
        filled.path.rename(filled.path.with_name("moved"))
        assert ask(Tree(replace(run, commit=commit), "plays"))["commit"] == commit

    def test_what_is_not_there_is_said(self, run: RunSpec) -> None:
        with pytest.raises(NoAnswer, match="There is no directory nope"):
            ask(Tree(run, "nope"))
        with pytest.raises(RefMissing, match="nope"):
            ask(Tree(replace(run, git_branch="nope")))

    @pytest.mark.parametrize("path", ["..", "plays/../..", "/etc", "a\0b", ".git", "x" * 5000])
    def test_no_path_leads_out(self, run: RunSpec, path: str) -> None:
        with pytest.raises(NoAnswer, match="inside the repository"):
            ask(Tree(run, path))

    def test_a_directory_in_place_hides_git_and_follows_no_link_out(
        self, tmp_path: Path, filled: Source
    ) -> None:
        run = spec_of(tmp_path / "data", str(filled.path), branch="")
        names = [entry["name"] for entry in ask(Tree(run))["entries"]]
        assert names == ["group_vars", "plays", "hello.sh", "image.bin", "link"]
        with pytest.raises(NoAnswer, match="leads out of the repository"):
            ask(Text(run, "link"))


class TestText:
    def test_of_a_file(self, run: RunSpec, filled: Source) -> None:
        assert ask(Text(run, "plays/site.yml"))["text"] == PLAY.removesuffix("\n")

    def test_a_link_shows_where_it_leads_and_not_what_is_there(
        self, run: RunSpec, filled: Source
    ) -> None:
        assert ask(Text(run, "link"))["text"] == "/etc/passwd"

    def test_of_a_binary_nothing_is_shown(self, run: RunSpec, filled: Source) -> None:
        found = ask(Text(run, "image.bin"))
        assert (found["binary"], found["text"]) == (True, "")

    def test_a_large_one_is_not_shown(self, run: RunSpec, origin: Source) -> None:
        origin.write("large", "x" * 300_000)
        origin.commit("Large")
        with pytest.raises(NoAnswer, match="larger than 256 KB"):
            ask(Text(run, "large"))

    def test_a_directory_is_no_file(self, run: RunSpec, filled: Source) -> None:
        with pytest.raises(NoAnswer, match="plays is not a file"):
            ask(Text(run, "plays"))


class TestScripts:
    @pytest.mark.parametrize(
        ("scripts", "names"),
        [
            (PLAYBOOKS, ["plays/more.yaml", "plays/site.yml"]),
            (Scripts((".sh",)), ["hello.sh"]),
            (Scripts((".tf",)), []),
        ],
        ids=["playbooks", "shell", "none"],
    )
    @pytest.mark.parametrize("place", ["commit", "in place"])
    def test_those_that_fit(
        self, tmp_path: Path, filled: Source, scripts: Scripts, names: list[str], place: str
    ) -> None:
        url = filled.url.text if place == "commit" else str(filled.path)
        run = spec_of(tmp_path / "data", url)
        assert ask(ScriptNames(run, scripts))["names"] == names

    def test_without_playbooks_there_is_none(self, run: RunSpec) -> None:
        assert ask(ScriptNames(run, PLAYBOOKS))["names"] == []


def test_git_ends_when_the_time_is_over(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"git://127.0.0.1:{silent.getsockname()[1]}/x"
        with pytest.raises(TookTooLong):
            ask(Reachable(spec_of(tmp_path / "data", url)), limit=0.5)
