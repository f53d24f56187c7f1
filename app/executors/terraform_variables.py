"""Variables of a run on their way to terraform: none of them in a command line.

All are TF_VAR_… in the environment. Of those, the tool makes texts where the configuration names no
type, and what the repository has in terraform.tfvars counts before them. So what the directory
declares is in a file as well, in its type, which nobody else can read.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.executors.environment import as_text
from app.executors.shell import variables
from app.executors.spec import Place, RunSpec
from app.executors.terraform_plans import read_below, write
from app.lib.loose_json import mapping

FILE = "variables.tfvars.json"
PLAIN, AS_JSON = (".tf", ".tofu"), (".tf.json", ".tofu.json")
MOST_FILES, LARGEST = 1000, 1 << 20  # that are looked at for declarations, and their bytes
_BLOCK = re.compile(r'^[ \t]*variable[ \t]+"?([\w-]+)"?[ \t]*\{', re.MULTILINE)
_TYPE = re.compile(r"^\s*type\s*=\s*\"?([\w.]+)", re.MULTILINE)
_AS_IT_IS = ("", "string")  # types of which a text is the value, and no expression
_UNFIT = object()


def environment(spec: RunSpec) -> dict[str, str]:
    """Of equal names the secret one wins, as in the original."""
    named = {f"TF_VAR_{name}": as_text(value) for name, value in variables(spec)}
    return named | {f"TF_VAR_{name}": secret for name, secret in spec.secret_vars.items()}


def arguments(spec: RunSpec, place: Place, directory: Path) -> list[str]:
    """Write the file for what the directory declares; the option that names it.

    Nothing of the repository has run yet.
    """
    types = declared(directory)
    given = dict(variables(spec)) | dict(spec.secret_vars)
    typed = {name: _typed(value, types[name]) for name, value in given.items() if name in types}
    values = {name: value for name, value in typed.items() if value is not _UNFIT}
    if not values:
        return []
    path = place.tmp / FILE
    write(path, json.dumps(values).encode())
    return [f"-var-file={path}"]


def declared(directory: Path) -> dict[str, str]:
    """The variables of a directory and the first word of their types, "" where there is none.

    What looks like a declaration and is none costs a warning of the tool.
    """
    found: dict[str, str] = {}
    for name in sorted(path.name for path in directory.iterdir())[:MOST_FILES]:
        if name.endswith(PLAIN):
            found |= _of_text(_read(directory, name))
        elif name.endswith(AS_JSON):
            found |= _of_json(_read(directory, name))
    return found


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


def _of_text(text: str) -> Iterator[tuple[str, str]]:
    starts = list(_BLOCK.finditer(text))
    for start in starts:
        block = _balanced(text, start.end())
        stated = _TYPE.search(block)
        yield start[1], stated[1] if stated else ""


def _balanced(text: str, start: int) -> str:
    """The text up to the brace that closes the one before `start`."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return text[start:place]
    return text[start:]


def _of_json(text: str) -> Iterator[tuple[str, str]]:
    with suppress(ValueError, RecursionError):
        for name, entry in mapping(mapping(json.loads(text)).get("variable")).items():
            stated = re.match(r"[\w.]+", str(mapping(entry).get("type") or ""))
            yield name, stated[0] if stated else ""
