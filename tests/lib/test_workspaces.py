import os
import subprocess
import sys

import pytest

from app.lib import workspaces
from app.lib.process import Guardian
from app.lib.workspaces import NoPlace, remove_unlocked, reserve


@pytest.fixture
def pool(tmp_path):
    return tmp_path / "pool"


def nobody(mark):
    pytest.fail(f"{mark} had nothing to bury")


def test_two_runs_never_get_the_same_place(pool):
    first, second = reserve(pool, "a", nobody), reserve(pool, "b", nobody)
    assert first.path != second.path
    first.release()
    assert reserve(pool, "c", nobody).path == first.path


def test_a_place_has_an_empty_home_and_a_checkout_that_stays(pool):
    place = reserve(pool, "a", nobody)
    for directory in (place.home, place.tmp, place.checkout):
        (directory / "left").write_text("x")
    place.release()
    assert not list(place.home.iterdir()) and not list(place.tmp.iterdir())
    again = reserve(pool, "b", nobody)
    assert again.path == place.path and (again.checkout / "left").exists()


def test_nobody_else_may_look_into_a_place(pool):
    place = reserve(pool, "a", nobody)
    for directory in (pool, place.path, place.home, place.tmp, place.checkout):
        assert directory.stat().st_mode & 0o077 == 0


def test_a_place_stays_reserved_while_a_guardian_holds_it(pool):
    guardian = Guardian.fork("test-workspaces")
    place = reserve(pool, "a", nobody)
    guardian.hold(place.lock)
    guardian.start(["sleep", "100"], cwd="/", env={"PATH": os.environ["PATH"]})
    os.close(place.lock)  # as if the work horse had been killed
    assert reserve(pool, "b", nobody).path != place.path
    guardian.kill()
    buried = []
    assert reserve(pool, "c", buried.append).path == place.path
    assert buried == ["a"]
    guardian.close()


def test_what_a_killed_run_has_left_is_ended_before_its_place_is_lent(pool):
    os.close(reserve(pool, "killed", nobody).lock)
    buried = []
    place = reserve(pool, "next", buried.append)
    assert buried == ["killed"]
    place.release()
    reserve(pool, "last", nobody)


def test_a_run_cannot_have_its_place_wiped_elsewhere(pool, tmp_path):
    """Home, tmp, checkout and the place itself replaced by links: what they lead to stays."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    place = reserve(pool, "a", nobody)
    for directory in (place.home, place.tmp, place.checkout):
        directory.rmdir()
        directory.symlink_to(outside)
    place.release()
    place = reserve(pool, "b", nobody)
    assert place.home.is_dir() and not place.home.is_symlink()
    place.release()
    place.path.rename(tmp_path / "moved")
    place.path.symlink_to(outside)
    again = reserve(pool, "c", nobody)
    assert again.path == place.path and not again.path.is_symlink()
    assert [file.name for file in outside.iterdir()] == ["precious"]


def test_a_home_that_was_locked_against_us_is_wiped(pool):
    place = reserve(pool, "a", nobody)
    (place.home / "deep" / "er").mkdir(parents=True)
    (place.home / "deep" / "er" / "file").touch()
    (place.home / "deep" / "er").chmod(0)
    (place.home / "deep").chmod(0)
    place.home.chmod(0o500)
    place.release()
    assert not list(reserve(pool, "b", nobody).home.iterdir())


def test_a_tree_deeper_than_pythons_stack_is_wiped(pool):
    place = reserve(pool, "a", nobody)
    script = "import os\nfor _ in range(1500): os.mkdir('d'); os.chdir('d')"
    subprocess.run([sys.executable, "-c", script], cwd=place.tmp, check=True)
    place.release()
    assert not list(place.tmp.iterdir())


def test_a_place_that_cannot_be_made_usable_is_passed_over(pool):
    pool.mkdir()
    (pool / "0").mkdir()
    (pool / "0" / "home").mkdir()
    (pool / "0" / "home" / "busy").mkdir()
    original = workspaces.remove

    def stubborn(path):
        if path.name == "busy":
            raise OSError("in use")
        original(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workspaces, "remove", stubborn)
        assert reserve(pool, "a", nobody).path == pool / "1"


def test_a_full_pool_is_said(pool, monkeypatch):
    monkeypatch.setattr(workspaces, "MOST", 2)
    reserve(pool, "a", nobody)
    reserve(pool, "b", nobody)
    with pytest.raises(NoPlace, match=str(pool)):
        reserve(pool, "c", nobody)


def test_a_pool_is_removed_when_nobody_has_a_place_in_it(pool):
    first, second = reserve(pool, "a", nobody), reserve(pool, "b", nobody)
    second.release()
    assert not remove_unlocked(pool, list(pool.glob("*.lock")))
    assert second.path.is_dir()
    first.release()
    assert remove_unlocked(pool, list(pool.glob("*.lock")))
    assert not pool.exists()


def test_a_lock_beside_what_it_locks_goes_too(tmp_path):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy.lock").touch()
    assert remove_unlocked(tmp_path / "copy", [tmp_path / "copy.lock"])
    assert not list(tmp_path.iterdir())
