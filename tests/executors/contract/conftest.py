from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from app.executors.spec import RunSpec
from app.lib.git import SYSTEM_PATH
from tests.executors.contract.calls import Call, calls, install
from tests.executors.contract.tools import TOOLS, ToolCase
from tests.executors.runs import spec_of


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest) -> ToolCase:
    return TOOLS[request.param]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the programs tell."""
    return tmp_path / "told"


@pytest.fixture
def given(tmp_path, origin, tool, folder) -> Callable[..., RunSpec]:
    """A run of the tool with a program that behaves like this: given("print('hi')", env=…)."""

    def make(behaviour: str = "", **more: object) -> RunSpec:
        programs = tmp_path / "bin"
        for name in tool.programs:
            install(programs / name, folder, tool.first, behaviour)
        origin.write(str(PurePosixPath(str(more.get("working_directory", "")), tool.file)))
        origin.commit("Script")
        settings = {"env_vars": {"PATH": f"{programs}:{SYSTEM_PATH}"}} | more.pop("settings", {})
        settings |= {"app_path": str(programs / tool.program)} if tool.by_path else {}
        more.setdefault("inventory", tool.inventory)
        url = origin.url.text
        return spec_of(
            tmp_path / "data", url, app=tool.app, script=tool.script, settings=settings, **more
        )  # fmt: skip

    return make


@pytest.fixture
def command(tool: ToolCase, folder: Path) -> Callable[[], Call]:
    """The call that the run is about, and no preparation."""

    def find() -> Call:
        [found] = [one for one in calls(folder) if not tool.first or one.argv[1] == tool.first]
        return found

    return find
