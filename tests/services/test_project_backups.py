"""Backups and their return, for names that people are free to choose."""

from types import SimpleNamespace
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic_core import to_json

from app.models import User
from app.services import backup_files, project_backups, project_restores
from tests import factories

# Few letters, so that equal names, and names that end like a number of ours, are frequent.
names = st.text("Aa -2é☀", min_size=1, max_size=5).map(str.strip).filter(bool)
kinds = st.fixed_dictionaries(
    {
        kind: st.lists(names | st.just("x" * 255), max_size=4)
        for kind in ("keys", "templates", "integrations")
    }
)


def sorted_by_name(backup: Any) -> Any:
    """The file with its lists in an order that does not depend on what the names were before."""
    return {
        kind: sorted(entries, key=to_json) if isinstance(entries, list) else entries
        for kind, entries in backup.items()
    }


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(kinds)
@example({"keys": ["x" * 255] * 12, "templates": ["A", "A", "A - 2", "A - 2", "A - 2 - 2"],
          "integrations": ["A", "A"]})  # fmt: skip
def test_whatever_the_names_are_the_project_comes_back(
    app: Flask, cast: dict[str, User], chosen: dict[str, list[str]]
) -> None:
    project = factories.project()
    base = factories.repository(project)
    for name in chosen["keys"]:
        key = factories.access_key(project, name)
        factories.repository(project, name=name, ssh_key_id=key.id)
    for name in chosen["templates"]:
        factories.template(project, name, repository_id=base.id)
    template = factories.template(project, "T", repository_id=base.id)
    for name in chosen["integrations"]:
        factories.integration(template, name)
    backup = project_backups.make(project)
    restored = project_restores.restore(backup_files.read(to_json(backup)), actor=cast["root"])
    factories.save()
    assert sorted_by_name(project_backups.make(restored)) == sorted_by_name(backup)


def test_many_of_one_name_are_numbered_one_after_the_other() -> None:
    rows = [SimpleNamespace(id=number, name="Same") for number in range(20_000)]
    found = project_backups._unique(rows)
    assert list(found.values())[:3] == ["Same", "Same - 2", "Same - 3"]
    assert len(set(found.values())) == 20_000
