"""Before the plan: providers from a cache of the project, the backend, and the workspace."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from app.executors import terraform_arguments, terraform_backend, terraform_backend_config
from app.executors.execution import Execution
from app.executors.phases import phase
from app.executors.spec import Command, PreparationFailed, RunSpec
from app.executors.terraform_troubles import Troubles
from app.lib.file_lock import locked

CACHE = "terraform"  # below the data directory, by project
WORKSPACE = "-workspace"  # what the types of inventories that name one end with
DEFAULT = "default"
LOOK = 0.25  # seconds between two attempts to get the lock of the cache


def check_inventory(spec: RunSpec) -> None:
    """Raise PreparationFailed where the inventory names hosts."""
    if spec.inventory and not spec.inventory.type.endswith(WORKSPACE):
        raise PreparationFailed(
            f"Inventory {spec.inventory.name} names hosts: choose one that names a workspace"
        )


def cache(execution: Execution) -> dict[str, str]:
    """Where providers are kept for all runs of the project."""
    place = _cache(execution.spec)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {"TF_PLUGIN_CACHE_DIR": str(place)}


def _cache(spec: RunSpec) -> Path:
    return spec.settings.data_dir.resolve() / CACHE / str(spec.project_id)


def prepare(execution: Execution, program: Sequence[str], start: Command) -> None:
    """Run init and select the workspace. Raises PreparationFailed in terraform's words."""
    spec = execution.spec
    with phase(execution.reporter, "Init"):
        lock = _cache(spec).with_suffix(".lock")
        with locked(lock, lambda: _wait(execution)):  # two at once would break the cache
            backend = terraform_backend_config.arguments(spec, execution.place, start.cwd)
            _must(execution, start, init(spec, program, backend), "init")
    with phase(execution.reporter, "Workspace"):
        name = _workspace(spec)
        if spec.state:
            execution.reporter.line(f"The state of workspace {name} is kept by this server")
        if argv := selection(spec, program):
            _must(execution, start, argv, f"Workspace {name}")


def _wait(execution: Execution) -> None:
    execution.watch.check()
    time.sleep(LOOK)


def outline(spec: RunSpec, program: Sequence[str], folder: PurePath) -> Iterator[list[str]]:
    """The command lines of the preparation, for people to read."""
    yield init(spec, program, terraform_backend_config.outline(spec, folder))
    if argv := selection(spec, program):
        yield argv


def init(spec: RunSpec, program: Sequence[str], backend: Sequence[str]) -> list[str]:
    """The command line of init; `backend`: what it is told of it."""
    return [
        *program,
        "init",
        "-input=false",
        *(("-upgrade",) if spec.params.get("upgrade") else ()),
        *(("-reconfigure",) if spec.params.get("reconfigure") else ()),
        *backend,
        *terraform_arguments.of_step(spec, "init"),
    ]


def selection(spec: RunSpec, program: Sequence[str]) -> list[str]:
    """The command line that selects the workspace; empty where there is nothing to select.

    The backend of this server knows no workspaces: its address says which one it is.
    """
    name = _workspace(spec)
    if name == DEFAULT or terraform_backend.is_here(spec):
        return []
    return [*program, "workspace", "select", "-or-create=true", name]


def _workspace(spec: RunSpec) -> str:
    return (spec.inventory.text.strip() if spec.inventory else "") or DEFAULT


def _must(execution: Execution, start: Command, argv: list[str], what: str) -> None:
    troubles = Troubles(execution.reporter, execution.spec)
    code = execution.prepare(replace(start, argv=argv))
    if code:
        told = troubles.told()
        raise PreparationFailed(
            f"{what} ended with exit code {code}" + (f": {told}" if told else "")
        )


def terragrunt_tool(env: Mapping[str, str]) -> dict[str, str]:
    """Terragrunt looks for tofu first; where only terraform is there, it has to be told."""
    if shutil.which("tofu", path=env["PATH"]) or not shutil.which("terraform", path=env["PATH"]):
        return {}
    known = {"TG_TF_PATH": "terraform", "TERRAGRUNT_TFPATH": "terraform"}
    return {name: value for name, value in known.items() if name not in env}
