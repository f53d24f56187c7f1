import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.db import db
from app.executors import unused
from app.executors.isolation import CACHES
from app.extensions import settings
from app.jobs import maintenance
from app.lib.file_lock import try_lock
from app.models import Project
from app.services import leftovers
from tests import factories

Fill = Callable[[int, int], list[Path]]


@pytest.fixture
def fill(app: Flask) -> Iterator[Fill]:
    """Make what runs leave of a repository: fill(project id, repository id) -> what it made."""
    data = settings().DATA_DIR.resolve()

    def make(project_id: int, repository_id: int) -> list[Path]:
        mirrors, pools = (data / top / str(project_id) for top in ("mirrors", "workspaces"))
        copy = mirrors / f"{repository_id}-0123456789abcdef"
        made = [copy, pools / copy.name, pools / f"local-{repository_id}"]
        for path in made:
            (path / "0" / "checkout").mkdir(parents=True)
            (path / "0.lock").touch()
        lock = copy.with_name(copy.name + ".lock")
        lock.touch()
        return [*made, lock]

    yield make
    for top in ("mirrors", "workspaces"):
        shutil.rmtree(data / top, ignore_errors=True)


def test_only_what_belongs_to_nobody_is_removed(project: Project, fill: Fill) -> None:
    kept = fill(project.id, factories.repository(project).id)
    gone = factories.repository(project)
    left = fill(project.id, gone.id)
    db.session.delete(gone)
    db.session.commit()
    leftovers.remove()
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in kept)


def test_the_directories_of_a_deleted_project_go_too(project: Project, fill: Fill) -> None:
    gone = project.id + 1000
    left = fill(gone, 10**6)
    maintenance.tidy()
    assert not any(path.parent.exists() for path in left)


def test_what_somebody_works_in_is_left(project: Project, fill: Fill) -> None:
    copy, pool, local, lock = fill(project.id, 10**6)
    held = [try_lock(lock), try_lock(pool / "0.lock")]
    leftovers.remove()
    assert copy.exists() and lock.exists() and pool.exists() and not local.exists()
    for handle in held:
        os.close(handle)
    leftovers.remove()
    assert not copy.exists() and not lock.exists() and not pool.exists()


def test_what_has_another_name_is_left(project: Project, fill: Fill) -> None:
    stranger = fill(project.id, 10**6)[0].with_name("notes")
    stranger.mkdir()
    leftovers.remove()
    assert stranger.exists()


def test_nothing_there_is_nothing_to_do(app: Flask) -> None:
    data = settings().DATA_DIR
    before = sorted(data.iterdir())
    leftovers.remove()
    assert sorted(data.iterdir()) == before


@pytest.fixture
def installed(app: Flask) -> Iterator[Callable[..., Path]]:
    """What was installed for runs: installed(project id, "galaxy", 31) was used 31 days ago."""
    data = settings().DATA_DIR.resolve()

    def make(project_id: int, kind: str, days: int, name: str = "") -> Path:
        place = data / kind / str(project_id) / (name or f"role-{days}")
        (place / "tasks").mkdir(parents=True)
        used = time.time() - days * 86400
        os.utime(place, (used, used))
        return place

    yield make
    for kind in CACHES:
        shutil.rmtree(data / kind, ignore_errors=True)


@pytest.mark.parametrize("kind", unused.FOLDERS)
def test_what_no_run_has_asked_for_in_a_month_goes(project: Project, installed, kind) -> None:
    old, used = installed(project.id, kind, 31), installed(project.id, kind, 29)
    downloads = installed(project.id, kind, 99, "pip")
    leftovers.remove()
    assert (old.exists(), used.exists(), downloads.exists()) == (False, True, True)


@pytest.mark.parametrize("kind", CACHES)
def test_what_was_installed_for_a_deleted_project_goes(project: Project, installed, kind) -> None:
    kept, gone = installed(project.id, kind, 1), installed(project.id + 1000, kind, 1)
    leftovers.remove()
    assert kept.exists() and not gone.parent.exists()
