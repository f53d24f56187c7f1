"""What a run leaves in its directory is taken, and no trick makes it more than that."""

from pathlib import Path
from typing import Any

import pytest

from app.executors import artifacts
from app.executors.ansible_events import parse
from app.executors.spec import InventorySpec
from tests import factories
from tests.executors.reporters import ListReporter
from tests.executors.runs import run, spec_of


def left(tmp_path: Path, script: str, **given: Any) -> ListReporter:
    url = factories.git_repository(tmp_path / "repo", hello_sh=script)
    _, reporter = run(spec_of(tmp_path / "data", f"file://{url}", **given))
    return reporter


def test_files_are_kept_with_their_paths(tmp_path: Path) -> None:
    script = 'cd "$SEMAPHORE_ARTIFACTS"; mkdir -p a/b; printf one > x; printf "t\\0wo" > a/b/y'
    reporter = left(tmp_path, script)
    assert reporter.artifacts == {"x": b"one", "a/b/y": b"t\0wo"}
    assert "Artifacts kept: 2" in reporter.lines


def test_those_of_a_run_that_fails_too(tmp_path: Path) -> None:
    reporter = left(tmp_path, 'echo why > "$SEMAPHORE_ARTIFACTS/report"; exit 3')
    assert reporter.artifacts == {"report": b"why\n"}


def test_the_next_run_begins_without_them(tmp_path: Path) -> None:
    url = factories.git_repository(tmp_path / "repo", hello_sh='touch "$SEMAPHORE_ARTIFACTS/$N"')
    made = [
        run(spec_of(tmp_path / "data", f"file://{url}", env={"N": name}))[1].artifacts
        for name in ("one", "two")
    ]
    assert made == [{"one": b""}, {"two": b""}]


TRICKS = {
    "a link": "ln -s {secret} trick",
    "a link in the middle": "ln -s {outside} trick",
    "a second name": "ln {secret} trick",
    "a pipe": "mkfifo trick",
    "a socket": "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"trick\")'",
    "a name of bytes": "printf x > $'trick\\xff'",
    "a line in a name": "printf x > $'trick\\nx'",
    "a backslash": "printf x > 'trick\\\\x'",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_whatever_is_no_plain_file_of_its_own_is_left_out(tmp_path: Path, trick: str) -> None:
    (tmp_path / "outside").mkdir()
    secret = tmp_path / "outside" / "secret"
    secret.write_text("the server's")
    words = TRICKS[trick].format(secret=secret, outside=secret.parent)
    reporter = left(tmp_path, f'cd "$SEMAPHORE_ARTIFACTS"; {words}; printf fine > plain')
    assert reporter.artifacts == {"plain": b"fine"}
    assert "is not kept: " in reporter.text


@pytest.mark.parametrize(
    "words",
    [
        'rm -r "$SEMAPHORE_ARTIFACTS"; ln -s {outside} "$SEMAPHORE_ARTIFACTS"',
        'T=$TMPDIR; mkdir {outside}/artifacts; cp {outside}/secret {outside}/artifacts/; '
        'mv "$T" "$T.old"; ln -s {outside} "$T"',
        'rm -r "$SEMAPHORE_ARTIFACTS"',
        'rm -r "$SEMAPHORE_ARTIFACTS"; touch "$SEMAPHORE_ARTIFACTS"',
    ],
)  # fmt: skip
def test_a_directory_that_was_replaced_is_not_followed(tmp_path: Path, words: str) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("the server's")
    assert left(tmp_path, words.format(outside=tmp_path / "outside")).artifacts == {}


def test_what_does_not_fit_is_left_out_and_told(tmp_path: Path) -> None:
    script = 'cd "$SEMAPHORE_ARTIFACTS"; head -c 700000 /dev/zero > a; cp a b; printf small > c'
    reporter = left(tmp_path, script, settings={"artifacts": 1 << 20})
    assert sorted(reporter.artifacts) == ["a", "c"]
    assert "Artifact b is not kept: the files of a run may take 1 MB" in reporter.lines


def test_of_too_many_the_first_are_kept(tmp_path: Path) -> None:
    count = artifacts.MOST_FILES + 5
    reporter = left(tmp_path, f'cd "$SEMAPHORE_ARTIFACTS"; seq -w {count} | xargs touch')
    assert len(reporter.artifacts) == artifacts.MOST_FILES


def test_a_server_that_keeps_none_names_no_directory(tmp_path: Path) -> None:
    reporter = left(tmp_path, "echo ${SEMAPHORE_ARTIFACTS-none}", settings={"artifacts": 0})
    assert "none" in reporter.lines and reporter.artifacts == {}


def test_what_still_writes_when_the_script_has_ended_is_gone(tmp_path: Path) -> None:
    more = "(while :; do printf x >> a; done) >/dev/null 2>&1 &"
    script = f'cd "$SEMAPHORE_ARTIFACTS"; printf x > a; {more}'
    assert set(left(tmp_path, script).artifacts["a"]) == {ord("x")}


def test_a_deploy_finds_the_files_of_its_build(tmp_path: Path) -> None:
    url = factories.git_repository(
        tmp_path / "repo", hello_sh='cd "$SEMAPHORE_BUILD_ARTIFACTS"; cat x a/y; pwd'
    )
    reporter = ListReporter()
    reporter.of_build = [("x", [b"one ", b"and"]), ("a/y", [b" two\n"]), ("../z", [b"no"])]
    outcome, _ = run(spec_of(tmp_path / "data", f"file://{url}", deploys_build=True), reporter)
    assert outcome.succeeded and "one and two" in reporter.lines
    assert not list((tmp_path / "data").rglob("z"))


def test_a_playbook_tells_what_it_has_set(tmp_path: Path) -> None:
    play = """
- hosts: all
  gather_facts: false
  tasks:
    - set_stats: {data: {version: "1.2", hosts: [a, b]}}
    - set_stats: {data: {port: 80}, per_host: true}
"""
    url = factories.git_repository(tmp_path / "repo", site_yml=play)
    inventory = InventorySpec(1, "Here", "static", "here ansible_connection=local\n")
    spec = spec_of(tmp_path / "data", f"file://{url}", "site.yml", app="ansible",
                   inventory=inventory)  # fmt: skip
    _, reporter = run(spec)
    told = [data["values"] for kind, data in reporter.events if kind == "stats"]
    assert told == [{"_run": {"version": "1.2", "hosts": ["a", "b"]}, "here": {"port": 80}}]


def test_values_that_are_too_large_or_no_json_are_left_out() -> None:
    line = b'{"e": "stats", "at": 1, "values": {"_run": {"a": NaN}}, "size": 9}'
    event = parse(line)
    assert event and list(event.told(None)) == [("stats", {"values": {}, "size": 9})]
