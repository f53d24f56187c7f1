"""An ansible of the run's own, with the Python packages that its plugins need beside it."""

import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.executors import python_packages
from app.executors.execution import Execution
from app.executors.parameters import Parameter
from app.executors.spec import RunSpec

VERSION = "ansible_core"
PARAMETERS = (
    *python_packages.PARAMETERS,
    Parameter(VERSION, "text", "Version of ansible-core",
              help="Such as 2.17 (the newest of these) or 2.17.3; without it the server's own.",
              pattern=r"\d{1,4}(\.\d{1,4}){1,2}((a|b|rc)\d{1,3})?", examples=("2.17", "2.17.3")),
)  # fmt: skip
# A requirements file that names ansible itself chooses its version.
_NAMED = re.compile(r"^\s*ansible(-core|-base)?\s*(?![\w.-])", re.MULTILINE | re.IGNORECASE)


def are_wanted(spec: RunSpec) -> bool:
    """Whether the run gets an environment of its own."""
    return bool(spec.params.get(VERSION) or spec.params.get(python_packages.REQUIREMENTS))


def provide(execution: Execution, env: Mapping[str, str]) -> tuple[dict[str, str], Path | None]:
    """Install what the template names, ansible with it: the variables that lead there, and where
    its programs are. Raises PreparationFailed."""
    if not are_wanted(execution.spec):
        return {}, None
    found = python_packages.provide(execution, env, _ansible(execution))
    return found, Path(found["VIRTUAL_ENV"], "bin")


def _ansible(execution: Execution) -> list[str]:
    """What pip is told: a plugin finds only packages of the Python that runs ansible."""
    if asked := str(execution.spec.params.get(VERSION) or ""):
        return [f"ansible-core=={asked}" + (".*" if asked.count(".") == 1 else "")]
    if _NAMED.search(python_packages.text_of(execution)):
        return []
    try:
        return [f"ansible-core=={version('ansible-core')}"]
    except PackageNotFoundError:
        return ["ansible-core"]
