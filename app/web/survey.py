"""The survey of a template on its run sheet: one field for each question, "answer.<variable>"."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from app.lib import json_objects
from app.models import Task, TaskTemplate
from app.schemas import survey_kinds
from app.schemas.survey_kinds import Kind
from app.schemas.survey_vars import SOURCES
from app.services import survey_answers, survey_choices

PREFIX = "answer."
ASKED = "asked"  # the field that names questions of which a form may send nothing
OTHERS = "other_variables"  # the field of what no question asks, a JSON object
MOST_BOXES = 20  # above it a list to scroll
GONE = "The template does not ask this any more; look at what it asks now"
PARAMETERS = ("environment", "secret")  # where a start takes answers, and where it finds faults
RULES = {
    "From {} to {}": ("integer", "number", "date", "time", "datetime-local"),
    "{} to {} characters": ("text", "area", "secret"),
    "Choose {} to {}": ("choices",),
}
ONE_SIDED = {
    "From {} to {}": ("At least {}", "At most {}"),
    "{} to {} characters": ("At least {} characters", "At most {} characters"),
    "Choose {} to {}": ("Choose at least {}", "Choose at most {}"),
}

Answers = Mapping[str, Any]  # by variable: a text, or a list of them


@dataclass(frozen=True)
class Field:
    """A question with what is in its field. `offered` are names that were looked up for it."""

    question: Mapping[str, Any]
    value: Any
    offered: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        return str(self.question["name"])

    @property
    def name(self) -> str:
        return PREFIX + self.variable

    @property
    def label(self) -> str:
        return self.question.get("title") or self.variable

    @property
    def kind(self) -> Kind:
        return survey_kinds.of(self.question)

    @property
    def control(self) -> str:
        """A choice of nothing is typed, and so is a time in a zone, which browsers cannot show."""
        if self.kind.field == "datetime-local" and self._is_zoned():
            return "text"
        if self.kind.chooses and not self.choices:
            return "text"
        if self.kind.field == "choices" and len(self.choices) > MOST_BOXES:
            return "many"
        if self.kind.field == "text" and "\n" in self.text:
            return "area"  # a field of one line would join them
        return self.kind.field

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Values with what people see; one that was chosen stays although it is offered no more."""
        if self.question.get("source"):
            gone = [one for one in self.chosen if one and one not in self.offered]
            return [(one, one) for one in (*gone, *self.offered)] if self.offered else []
        found = self.question.get("values") or []
        return [(one["value"], one.get("name") or one["value"]) for one in found]

    @property
    def is_looked_up(self) -> bool:
        """Whether a worker knows what can be chosen."""
        return self.question.get("source") in survey_choices.SOURCES

    @property
    def looked_up(self) -> str:
        """What is looked up, in words: branches of the repository."""
        return SOURCES[self.question.get("source") or ""].lower()

    @property
    def may_be_silent(self) -> bool:
        """Whether browsers send nothing of it where nothing is ticked."""
        return self.kind.field in ("truth", "choices")

    @property
    def chosen(self) -> list[str]:
        """The values that are ticked."""
        found = self.kind.typed(self.value)
        return [str(one) for one in found] if isinstance(found, list) else [str(found)]

    @property
    def text(self) -> str:
        """The value as a text field has it."""
        return ",".join(self.chosen) if isinstance(self.value, list) else str(self.value)

    @property
    def help(self) -> str:
        """What the question says about itself, and which answers it takes."""
        said = (self.question.get("description") or "").strip()
        rules = " ".join(filter(None, (self._bounds(), self._pattern())))
        if said and rules and said[-1].isalnum():
            said += "."
        return f"{said} {rules}".strip()

    @property
    def limits(self) -> dict[str, str]:
        """What the browser may check beforehand."""
        least, most = self.question.get("min") or None, self.question.get("max") or None
        control = self.control
        if control in ("text", "area", "secret"):
            named = ("minlength", "maxlength") if self.kind.has_pattern else ("", "")
        else:
            named = ("min", "max")
        found = {named[0]: least, named[1]: most, "step": {"number": "any"}.get(control)}
        return {name: value for name, value in found.items() if name and value}

    def _is_zoned(self) -> bool:
        texts = (self.question.get("min"), self.question.get("max"), str(self.value))
        return any(text and (text.endswith("Z") or text.count(":") > 2 or text.count("-") > 2)
                   for text in texts)  # fmt: skip

    def _bounds(self) -> str:
        least, most = self.question.get("min"), self.question.get("max")
        rule = next((text for text, fields in RULES.items() if self.kind.field in fields), "")
        if not rule or not (least or most):
            return ""
        if least and most:
            return rule.format(least, most) + "."
        return ONE_SIDED[rule][0 if least else 1].format(least or most) + "."

    def _pattern(self) -> str:
        pattern = self.question.get("regex")
        return f"Must match {pattern}" if pattern else ""


def fields(questions: Iterable[Mapping[str, Any]], answers: Answers) -> list[Field]:
    """The fields of these questions, filled."""
    return [Field(one, answers.get(one["name"], "")) for one in questions if one.get("name")]


