"""What init is told of the backend; values of it stand in no command line."""

import json
import stat
from pathlib import Path

import pytest

from app.executors.spec import PreparationFailed
from tests.executors.runs import run
from tests.executors.terraforms import calls, terraform


def configured(stub, *entries, **given):
    return stub(params={"plan": True, "backend_config": list(entries)}, **given)


def values_of(folder: Path) -> dict:
    return json.loads((folder / "backend").read_text())


@pytest.fixture
def kept(stub, tmp_path):
    """The stub, which keeps what the last option of init names, and its mode."""

    def make(*entries, **given):
        made, folder = configured(stub, *entries, **given)
        program = tmp_path / "program"
        keep = f'init) last="${{@: -1}}"; cp -p "${{last#*=}}" {folder}/backend;'
        program.write_text(program.read_text().replace("init) ", f"{keep} ", 1))
        return made, folder

    return make


def test_files_of_the_repository_are_named(stub, origin):
    origin.write("infra/eu.tfbackend", "")
    origin.write("common.tfbackend", "")
    origin.commit()
    made, folder = configured(stub, "eu.tfbackend", "common.tfbackend")
    run(made)
    told = "-backend-config=eu.tfbackend -backend-config=../common.tfbackend"
    assert calls(folder)[0] == f"init -input=false {told}"


def test_values_and_secrets_are_in_a_file_of_the_run(kept):
    made, folder = kept(
        "bucket=states", "key=a=b", "password=$STATE_PASSWORD", "region=$region", "tag=$$x",
        secret_env={"STATE_PASSWORD": "s3cr3t-word"}, extra_vars={"region": "eu"},
    )  # fmt: skip
    _, told = run(made)
    assert values_of(folder) == {
        "bucket": "states", "key": "a=b", "password": "s3cr3t-word", "region": "eu", "tag": "$x",
    }  # fmt: skip
    assert stat.S_IMODE((folder / "backend").stat().st_mode) == 0o600
    assert "/infra/" not in calls(folder)[0] and "s3cr3t" not in told.text
    assert all("s3cr3t" not in path.read_text() for path in folder.glob("argv.*"))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("nowhere.tfbackend", "Backend configuration nowhere.tfbackend does not exist"),
        ("../../etc/passwd", "must be a path inside the repository"),
        ("password=$NOBODY", "the variable NOBODY, which this run does not have"),
    ],
)
def test_what_is_not_there_is_said_before_init(stub, entry, said):
    made, folder = configured(stub, entry)
    with pytest.raises(PreparationFailed, match=said):
        run(made)
    assert not (folder / "calls").exists()


@terraform
def test_terraform_takes_the_values_as_they_are(spec, origin, tmp_path):
    origin.write("infra/main.tf", 'terraform {\n  backend "local" {}\n}\noutput "x" { value = 1 }')
    origin.commit()
    path = tmp_path / 'a ${b} %{c} "d".tfstate'
    outcome, told = run(
        spec(
            app="terraform",
            script="infra",
            params={"auto_approve": True, "backend_config": ["path=$where"]},
            secret_vars={"where": str(path)},
        )
    )
    assert outcome.succeeded, told.text
    assert path.exists()
