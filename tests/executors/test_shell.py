import json

import pytest

from app.executors import executor_of
from app.executors.shell import Shell
from app.executors.spec import PreparationFailed
from tests.executors.runs import run

SHOW = 'printf "%s\\n" "$@"'


def command(spec):
    return Shell().argv(spec)


def test_arguments_come_in_the_originals_order(spec):
    made = spec(
        arguments=("--template", "two words"),
        extra_vars={"b": {"z": [1, True]}, "a": "plain text", "semaphore_vars": {"x": 1}},
        task_arguments=("--task",),
    )
    assert command(made) == [
        "bash", "hello.sh", "--template", "two words", "a=plain text", 'b={"z": [1, true]}',
        "--task",
    ]  # fmt: skip


def test_no_value_is_read_by_a_shell(spec, tmp_path):
    evil = ["$(touch canary)", "`touch canary`", "'; touch canary; '", '"', "a\nb", "-x", "*"]
    made = spec(SHOW, arguments=tuple(evil), extra_vars={"v": "$(touch canary)"})
    _, told = run(made)
    assert told.lines[-8:] == [
        "$(touch canary)", "`touch canary`", "'; touch canary; '", '"', "a", "b", "-x", "*",
        "v=$(touch canary)",
    ][-8:]  # fmt: skip
    assert not list(tmp_path.rglob("canary"))


def test_settings_replace_the_program_and_its_leading_arguments(spec):
    settings = {"app_path": "/usr/bin/env", "app_args": ("bash", "-e")}
    assert command(spec(settings=settings))[:4] == ["/usr/bin/env", "bash", "-e", "hello.sh"]


def test_python_hides_no_output_until_its_end(spec, origin):
    origin.write("show.py", "import os, sys; print(os.environ['PYTHONUNBUFFERED'], sys.argv[1:])")
    origin.commit()
    _, told = run(spec(app="python", script="show.py", extra_vars={"a": "1 2"}))
    assert told.lines[-1] == "1 ['a=1 2']"


def test_a_variable_of_the_run_wins_over_that_of_its_kind(spec, origin):
    origin.write("show.py", "import os; print(repr(os.environ['PYTHONUNBUFFERED']))")
    origin.commit()
    _, told = run(spec(app="python", script="show.py", env={"PYTHONUNBUFFERED": ""}))
    assert told.lines[-1] == "''"


def test_an_app_of_an_administrator_is_a_script_with_its_program(spec):
    assert executor_of("ruby") is Shell
    assert command(spec(app="ruby"))[:2] == ["ruby", "hello.sh"]
    settings = {"app_path": "/bin/sh", "app_args": ("-eu",)}
    _, told = run(spec('set -o | grep -c "^errexit *on"', app="ruby", settings=settings))
    assert told.lines[-1] == "1"


def test_one_whose_program_is_missing_says_so(spec):
    with pytest.raises(PreparationFailed, match="no-such-ruby"):
        run(spec(app="no-such-ruby"))


def test_a_script_called_like_an_option_is_none(spec, origin):
    origin.write("-c", "echo ran as a script")
    origin.commit()
    _, told = run(spec(script="-c", arguments=("echo ran as an option",)))
    assert told.lines[-1] == "ran as a script"


@pytest.mark.parametrize("name", ["sub/../hello.sh", "../hello.sh", "/bin/sh", "a/../../x"])
def test_a_script_outside_of_the_repository_is_refused(spec, name):
    with pytest.raises(PreparationFailed, match="must be a path inside the repository"):
        run(spec(script=name))


@pytest.mark.parametrize("name", [".git/config", ".git/hooks/x"])
def test_the_git_directory_is_not_part_of_the_repository(spec, name):
    with pytest.raises(PreparationFailed, match="inside the repository"):
        run(spec(script=name))


@pytest.mark.parametrize("name", ["", "   ", "a\0b"])
def test_a_script_needs_a_name(spec, name):
    with pytest.raises(PreparationFailed, match="names no script"):
        run(spec(script=name))


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../../secret.sh", ".git/config"])
def test_a_link_that_leads_out_is_refused(spec, origin, tmp_path, target):
    secret = tmp_path / "data" / "workspaces" / "1" / "secret.sh"
    secret.parent.mkdir(parents=True)
    secret.write_text(f"touch {tmp_path}/canary")
    origin.write("sub/x")
    (origin.path / "script.sh").symlink_to(target)
    origin.commit()
    with pytest.raises(PreparationFailed, match=r"leads out|does not exist"):
        run(spec(script="script.sh"))
    assert not (tmp_path / "canary").exists()


def test_a_directory_that_is_a_link_out_is_refused(spec, origin, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.sh").write_text(f"touch {tmp_path}/canary")
    (origin.path / "sub").symlink_to(tmp_path / "outside")
    origin.commit()
    with pytest.raises(PreparationFailed, match="leads out of the repository"):
        run(spec(script="sub/x.sh"))
    assert not (tmp_path / "canary").exists()


def test_links_within_the_repository_work(spec, origin):
    origin.write("real/x.sh", "echo linked")
    (origin.path / "x.sh").symlink_to("real/x.sh")
    origin.commit()
    _, told = run(spec(script="x.sh"))
    assert told.lines[-1] == "linked"


def test_links_in_a_circle_do_not_exist(spec, origin):
    (origin.path / "x.sh").symlink_to("x.sh")
    origin.commit()
    with pytest.raises(PreparationFailed, match="does not exist"):
        run(spec(script="x.sh"))


def test_a_directory_is_no_script(spec, origin):
    origin.write("sub/x")
    origin.commit()
    with pytest.raises(PreparationFailed, match="is not a file"):
        run(spec(script="sub"))


@pytest.mark.parametrize("script", [".", "./", "././", "sub/..", ".."])
def test_the_repositorys_own_directory_is_no_script(spec, script):
    with pytest.raises(PreparationFailed, match="inside the repository"):
        run(spec(script=script))


def test_a_script_that_does_not_exist_is_answered_with_similar_ones(spec, origin):
    origin.write("hello.bash")
    origin.write("tools/deploy.sh")
    head = origin.commit()[:8]
    with pytest.raises(PreparationFailed) as refused:
        run(spec(script="helo.sh"))
    assert str(refused.value).startswith(f"Script helo.sh does not exist at main {head}. Similar: ")
    assert "hello.sh" in str(refused.value) and "hello.bash" in str(refused.value)
    with pytest.raises(PreparationFailed, match=r"Similar: tools/deploy.sh"):
        run(spec(script="deploy.sh"))
    with pytest.raises(PreparationFailed, match=rf"main {head}\.$"):
        run(spec(script="zzz"))


def test_variables_that_are_no_text_are_json(spec):
    values = {"n": 1, "f": 1.5, "t": True, "o": None, "l": ["ä", 2]}
    words = command(spec(extra_vars=values))[2:]
    assert {w.split("=")[0]: json.loads(w.split("=", 1)[1]) for w in words} == values
    assert 'l=["ä", 2]' in words
