"""What the machine that runs tasks decides, not the task: plain values, for every run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Isolation:
    """How far tasks are kept from the server.

    `mode` is auto (as far as the kernel can), required (or no task starts) or off. `hidden` and
    `writable` are paths besides those of the server and of the run. `user` is the one of this
    machine that tasks run as; "": the worker's own.
    """

    mode: str = "off"
    hidden: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    user: str = ""


@dataclass(frozen=True)
class EngineSettings:
    """What the machine that runs tasks decides, not the task."""

    data_dir: Path  # mirrors, workspaces and known hosts lie below it
    forwarded_env_vars: tuple[str, ...] = ()  # names; the values are this process's own
    env_vars: Mapping[str, str] = field(default_factory=dict)
    git_attempts: int = 4
    local_repositories: tuple[Path, ...] = (Path("/"),)
    host_keys: str = "accept-new"  # of ssh: yes, accept-new or no
    app_path: str = ""  # replaces the command of the app
    app_args: tuple[str, ...] | None = None  # replaces its leading arguments
    stop_grace: float = 12.0  # seconds between SIGTERM and SIGKILL at the time limit
    isolation: Isolation = Isolation()
    artifacts: int = 20 << 20  # bytes of files that a run may leave behind; 0: none are kept
