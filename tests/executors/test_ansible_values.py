"""What people type reaches a playbook as it was typed: read by ansible's own loader."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from hypothesis import given, settings
from hypothesis import strategies as st

from app.executors.ansible_variables import document
from app.executors.spec import Place
from tests.executors.runs import spec_of

CHANGED_BY_YAML = (
    "*", "yes", "No", "on", "1_000", "null", "~", "", "0x10", "012", "1:30", "2001-01-01", "=",
    "<<", "&a", "!x", "- a", "#c", " x ", "1e3", ".inf", "{a", "}", "%YAML", "---", "é☀\U0001f600",
    "a\tb\nc",
)  # fmt: skip
INJECTED = (
    "{{ lookup('pipe', 'id') }}", "{% for x in y %}", "{# no #}", "{{", "}}", "'\"; id #",
    "\n- hosts: all", "!vault |", "${jndi:x}", "{{ ''.__class__ }}",
)  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
VALUES = st.recursive(
    TEXTS
    | st.integers()
    | st.booleans()
    | st.none()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=8,
)


def loaded(values: dict[str, Any], **more: Any) -> dict[str, Any]:
    spec = spec_of(Path("/tmp"), "", extra_vars=values, untrusted=frozenset(values), **more)
    text = document(spec, Place(Path("/"), Path("/"), Path("/"), -1, None, "", ()))
    with NamedTemporaryFile("w", suffix=".yml") as file:
        file.write(text)
        file.flush()
        return dict(DataLoader().load_from_file(file.name, cache="none"))


def plain(value: Any) -> Any:
    """Without ansible's tags, which compare by the value."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


@pytest.mark.parametrize("text", [*CHANGED_BY_YAML, *INJECTED])
def test_a_text_stays_the_text(text: str) -> None:
    assert plain(loaded({"typed": text})["typed"]) == text
    assert plain(loaded({"typed": [text, {"in": text}]})["typed"]) == [text, {"in": text}]


@given(VALUES)
@settings(deadline=None, max_examples=200)
def test_a_value_keeps_its_type(value: Any) -> None:
    found = plain(loaded({"typed": value})["typed"])
    assert found == value and type(found) is type(value)


def test_a_number_with_an_exponent_is_a_number() -> None:
    found = plain(loaded({"typed": [1e16, 1.5e300, -1e-7]})["typed"])
    assert found == [1e16, 1.5e300, -1e-7]


@pytest.mark.parametrize("text", INJECTED)
def test_the_message_of_a_run_stays_the_text(text: str) -> None:
    found = loaded({}, details={"message": text})["semaphore_vars"]["task_details"]
    assert plain(found)["message"] == text