def of_template(template: TaskTemplate, answers: Answers) -> list[Field]:
    """The fields of a run sheet."""
    return fields(_questions(template), answers)


def preview(questions: Iterable[Mapping[str, Any]]) -> list[Field]:
    """The fields of questions that are being written, with their defaults."""
    named = [one for one in questions if one.get("name") or one.get("title")]
    return [Field({**one, "name": one.get("name") or f"question {place}"}, _default(one))
            for place, one in enumerate(named, 1)]  # fmt: skip


def labels(template: TaskTemplate) -> dict[str, str]:
    """What each field is called."""
    lost = {name: name.removeprefix(PREFIX) for name in gone(template)}
    asked = {field.name: field.label for field in of_template(template, {})}
    return {OTHERS: "Other variables"} | lost | asked


def sent(template: TaskTemplate, before: Task | None = None) -> dict[str, Any]:
    """The answers of the form, by variable; those of the run that is repeated where nobody has
    touched them, which browsers send with other line ends and in another order."""
    given = json.loads(before.environment or "{}") if before else {}
    return {
        field.variable: _untouched(given.get(field.variable), _sent(field))
        for field in of_template(template, {})
    }


def gone(template: TaskTemplate) -> dict[str, str]:
    """What was answered to questions that the template has lost since the form was opened, by
    field, with the reason. Whether one was secret nobody knows any more: no answer is shown."""
    asked = {PREFIX + name for name in survey_answers.questions(template)}
    answered = {name for name, texts in request.form.lists() if any(texts)}
    return {name: GONE for name in sorted(answered - asked) if name.startswith(PREFIX)}


def of_task(template: TaskTemplate, task: Task | None) -> dict[str, Any]:
    """What the fields are filled with: the answers of a run, else the defaults; never a secret."""
    given = json.loads(task.environment or "{}") if task else {}
    return {
        var["name"]: _as_field(given[var["name"]]) if var["name"] in given else _default(var)
        for var in _questions(template)
    }


def others(template: TaskTemplate, environment: str | None) -> str:
    """Variables that no question asks: of the form, else of a start, a JSON object as a text."""
    if OTHERS in request.form:
        return request.form[OTHERS].strip()
    asked = {var["name"] for var in _questions(template)}
    given = json.loads(environment or "{}")
    found = {name: value for name, value in given.items() if name not in asked}
    return json.dumps(found, indent=2, ensure_ascii=False) if found else ""


def as_parameters(template: TaskTemplate, answers: Answers, others: str = "") -> dict[str, str]:
    """The answers as a start takes them: two JSON objects, the secret ones apart.

    A field that was emptied is an answer only where the question has a default, which it replaces.
    `others` that are no JSON object stand alone, for a start to refuse.
    """
    beside = _object(others)
    if beside is None:
        return {"environment": others, "secret": ""}
    found: dict[str, dict[str, Any]] = {"environment": beside, "secret": {}}
    for field in of_template(template, answers):
        if field.value not in ("", []) or field.question.get("default_value"):
            place = "secret" if field.kind.field == "secret" else "environment"
            found[place][field.variable] = field.kind.typed(field.value)
    return {place: json.dumps(values) if values else "" for place, values in found.items()}


def readable(others: str) -> str:
    """The same, or nothing while it is no JSON object."""
    return others if _object(others) else ""


def _object(text: str) -> dict[str, Any] | None:
    try:
        return json_objects.read(text.encode(), OTHERS) if text else {}
    except ValueError:
        return None


def at_fields(errors: dict[str, str]) -> dict[str, str]:
    """Errors by the names of the fields of this page: environment.port is answer.port."""
    return {_field(name): text for name, text in errors.items()}


def _field(name: str) -> str:
    if name == "environment":
        return OTHERS
    place, dot, variable = name.partition(".")
    return PREFIX + variable if dot and place in PARAMETERS else name


def _sent(field: Field) -> Any:
    if field.name not in request.form and field.variable not in request.form.getlist(ASKED):
        return _default(field.question)  # it is new since the form was opened
    if field.kind.field == "choices":
        found = request.form.getlist(field.name)
        return found[0] if field.is_looked_up and len(found) == 1 else [one for one in found if one]
    if field.control == "truth":
        return "true" if request.form.get(field.name) else "false"
    return _with_plain_ends(request.form[field.name])


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _untouched(old: Any, new: Any) -> Any:
    """`old` where `new` is what a browser makes of it."""
    if isinstance(old, list) and isinstance(new, list):
        return old if sorted(map(str, old)) == sorted(new) else new
    if isinstance(old, bool) or not isinstance(old, str | int | float):
        return new
    return old if _with_plain_ends(_as_field(old)) == new else new


def _default(question: Mapping[str, Any]) -> Any:
    return question.get("default_value") or ""


def _as_field(answer: Any) -> Any:
    if isinstance(answer, list) and all(isinstance(part, str) for part in answer):
        return answer
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def _questions(template: TaskTemplate) -> list[dict[str, Any]]:
    return list(survey_answers.questions(template).values())
