"""The version of the program that a run uses, asked for while the run goes on."""

import shutil
from pathlib import Path

from app.executors.isolation import TEMPORARY
from app.executors.machine import EngineSettings
from app.executors.spec import Command
from app.lib import tools
from app.lib.git import SYSTEM_PATH

TIMEOUT = 2.0  # seconds
ENVIRONMENT = {
    "PATH": SYSTEM_PATH,
    "LANG": "C.UTF-8",
    "CHECKPOINT_DISABLE": "1",  # terraform would ask its makers for a newer one
    "POWERSHELL_TELEMETRY_OPTOUT": "1",
    "POWERSHELL_UPDATECHECK": "Off",
}


def of(command: Command, settings: EngineSettings) -> dict[str, str]:
    """Title and version of the command's tool; nothing where it tells none or may not be asked.

    It is started outside of the run's confines: only what no task could have written.
    """
    if command.tool is None:
        return {}
    path = shutil.which(command.argv[0], path=command.env.get("PATH", SYSTEM_PATH))
    if path is None or not _is_out_of_reach(Path(path), settings):
        return {}
    found = tools.version_of(path, command.tool, env=ENVIRONMENT, timeout=TIMEOUT)
    return {command.tool.title: found} if found else {}


def _is_out_of_reach(path: Path, settings: EngineSettings) -> bool:
    """Whether no task may write there, by its own name and by what it is a link to."""
    writable = [settings.data_dir, *map(Path, TEMPORARY), *settings.isolation.writable]
    return path.is_absolute() and not any(
        place.is_relative_to(top.resolve()) for place in (path, path.resolve()) for top in writable
    )
