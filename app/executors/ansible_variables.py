"""Extra variables as a YAML text that ansible reads; values of strangers stay what they are."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.executors.spec import Place, RunSpec

RESERVED = "semaphore_vars"


def document(spec: RunSpec, place: Place) -> str:
    """All extra variables of a run; of equal names the secret one wins, as in the original.

    What a person has typed for this run, and what is told of it, ansible never evaluates.
    """
    variables = {**spec.extra_vars, **spec.secret_vars, RESERVED: details(spec, place)}
    typed = {*spec.untrusted, RESERVED}  # the message of a run, names of things
    return "".join(
        f"{json.dumps(name)}: {_value(value, unsafe=name in typed)}\n"
        for name, value in variables.items()
    )


def details(spec: RunSpec, place: Place) -> dict[str, Any]:
    """What a playbook may know of its run, under the original's names."""
    known = {
        "id": spec.task_id,
        "url": None,
        "username": "",
        "repository_id": spec.repository.id,
        "repository_name": spec.repository.name or None,
        "commit_hash": place.commit and place.commit.hash,
        "commit_message": place.commit and place.commit.message,
        **spec.details,
    }
    if spec.task_type:
        known |= {"type": spec.task_type, "incoming_version": spec.incoming_version}
    if spec.task_type == "build":
        known["target_version"] = spec.target_version
    kept = {name: value for name, value in known.items() if value is not None or name == "url"}
    return {"task_details": kept}


def _value(value: Any, *, unsafe: bool) -> str:
    """Flow style, in which every JSON text is YAML too.

    Only a text with a brace can be a template, and only that is marked `!unsafe`: since
    ansible-core 2.19 a mark undoes the quotes, and "yes", "1_000" or "*" come as something else.
    """
    if isinstance(value, str):
        return ("!unsafe " if unsafe and "{" in value else "") + _text(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        return _joined("{}", (f"{_text(str(k))}: {_value(v, unsafe=unsafe)}"
                              for k, v in value.items()))  # fmt: skip
    if isinstance(value, list | tuple):
        return _joined("[]", (_value(item, unsafe=unsafe) for item in value))
    return json.dumps(value)


def _number(value: float) -> str:
    """YAML 1.1 takes a number with an exponent for a text unless it has a point."""
    digits, e, exponent = json.dumps(value).partition("e")
    return digits + (".0" if e and "." not in digits else "") + e + exponent


def _text(value: str) -> str:
    """Quoted. YAML reads JSON's escapes, but a pair of surrogates not as one character."""
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else _escaped(c) for c in quoted)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _joined(brackets: str, parts: Iterable[str]) -> str:
    return brackets[0] + ", ".join(parts) + brackets[1]
