"""The programs that runs use: which of them this machine has, and in which version."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 10


@dataclass(frozen=True)
class Tool:
    """A program: its names on PATH (one will do), how it tells its version, how to get it."""

    title: str
    names: tuple[str, ...]
    version: tuple[str, ...] = ("--version",)
    hint: str = ""
    needed: bool = False  # nothing runs without it
    beside: bool = False  # one that was installed together with this program counts first


def find(tool: Tool) -> str | None:
    """The path of a tool on this machine; nothing is started."""
    own = [str(Path(sys.executable).with_name(name)) for name in tool.names if tool.beside]
    return next(filter(None, map(shutil.which, (*own, *tool.names))), None)


def versions(tools: Mapping[str, Tool]) -> dict[str, str]:
    """Ask each tool that is found for its version, by its key; "" for one that does not tell.

    It starts programs: for a worker, never for a web process.
    """
    paths = {key: find(tool) for key, tool in tools.items()}
    return {key: version_of(path, tools[key]) for key, path in paths.items() if path}


def version_of(
    path: str, tool: Tool, *, env: Mapping[str, str] | None = None, timeout: float = TIMEOUT
) -> str:
    """Start the program and read its version; "" if it does not tell. `env`: else our own."""
    try:
        done = subprocess.run(
            [path, *tool.version],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
            env=env,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(rb"\d+\.\d+[\w.+-]*", done.stdout)
    return found[0].decode() if found else ""
