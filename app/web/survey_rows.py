"""The questions of a template as parts of its form, which buttons add, remove and move."""

from collections.abc import Mapping
from typing import Any

from flask import request

from app.errors import Invalid
from app.lib import choice_lines
from app.lib.whole_numbers import whole
from app.models import TaskTemplate
from app.schemas import survey_kinds
from app.schemas.survey_vars import SOURCES
from app.schemas.task_templates import TaskTemplateIn
from app.web import survey
from app.web.forms import Form

PLACE = "survey_vars"
TEXTS = (
    "name", "title", "description", "type", "target", "source", "min", "max", "regex",
    "default_value",
)  # fmt: skip
WRITTEN = ("name", "title", "description", "values", "default_value")  # what makes it a question
WORDS = {
    "name": "Variable",
    "title": "Title",
    "description": "Help",
    "type": "Type",
    "target": "Goes into",
    "source": "Choices from",
    "values": "Choices",
    "min": "Least",
    "max": "Most",
    "regex": "Pattern",
    "default_value": "Default",
}
NAMELESS = "Name the variable that gets the answer"

Row = dict[str, Any]


def shown(form: Form) -> dict[str, Any]:
    """What the part of the form needs: types without synonyms, sources, and how it will look."""
    types = survey_kinds.KINDS.items()
    return {
        "questions": survey.preview(form.values[PLACE]),
        "survey_kinds": [(word, kind.title) for word, kind in types
                         if word not in survey_kinds.SYNONYMS],
        "survey_sources": list(SOURCES.items()),
        "choice_lines": choice_lines.to_lines,
    }  # fmt: skip


def of_template(template: TaskTemplate | None) -> list[Row]:
    """The questions of what is stored."""
    return [_clean(one) for one in (template.survey_vars or [])] if template else []


def sent(kept: list[Row]) -> list[Row]:
    """The questions that the browser sent.

    Whoever sends a form that has no questions at all leaves those that are `kept`.
    """
    if PLACE not in request.form:
        return kept
    rows, place = [], 0
    while (prefix := f"{PLACE}.{place}.") + "name" in request.form:
        row: Row = {name: _text(prefix + name) for name in TEXTS}
        row["values"] = choice_lines.to_choices(_text(prefix + "values"))
        row["required"] = bool(request.form.get(prefix + "required"))
        rows.append(row)
        place += 1
    return rows


def change(form: Form) -> bool:
    """Do what a button of the questions asks for; False if no such button was pressed.

    Then questions that nothing was written into are left out: the form is to be stored.
    """
    wish, _, number = request.form.get("do", "").partition("-")
    rows, place = form.values[PLACE], whole(number)
    if wish == "question":
        rows.append(_clean({}) | {"focus": "name"})
    elif wish == "unquestion" and place is not None:
        rows[place : place + 1] = []
    elif wish in ("raise", "lower") and place is not None and place < len(rows):
        row = rows.pop(place)
        rows.insert(max(0, place + (-1 if wish == "raise" else 1)), row | {"focus": wish})
    elif not wish:
        form.values[PLACE] = [row for row in rows if any(row[name] for name in WRITTEN)]
    return bool(wish)


def refuse_nameless(data: TaskTemplateIn) -> None:
    """Raise Invalid for a question of the page without a variable; clients may send such ones."""
    refused = {f"{PLACE}.{place}.name": NAMELESS
               for place, one in enumerate(data.survey_vars) if not one.name}  # fmt: skip
    if refused:
        raise Invalid(refused)


def labels(form: Form) -> dict[str, str]:
    """What the fields are called in the summary of errors."""
    found = {PLACE: "Questions"}
    for place, row in enumerate(form.values[PLACE]):
        title = row["title"] or row["name"] or f"question {place + 1}"
        found |= {f"{PLACE}.{place}.{name}": f"{word} of “{title}”" for name, word in WORDS.items()}
    return found


def at_fields(errors: Mapping[str, str]) -> dict[str, str]:
    """Errors by fields of the page: those of a single choice belong to all choices."""
    found = {}
    for name, text in errors.items():
        parts = name.split(".")
        found[".".join(parts[:3]) if parts[0] == PLACE else name] = text
    return found


def forget_same(form: Form, template: TaskTemplate) -> None:
    """Of what somebody else has stored, leave out questions that are the ones of the form."""
    typed = [{**row, "focus": None} for row in form.values[PLACE]]
    if [{**row, "focus": None} for row in of_template(template)] == typed:
        form.theirs.pop(PLACE, None)


def in_words(rows: list[Row]) -> str:
    """Some questions for people to compare."""
    return ", ".join(row["title"] or row["name"] for row in rows)


def _text(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n")


def _clean(stored: Mapping[str, Any]) -> Row:
    """A question with all its fields, as the form has them."""
    row: Row = {name: stored.get(name) or "" for name in TEXTS}
    row["type"] = survey_kinds.SYNONYMS.get(row["type"], row["type"])
    default = row["default_value"]
    row["default_value"] = ",".join(default) if isinstance(default, list) else default
    choices = stored.get("values") or []
    row["values"] = choice_lines.to_choices(choice_lines.to_lines(choices))
    return row | {"required": bool(stored.get("required"))}
