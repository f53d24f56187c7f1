"""Checkouts of a mirror: made, cleaned and used again, whatever a task has left there."""

import os
import shutil
import socket
import subprocess

import pytest

from app.lib.git_errors import Broken
from tests.lib.git_benches import Bench, status
from tests.lib.git_repos import tree


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_it_is_exactly_the_commit(bench):
    bench.next_run_is_clean()
    assert (bench.path / "run.sh").stat().st_mode & 0o111
    assert os.readlink(bench.path / "link") == "run.sh"


def test_git_in_a_script_knows_commit_branches_tags_and_origin(bench):
    bench.origin.git("tag", "v1")
    bench.mirror.refresh()
    bench.bring()

    def git(*words):
        return subprocess.check_output(["git", *words], cwd=bench.path, text=True).strip()

    assert git("rev-parse", "HEAD") == bench.commit
    assert git("describe", "--tags") == "v1"
    assert git("rev-parse", "origin/main") == bench.commit
    assert git("remote", "get-url", "origin") == bench.origin.url.text


def test_a_commit_made_by_a_script_reaches_neither_mirror_nor_next_run(bench):
    words = ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "--allow-empty", "-mx"]
    subprocess.run(["git", *words], cwd=bench.path, check=True)
    made = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=bench.path, text=True).strip()
    bench.next_run_is_clean()
    assert not bench.mirror.has(made)
    assert not (bench.path / ".git" / "objects" / made[:2]).exists()


def test_another_commit_changes_only_what_differs(bench):
    untouched = (bench.path / "sub/deep/file").stat().st_ino
    bench.origin.git("rm", "-q", "run.sh")
    bench.origin.write("new/file")
    other = bench.origin.commit("Third")
    bench.mirror.refresh()
    bench.bring(other)
    assert tree(bench.path) == tree(bench.origin.path)
    assert (bench.path / "sub/deep/file").stat().st_ino == untouched
    first = bench.origin.git("rev-parse", "HEAD~2")
    bench.bring(first)
    assert tree(bench.path) == {"hello.sh"}


def test_what_a_task_has_left_changed_or_deleted_is_put_right(bench):
    (bench.path / "hello.sh").write_text("echo evil")
    (bench.path / "run.sh").unlink()
    (bench.path / "sub/deep/file").chmod(0o755)
    (bench.path / "new").mkdir()
    (bench.path / "new" / "file").touch()
    (bench.path / "ignored.log").touch()
    (bench.path / "sub" / "stray").touch()
    bench.next_run_is_clean()
    assert (bench.path / "hello.sh").read_text() == "echo hello"


def test_a_changed_file_with_its_old_size_and_time_is_put_right(bench):
    file = bench.path / "hello.sh"
    before = file.stat()
    file.write_text("echo HELLO")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    bench.next_run_is_clean()
    assert file.read_text() == "echo hello"


def test_pipes_sockets_and_repositories_in_directories_are_deleted(bench):
    os.mkfifo(bench.path / "pipe")
    os.mkfifo(bench.path / "sub" / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(bench.path / "sub" / "s"))
    for directory in ("sub", "sub/deep", "other"):
        subprocess.run(["git", "init", "-q", bench.path / directory], check=True)
        planted = bench.path / directory / ".git" / "config"
        planted.write_text(f"[core]\n\tfsmonitor = {bench.program}\n")
    bench.next_run_is_clean()


@pytest.mark.parametrize(
    "name", ["post-checkout", "post-index-change", "pre-auto-gc", "reference-transaction"]
)
def test_hooks_planted_in_the_clone_are_not_run(bench, name):
    hooks = bench.path / ".git" / "hooks"
    hooks.mkdir()
    shutil.copy2(bench.program, hooks / name)
    bench.next_run_is_clean()
    assert not hooks.exists()


@pytest.mark.parametrize(
    "lines",
    [
        "[core]\n\tfsmonitor = {program}\n",
        "[core]\n\thooksPath = {program}/..\n",
        "[core]\n\talternateRefsCommand = {program}\n",
        "[include]\n\tpath = {program}.conf\n",
        "[core]\n\tworktree = /etc\n",
        "[filter \"evil\"]\n\tsmudge = {program}\n\tclean = {program}\n\trequired = true\n",
        "[diff \"evil\"]\n\ttextconv = {program}\n",
        "[extensions]\n\tpartialClone = x\n[remote \"x\"]\n\tuploadpack = {program}\n\turl = /\n",
    ],
)  # fmt: skip
def test_a_configuration_planted_in_the_clone_is_not_obeyed(bench, lines):
    with (bench.path / ".git" / "config").open("a") as config:
        config.write(lines.format(program=bench.program))
    attributes = bench.path / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text("* filter=evil diff=evil\n")
    (bench.path / "hello.sh").write_text("changed")
    bench.next_run_is_clean()


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_marks_in_the_index_do_not_keep_a_changed_file(bench, mark):
    subprocess.run(["git", "update-index", mark, "hello.sh"], cwd=bench.path, check=True)
    (bench.path / "hello.sh").write_text("echo evil")
    bench.next_run_is_clean()
    assert (bench.path / "hello.sh").read_text() == "echo hello"


