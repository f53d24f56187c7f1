"""docs/api.md names every route of the API."""

from pathlib import Path

import pytest

from tests.routes import API, IN_PROJECT

TEXT = (Path(__file__).parents[2] / "docs/api.md").read_text()


@pytest.mark.parametrize("name", API)
def test_every_route_is_in_the_docs(name: str) -> None:
    assert f"`{name.replace(IN_PROJECT, '').strip()}`" in TEXT
