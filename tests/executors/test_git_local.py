"""Repositories that are directories of the machine: used in place, and they do no harm."""

import pytest

from tests.executors.runs import refused, run, spec_of


def test_a_repository_of_this_machine_lies_below_the_roots(spec, tmp_path):
    settings = {"local_repositories": (tmp_path / "elsewhere",)}
    assert "outside of where" in refused(spec(settings=settings))


@pytest.mark.parametrize("scheme", ["file://", ""])
def test_another_projects_mirror_is_no_repository(spec, tmp_path, scheme):
    run(spec("echo hi"))
    mirror = next((tmp_path / "data" / "mirrors" / "1").glob("7-*[0-9a-f]"))
    assert "server's own data" in refused(spec_of(tmp_path / "data", f"{scheme}{mirror}"))
    (tmp_path / "link").symlink_to(mirror)
    assert "server's own data" in refused(spec_of(tmp_path / "data", f"{scheme}{tmp_path}/link"))


def test_a_local_directory_is_used_in_place_and_the_log_says_so(tmp_path, origin):
    spec = spec_of(tmp_path / "data", str(origin.path))
    origin.write("hello.sh", "pwd; echo not committed; touch left")
    _, told = run(spec)
    assert f"Using {origin.path} as it is. Runs share this directory" in told.text
    assert told.lines[-2:] == [str(origin.path), "not committed"]
    assert (origin.path / "left").exists()
    assert told.commits == [(origin.git("rev-parse", "HEAD"), "First")]


def test_a_local_directory_needs_no_git(tmp_path):
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "hello.sh").write_text("echo $SEMAPHORE_TASK_DETAILS_COMMIT_HASH.")
    _, told = run(spec_of(tmp_path / "data", str(tmp_path / "plain"), branch=""))
    assert told.lines[-1] == "." and told.commits == []


def test_a_local_directory_runs_nothing_that_its_configuration_names(tmp_path, origin):
    canary = tmp_path / "canary"
    for key in ("core.fsmonitor", "core.pager", "gpg.program", "core.alternateRefsCommand"):
        origin.git("config", key, f"touch {canary}")
    origin.git("config", "log.showSignature", "true")
    run(spec_of(tmp_path / "data", str(origin.path)))
    assert not canary.exists()


def test_a_local_directory_that_is_missing_is_explained(tmp_path):
    reason = refused(spec_of(tmp_path / "data", f"{tmp_path}/nowhere"))
    assert "does not exist on this machine" in reason
