"""Variables of a run on their way to terraform: none of them in a command line.

All are TF_VAR_… in the environment. Of those, the tool makes texts where the configuration names no
type, and what the repository has in terraform.tfvars counts before them. So what the directory
declares is in a file as well, in its type, which nobody else can read.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from app.executors.environment import as_text
from app.executors.shell import variables
from app.executors.spec import Place, RunSpec
from app.executors.terraform_plans import read_below, write
from app.lib.loose_json import mapping

PREFIX = "TF_VAR_"
FILE = "variables.tfvars.json"
PLAIN, AS_JSON = (".tf", ".tofu"), (".tf.json", ".tofu.json")
MOST_FILES, LARGEST = 1000, 1 << 20  # that are looked at for declarations, and their bytes
_BLOCK = re.compile(r'^[ \t]*variable[ \t]+"?([\w-]+)"?[ \t]*\{', re.MULTILINE)
_TYPE = re.compile(r"^\s*type\s*=\s*\"?([\w.]+)", re.MULTILINE)
_EPHEMERAL = re.compile(r"^\s*ephemeral\s*=\s*true\b", re.MULTILINE)
_AS_IT_IS = ("", "string")  # types of which a text is the value, and no expression
_UNFIT = object()


class Declaration(NamedTuple):
    """A variable of the configuration: the first word of its type, "" where there is none; and
    whether no plan may have its value."""

    type: str
    is_ephemeral: bool


def environment(spec: RunSpec) -> dict[str, str]:
    """Of equal names the secret one wins, as in the original."""
    named = {f"{PREFIX}{name}": as_text(value) for name, value in variables(spec)}
    return named | {f"{PREFIX}{name}": secret for name, secret in spec.secret_vars.items()}


def without_saved(env: Mapping[str, str], spec: RunSpec, directory: Path) -> dict[str, str]:
    """The environment for the apply of a saved plan, which has the values of what is declared: the
    tool warns of each that it is told again in other words. Ephemeral ones are in no plan."""
    known = declarations(directory)
    saved = {f"{PREFIX}{name}" for name, one in known.items() if not one.is_ephemeral}
    own = saved.intersection(environment(spec))
    return {name: value for name, value in env.items() if name not in own}


def arguments(spec: RunSpec, place: Place, directory: Path) -> list[str]:
    """Write the file for what the directory declares; the option that names it.

    Nothing of the repository has run yet.
    """
    known = declarations(directory)
    given = dict(variables(spec)) | dict(spec.secret_vars)
    typed = {name: _typed(v, known[name].type) for name, v in given.items() if name in known}
    values = {name: value for name, value in typed.items() if value is not _UNFIT}
    if not values:
        return []
    path = place.tmp / FILE
    write(path, json.dumps(values).encode())
    return [f"-var-file={path}"]


def declarations(directory: Path) -> dict[str, Declaration]:
    """The variables of a directory; none where it is gone.

    What looks like a declaration and is none costs a warning of the tool.
    """
    found: dict[str, Declaration] = {}
    for name in _names(directory):
        if name.endswith(PLAIN):
            found |= _of_text(_read(directory, name))
        elif name.endswith(AS_JSON):
            found |= _of_json(_read(directory, name))
    return found


def _names(directory: Path) -> list[str]:
    with suppress(OSError):
        return sorted(path.name for path in directory.iterdir())[:MOST_FILES]
    return []


def _read(directory: Path, name: str) -> str:
    return (read_below(directory, (name,), LARGEST) or b"").decode("utf-8", "replace")


def _typed(value: Any, type_: str) -> Any:
    """The value as JSON; _UNFIT where only the tool can read the text."""
    if not isinstance(value, str) or type_ in _AS_IT_IS:
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value if type_ in ("number", "bool") else _UNFIT
    return value if type_ == "any" and not isinstance(found, dict | list) else found


def _of_text(text: str) -> Iterator[tuple[str, Declaration]]:
    starts = list(_BLOCK.finditer(text))
    for start in starts:
        block = _balanced(text, start.end())
        stated = _TYPE.search(block)
        is_ephemeral = _EPHEMERAL.search(block) is not None
        yield start[1], Declaration(stated[1] if stated else "", is_ephemeral)


def _balanced(text: str, start: int) -> str:
    """The text up to the brace that closes the one before `start`."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return text[start:place]
    return text[start:]


def _of_json(text: str) -> Iterator[tuple[str, Declaration]]:
    with suppress(ValueError, RecursionError):
        for name, entry in mapping(mapping(json.loads(text)).get("variable")).items():
            stated = re.match(r"[\w.]+", str(mapping(entry).get("type") or ""))
            is_ephemeral = mapping(entry).get("ephemeral") is True
            yield name, Declaration(stated[0] if stated else "", is_ephemeral)
