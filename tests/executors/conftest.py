import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.executors.spec import RunSpec
from tests.executors.runs import spec_of
from tests.executors.terraforms import infra, stub
from tests.lib.git_repos import Source, source

__all__ = ["infra", "stub"]  # fixtures


@pytest.fixture
def origin(tmp_path: Path) -> Source:
    """A repository with the script hello.sh."""
    return source(tmp_path / "origin")


@pytest.fixture
def spec(tmp_path: Path, origin: Source) -> Callable[..., RunSpec]:
    """A run of a script with this text: spec("echo hi"); committed as script.sh."""

    def make(text: str = "", **given: object) -> RunSpec:
        if text:
            origin.write("script.sh", text + "\n")
            origin.commit("Script")
            given.setdefault("script", "script.sh")
        return spec_of(tmp_path / "data", origin.url.text, **given)

    return make


@pytest.fixture
def home() -> Iterator[Path]:
    """A data directory that lies outside of the temporary ones, as a server's does."""
    with tempfile.TemporaryDirectory(dir=Path.home(), prefix=".heliograph-") as folder:
        data = Path(folder, "data")
        data.mkdir(mode=0o700)
        (data / "keyring.json").write_text("the keyring")
        (data / "workspaces/9/other/0/tmp").mkdir(parents=True)
        (data / "workspaces/9/other/0/tmp/extra-vars.yml").write_text("another run's")
        (data / "mirrors/9/other").mkdir(parents=True)
        (data / "mirrors/9/other/config").write_text("another project's")
        yield data
