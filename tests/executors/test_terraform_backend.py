"""The file that puts a run's state into the server, and what is told to the tool."""

import shutil
from pathlib import Path

import pytest

from app.executors.spec import InventorySpec, PreparationFailed
from app.executors.state_access import StateAccess
from app.executors.terraform import Terraform
from tests.executors.runs import run, spec_of

PASSWORD = "the-password-of-this-run"
STATE = StateAccess("http://server.test/api/terraform/run-7", "run", PASSWORD)
STUB = """#!/bin/bash
echo "$*" >> {told}/calls
[ "$1" = plan ] && env > {told}/env && cp *.tf {told}/
exit 0
"""
terraform = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")


@pytest.fixture
def told(tmp_path) -> Path:
    folder = tmp_path / "told"
    folder.mkdir()
    return folder


@pytest.fixture
def made(tmp_path, told, spec, origin):
    """A run in the directory infra that keeps its state in the server: made(main="…")."""

    def make(files=None, name="", state=STATE, **given):
        for path, text in (files or {"main.tf": ""}).items():
            origin.write(f"infra/{path}", text)
        origin.commit()
        program = tmp_path / "program"
        program.write_text(STUB.format(told=told))
        program.chmod(0o700)
        params = {"override_backend": True} | ({"backend_filename": name} if name else {})
        values = {"inventory": InventorySpec(3, "W", "terraform-workspace", "blue")} | given
        settings = {"app_path": str(program)}
        return spec(app="terraform", script="infra", settings=settings, params=params,
                    state=state, **values)  # fmt: skip

    return make


def test_the_file_names_the_backend_and_no_secret(made, told):
    outcome, reporter = run(made())
    assert outcome.succeeded
    assert (told / "backend.tf").read_text() == 'terraform {\n  backend "http" {}\n}\n'
    assert PASSWORD not in (told / "calls").read_text() + reporter.text


def test_the_tool_learns_where_it_is_from_its_environment(made, told):
    run(made(env={"TF_HTTP_ADDRESS": "http://else.test", "TF_HTTP_LOCK_METHOD": "GET"}))
    env = (told / "env").read_text().splitlines()
    for name in ("ADDRESS", "LOCK_ADDRESS", "UNLOCK_ADDRESS"):
        assert f"TF_HTTP_{name}={STATE.address}" in env
    assert {f"TF_HTTP_PASSWORD={PASSWORD}", "TF_HTTP_USERNAME=run", "TF_HTTP_LOCK_METHOD=LOCK"} <= {
        *env
    }


def test_no_workspace_is_selected_because_the_address_says_which(made, told):
    _, reporter = run(made())
    assert [line.split()[0] for line in (told / "calls").read_text().splitlines()] == [
        "init",
        "plan",
    ]
    assert "state of workspace blue" in reporter.text


def test_a_file_of_the_repository_is_replaced_where_it_is_named(made, told):
    backend = 'terraform {\n  backend "s3" {}\n}\n'
    run(made({"main.tf": "", "state.tf": backend}, "state.tf"))
    assert 'backend "http"' in (told / "state.tf").read_text()
    assert not (told / "backend.tf").exists()


def test_a_link_in_its_place_leads_nowhere(made, told, origin, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("as it was")
    (origin.path / "infra").mkdir()
    (origin.path / "infra" / "backend.tf").symlink_to(outside)
    assert run(made())[0].succeeded
    assert outside.read_text() == "as it was"
    assert 'backend "http"' in (told / "backend.tf").read_text()


@pytest.mark.parametrize("block", ['resource "a" "b" {}', 'module "m" {\n}'])
def test_a_file_with_resources_is_not_replaced(made, told, block):
    with pytest.raises(PreparationFailed, match=r"main\.tf has resources"):
        run(made({"main.tf": f"\n{block}\n"}, "main.tf"))
    assert not (told / "calls").exists()


def test_what_is_lacking_is_said_before_anything_is_done(made, told):
    with pytest.raises(PreparationFailed, match="choose one in the template"):
        run(made(state=StateAccess(lacking="choose one in the template")))
    assert not (told / "calls").exists()


def test_a_directory_of_the_machine_gets_its_file_back(tmp_path, told):
    place = tmp_path / "own"
    place.mkdir()
    (place / "backend.tf").write_text("# as it was")
    program = tmp_path / "program"
    program.write_text(STUB.format(told=told))
    program.chmod(0o700)
    for roots in ((tmp_path,), (Path("/"),)):
        settings = {"app_path": str(program), "local_repositories": roots}
        given = spec_of(tmp_path / "data", str(place), "", app="terraform", settings=settings,
                        state=STATE)  # fmt: skip
        if roots == (Path("/"),):
            with pytest.raises(PreparationFailed, match="needs a checkout of its own"):
                run(given)
        else:
            assert run(given)[0].succeeded
            assert 'backend "http"' in (told / "backend.tf").read_text()
    assert (place / "backend.tf").read_text() == "# as it was"


@pytest.mark.parametrize("name", ["../x.tf", "a/b.tf", "/x.tf", "x", ".tf", "-x.tf", "x.tf.json"])
def test_only_a_file_of_terraform_in_the_directory_is_taken(name):
    parameter = next(p for p in Terraform.parameters if p.name == "backend_filename")
    with pytest.raises(ValueError, match="backend"):
        parameter.read(name)


@pytest.mark.parametrize("name", ["", "backend.tf", "backend_override.tf", "state.tofu"])
def test_these_names_are_taken(name):
    parameter = next(p for p in Terraform.parameters if p.name == "backend_filename")
    assert parameter.read(name) == name


def test_both_are_the_templates_alone():
    own = {p.name: p for p in Terraform.parameters}
    params = {"override_backend": True, "backend_filename": "x.tf"}
    assert not own["override_backend"].is_open(params)
    assert not own["backend_filename"].is_open(params)
