import os

import pytest

from app.executors.spec import PreparationFailed
from tests.executors.runs import run


def environment_of(spec):
    """The environment of a script as the kernel has it."""
    _, told = run(spec)
    text = "\n".join(told.lines[told.lines.index("BEGIN") + 1 :])
    return dict(entry.split("=", 1) for entry in text.split("¦") if "=" in entry)


SHOW = "echo BEGIN; while IFS= read -r -d '' v; do printf '%s¦' \"$v\"; done < /proc/$$/environ"


def test_it_is_complete_and_otherwise_empty(spec, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    seen = environment_of(spec(SHOW))
    expected = {"PATH", "LANG", "HOME", "TMPDIR", "PWD", "USER", "LOGNAME", "HELIOGRAPH_RUN"}
    expected.add("SEMAPHORE_ARTIFACTS")
    assert {name for name in seen if not name.startswith("SEMAPHORE_TASK_")} == expected
    assert seen["PATH"] == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert seen["LANG"] == "C.UTF-8"
    assert seen["HOME"].startswith(f"{tmp_path}/data/") and seen["TMPDIR"] != seen["HOME"]
    assert seen["PWD"].endswith("/checkout")


def test_of_the_same_name_the_later_source_wins(spec, monkeypatch):
    monkeypatch.setenv("A", "forwarded")
    monkeypatch.setenv("B", "forwarded")
    settings = {
        "forwarded_env_vars": ("A", "B", "EMPTY", "MISSING"),
        "env_vars": {"B": "setting", "C": "setting", "D": "setting"},
    }
    made = spec(
        SHOW,
        settings=settings,
        env={"C": "group", "D": "group"},
        secret_env={"D": "secret"},
    )
    seen = environment_of(made)
    assert [seen[n] for n in "ABCD"] == ["forwarded", "setting", "group", "secret"]
    assert "MISSING" not in seen and "EMPTY" not in seen


def test_the_runs_own_names_cannot_be_taken(spec):
    taken = {"SEMAPHORE_TASK_DETAILS_ID": "x", "HELIOGRAPH_RUN": "x"}
    made = spec(SHOW, env=taken, secret_vars=taken)
    seen = environment_of(made)
    assert seen["SEMAPHORE_TASK_DETAILS_ID"] == str(made.task_id)
    assert seen["HELIOGRAPH_RUN"] == made.mark


def test_the_details_are_handed_over_as_they_are(spec, origin):
    message = 'it\'s $(not) a `shell`\n"line" 2'
    details = {"message": message, "username": "alice", "url": None, "INVENTORY_ID": 4}
    seen = environment_of(spec(SHOW, details=details, incoming_version="1.0"))
    prefix = "SEMAPHORE_TASK_DETAILS_"
    given = {n.removeprefix(prefix): v for n, v in seen.items() if n.startswith(prefix)}
    assert given.pop("ID").isdigit()
    assert given == {
        "MESSAGE": message,
        "USERNAME": "alice",
        "INVENTORY_ID": "4",
        "INCOMING_VERSION": "1.0",
        "REPOSITORY_ID": "7",
        "REPOSITORY_NAME": "Scripts",
        "COMMIT_HASH": origin.git("rev-parse", "HEAD"),
        "COMMIT_MESSAGE": "Script",
    }
    assert "SEMAPHORE_TASK_TYPE" not in seen


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("build", {"TYPE": "build", "TARGET_VERSION": "2.0"}),
        ("deploy", {"TYPE": "deploy", "INCOMING_VERSION": "1.0"}),
    ],
)
def test_build_and_deploy_know_their_versions(spec, kind, names):
    versions = {"build": {"target_version": "2.0"}, "deploy": {"incoming_version": "1.0"}}
    seen = environment_of(spec(SHOW, task_type=kind, **versions[kind]))
    plain = {
        name.removeprefix("SEMAPHORE_TASK_"): value
        for name, value in seen.items()
        if name.startswith("SEMAPHORE_TASK_") and "DETAILS" not in name
    }
    assert plain == names
    assert seen["SEMAPHORE_TASK_DETAILS_TYPE"] == kind


@pytest.mark.parametrize("kind", ["env", "secret_env", "secret_vars"])
@pytest.mark.parametrize("name", ["", "A=B", "A\0B"])
def test_a_name_that_no_environment_holds_is_refused(spec, kind, name):
    with pytest.raises(PreparationFailed, match="cannot be the name of a variable"):
        run(spec(**{kind: {name: "x"}}))


@pytest.mark.parametrize("value", ["a\0b", 7, None, ["x"]])
def test_a_value_that_no_environment_holds_is_refused(spec, value):
    with pytest.raises(PreparationFailed, match="variable NAME"):
        run(spec(env={"NAME": value}))


def test_home_and_tmp_are_empty_at_the_start_and_after_the_end(spec):
    script = 'ls -A "$HOME" "$TMPDIR" | wc -w; touch "$HOME/left" "$(mktemp)"; echo $HOME $TMPDIR'
    first, second = run(spec(script))[1], run(spec(script))[1]
    assert first.lines[-2] == second.lines[-2]
    home, tmp = second.lines[-1].split()
    assert os.listdir(home) == os.listdir(tmp) == []
