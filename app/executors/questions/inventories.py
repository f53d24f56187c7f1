"""Which hosts an inventory has, by Ansible's own reading of it."""

import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.executors import ansible_tools, git
from app.executors.ansible_tools import HINT
from app.executors.checkout import find_inventory
from app.executors.environment import from_settings
from app.executors.isolation import confined
from app.executors.questions.base import Look, NoAnswer, Silent
from app.executors.questions.tools import run_tool
from app.executors.spec import Place, RunSpec
from app.lib import workspaces
from app.lib.git import SYSTEM_PATH

FOLDER = "probes"  # below the data directory: what looks need for their time
MOST_HOSTS = 5000
LARGEST = 32 << 20  # bytes of what ansible-inventory writes
LARGEST_VARIABLES = 600_000  # characters in the answer
HIDDEN, VAULT = "•••", "(vault)"
_SECRET = re.compile(r"pass(word|wd|phrase)?|secret|token|private_key|api_?key|credential", re.I)
_FAILURE = re.compile(r"^\[WARNING\]: Failed to parse inventory with '(\w+)' plugin: (.*)$", re.M)
_ORIGIN = re.compile(r"^Origin: (?!<).*?:(\d+)(?::\d+)?$", re.M)
_ERROR = re.compile(r"^\[?ERROR(?:\]:|!) *(.*)$", re.M)


@dataclass(frozen=True)
class Hosts:
    """Hosts and groups of an inventory: `text` as it is, or a file of the repository of `run`.

    {"hosts": [{"name", "groups": [all that it is in], "vars": {}}], "groups": [{"name", "hosts":
    number, "children": [names]}], "host_count", "group_count", "more": bool}. Values that look
    like secrets are masked. It executes code of the repository (scripts, plugins).
    """

    run: RunSpec
    name: str  # of the file
    text: str | None = None

    def answer(self, look: Look) -> dict[str, Any]:
        with self._placed(look) as (file, cwd, home, places):
            tool = ansible_tools.find("ansible-inventory")
            if tool is None:
                raise NoAnswer(f"Ansible is not installed on the worker's machine: {HINT}")
            out = home / "hosts.json"
            argv = [str(tool), "-i", str(file), "--list", "--output", str(out)]
            run, lock = self.run, places[0].lock if places else None
            with confined(run.settings, run.project_id, places, [home.parent]) as confinement:
                env = _environment(run, home)
                code, said = run_tool(argv, cwd, env, look, lock, confinement)
            if code:
                raise NoAnswer(flaw(said.replace(f"{cwd}/", ""), self.name, code))
            return summary(_written(out))

    @contextmanager
    def _placed(self, look: Look) -> Iterator[tuple[Path, Path, Path, list[Place]]]:
        """The file, where to start, an empty home, and the place that is reserved, if any."""
        if self.text is not None:
            with _own_folder(self.run, look) as folder:
                file = folder / self.name
                file.write_text(self.text)
                file.chmod(0o600)
                yield file, folder, folder / "home", []
            return
        settings = replace(self.run.settings, git_attempts=1)
        run = replace(self.run, settings=settings, mark=look.mark)
        with git.place(run, Silent(), look.check) as place:
            yield find_inventory(self.name, place), place.directory, place.home, [place]


@contextmanager
def _own_folder(run: RunSpec, look: Look) -> Iterator[Path]:
    folder = folder_of(run.settings.data_dir, look.mark)
    (folder / "home").mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    try:
        yield folder
    finally:
        with suppress(OSError):  # the worker's hourly round finds what cannot be deleted now
            workspaces.remove(folder)


def folder_of(data_dir: Path, mark: str) -> Path:
    """Where a look keeps its files; whoever buries a dead look deletes it."""
    return data_dir / FOLDER / mark


def _environment(run: RunSpec, home: Path) -> dict[str, str]:
    return {
        "PATH": SYSTEM_PATH,
        "LANG": "C.UTF-8",
        **from_settings(run.settings),
        "HOME": str(home),
        "TMPDIR": str(home),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }


def _written(path: Path) -> dict[str, Any]:
    """What the tool has written; whatever ran beside it may have put something else there."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            told = os.fstat(handle)
            if not stat.S_ISREG(told.st_mode) or told.st_size > LARGEST:
                raise NoAnswer("The inventory is too large to be shown")
            found = json.loads(file.read())
    except (OSError, ValueError, RecursionError) as error:
        raise NoAnswer("ansible-inventory has written nothing that can be read") from error
    if not isinstance(found, dict):
        raise NoAnswer("ansible-inventory has written nothing that can be read")
    return found


def flaw(said: str, name: str, code: int) -> str:
    """Why Ansible could not read it, in one line: of all its attempts the one that was meant."""
    wanted = ("auto", "yaml") if name.endswith((".yml", ".yaml", ".json")) else ("ini",)
    found = [match for match in _FAILURE.finditer(said) if match[1] in wanted]
    if not found:
        error = _ERROR.search(said)
        return error[1][:500] if error else f"ansible-inventory ended with exit code {code}"
    first, rest = found[0], said[found[0].end() :]
    line = _ORIGIN.search(rest.partition("\n[")[0])
    message = first[2].removeprefix("YAML parsing failed: ")
    message = message.removeprefix("Failed to parse inventory: ")
    return (f"Line {line[1]}: " if line else "") + message[:500]


def summary(listed: dict[str, Any]) -> dict[str, Any]:
    """The answer from what `ansible-inventory --list` says."""
    variables = listed.get("_meta", {}).get("hostvars", {})
    groups = {name: group for name, group in listed.items() if name != "_meta"}
    parents = _parents(groups)
    within: dict[str, set[str]] = {host: set() for host in variables}
    for name, group in groups.items():
        for host in group.get("hosts", ()):
            within.setdefault(host, set()).update(_upwards(name, parents))
    members = {name: sum(name in found for found in within.values()) for name in groups}
    hosts = [
        {"name": host, "groups": sorted(within[host] - NOT_GROUPS), "vars": variables.get(host, {})}
        for host in sorted(within)
    ]
    named = sorted(groups.keys() - NOT_GROUPS)
    return {
        "hosts": _shown(hosts[:MOST_HOSTS]),
        "groups": [
            {"name": name, "hosts": members[name], "children": groups[name].get("children", [])}
            for name in named
        ],
        "host_count": len(hosts),
        "group_count": len(named),
        "more": len(hosts) > MOST_HOSTS,
    }


NOT_GROUPS = {"all", "ungrouped"}  # Ansible's own


def _parents(groups: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, group in groups.items():
        for child in group.get("children", ()):
            found.setdefault(child, []).append(name)
    return found


def _upwards(name: str, parents: dict[str, list[str]]) -> set[str]:
    """The group and all that it is part of."""
    found, todo = set(), [name]
    while todo:
        if (group := todo.pop()) not in found:
            found.add(group)
            todo += parents.get(group, [])
    return found


def _shown(hosts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without secrets, and without variables where they would be too much."""
    masked = [host | {"vars": mask(host["vars"])} for host in hosts]
    if len(json.dumps(masked)) > LARGEST_VARIABLES:
        return [host | {"vars": {}} for host in masked]
    return masked


def mask(value: Any, name: str = "") -> Any:
    """A variable's value with all that is, or by its name must be, a secret replaced."""
    if isinstance(value, dict):
        if "__ansible_vault" in value:
            return VAULT
        return {key: mask(inner, str(key)) for key, inner in value.items()}
    if _SECRET.search(name) and not name.endswith("_file"):
        return HIDDEN
    return [mask(inner, name) for inner in value] if isinstance(value, list) else value
