"""A pytest plugin: files whose tests take long begin first, so that none is left alone at the end.

With `--dist loadfile` a file is one process's, and xdist would begin with those of most tests.
"""

from collections import Counter
from pathlib import Path

import pytest

LONG = ("processes", "browser")  # marks


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Counter(item.path for item in items)
    long = {item.path for item in items if any(map(item.get_closest_marker, LONG))}

    def place(item: pytest.Item) -> tuple[bool, int, Path]:
        return item.path not in long, -tests[item.path], item.path

    items.sort(key=place)
