"""A pytest plugin: on another database than SQLite only those tests are run again that use one."""

import pytest

OF_A_DATABASE = {"_app", "database_url"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database") == "sqlite":
        return
    parted: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        parted[bool(OF_A_DATABASE & set(getattr(item, "fixturenames", ())))].append(item)
    config.hook.pytest_deselected(items=parted[False])
    items[:] = parted[True]