@pytest.mark.parametrize("kind", ["garbage", "link", "missing", "directory"])
def test_a_poisoned_index_is_not_read(bench, kind, tmp_path):
    index = bench.path / ".git" / "index"
    index.unlink()
    outside = tmp_path / "outside"
    outside.write_text("precious")
    if kind == "garbage":
        index.write_bytes(b"DIRC garbage")
    elif kind == "link":
        index.symlink_to(outside)
    elif kind == "directory":
        index.mkdir()
    bench.next_run_is_clean()
    assert outside.read_text() == "precious"


def test_exclusions_do_not_hide_a_stray_file(bench):
    (bench.path / ".git" / "info").mkdir(exist_ok=True)
    (bench.path / ".git" / "info" / "exclude").write_text("*\n")
    (bench.path / "stray").touch()
    bench.next_run_is_clean()


@pytest.mark.parametrize("kind", ["file", "link", "missing"])
def test_a_git_directory_that_was_replaced_leads_nowhere(bench, kind, tmp_path):
    evil = tmp_path / "evil.git"
    subprocess.run(["git", "init", "-q", "--bare", evil], check=True)
    (evil / "config").write_text(f"[core]\n\tfsmonitor = {bench.program}\n")
    before = tree(evil)
    shutil.rmtree(bench.path / ".git")
    if kind == "file":
        (bench.path / ".git").write_text(f"gitdir: {evil}\n")
    elif kind == "link":
        (bench.path / ".git").symlink_to(evil)
    bench.next_run_is_clean()
    assert (bench.path / ".git").is_dir() and not (bench.path / ".git").is_symlink()
    assert tree(evil) == before


@pytest.mark.parametrize("name", [".", "sub", "sub/deep"])
def test_a_directory_replaced_by_a_link_is_not_written_through(bench, name, tmp_path):
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    for file in ("deep/file", "file", "hello.sh", "precious"):
        (outside / file).write_text("precious")
    target = bench.path / name
    shutil.rmtree(target)
    target.symlink_to(outside)
    bench.next_run_is_clean()
    assert tree(outside) == {"deep", "deep/file", "file", "hello.sh", "precious"}
    assert {(outside / f).read_text() for f in ("deep/file", "file", "hello.sh")} == {"precious"}


def test_a_file_replaced_by_a_link_is_not_written_through(bench, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("precious")
    (bench.path / "hello.sh").unlink()
    (bench.path / "hello.sh").symlink_to(outside)
    bench.next_run_is_clean()
    assert outside.read_text() == "precious"


def test_a_file_that_shares_its_content_with_another_place_is_not_written_through(bench, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("precious")
    (bench.path / "hello.sh").unlink()
    os.link(outside, bench.path / "hello.sh")
    bench.next_run_is_clean()
    assert outside.read_text() == "precious"


def test_what_does_not_come_out_clean_is_cloned_freshly(bench):
    """An immutable file would do; a directory in place of our own copy of the index does too."""
    shutil.rmtree(bench.checkout.kept)
    (bench.checkout.kept / "index").mkdir(parents=True)
    bench.next_run_is_clean()
    assert (bench.checkout.kept / "index").is_file()


def test_a_run_that_was_killed_halfway_is_put_right(bench):
    """The files are of another commit than the index that we have kept."""
    bench.origin.write("hello.sh", "echo other")
    bench.origin.write("late.sh")
    other = bench.origin.commit("Third")
    bench.mirror.refresh()
    kept = (bench.checkout.kept / "index").read_bytes()
    bench.bring(other)
    (bench.checkout.kept / "index").write_bytes(kept)
    bench.bring(other)
    assert status(bench.path) == "" and (bench.path / "late.sh").exists()


def test_names_that_are_no_utf8_are_kept_and_strays_deleted(bench):
    good, stray = os.fsdecode(b"caf\xe9"), os.fsdecode(b"stray\xff")
    bench.origin.write(good, "x")
    commit = bench.origin.commit()
    bench.mirror.refresh()
    bench.bring(commit)
    (bench.path / stray).touch()
    bench.bring(commit)
    assert (bench.path / good).exists() and not (bench.path / stray).exists()


def test_a_commit_that_the_mirror_lacks_is_an_error(bench):
    with pytest.raises(Broken):
        bench.bring("0123456789" * 4)
