"""What the form of a variable group holds, and what its buttons make of it."""

import json
from typing import Any

from flask import Response, request
from pydantic_core import from_json

from app.lib.whole_numbers import whole
from app.lib.written_forms import SHORTEST
from app.models import Environment, Project
from app.schemas.environments import EnvironmentIn
from app.services import events
from app.web import hx, variable_rows
from app.web.forms import Form
from app.web.variable_rows import Row, SecretRow

LABELS = {"name": "Name", "json": "Extra variables", "env": "Environment", "paste": "Paste"}
COMPARED = ("name", "json", "env")
MOST_ROWS = 500  # that a form is drawn for; more are edited as JSON


class Editor:
    """The form with its rows. `rows` is None while the variables are edited as JSON."""

    def __init__(
        self,
        form: Form,
        rows: list[Row] | None,
        secrets: list[SecretRow],
        group: Environment | None = None,
    ) -> None:
        self.form, self.secrets, self.group = form, secrets, group
        self.rows = rows if rows is None or len(rows) <= MOST_ROWS else None
        self.errors: dict[str, str] = {}
        self.paste = ""
        self.focus = ""  # the field that a button has made

    @classmethod
    def sent(cls, group: Environment | None) -> "Editor":
        """What the browser sent, as values of the form."""
        form = Form(EnvironmentIn, group, only=("name", "json", "env"))
        rows = variable_rows.sent() if request.form.get("mode") == "table" else None
        editor = cls(form, rows, variable_rows.sent_secrets(), group)
        editor.paste = request.form.get("paste", "")
        if rows is not None:
            texts, editor.errors = variable_rows.as_json(rows)
            form.values |= texts
        form.values["secrets"] = [editor._operation(row) for row in editor.secrets]
        return editor

    @property
    def short_secrets(self) -> list[str]:
        """The names of secrets that no log can hide."""
        return [row.name for row in self.secrets if 0 < len(row.value) < SHORTEST and not row.goes]

    def change(self, wish: str) -> None:
        """Do what a button says; nothing is stored."""
        wish, _, number = wish.partition("-")
        place = whole(number)
        if wish in ("json", "table"):
            self._switch(wish)
        elif wish == "secret":
            self.secrets.append(SecretRow())
            self.focus = f"s-name-{len(self.secrets) - 1}"
        elif wish == "paste":
            self._take_over()
        elif self.rows is not None and wish == "row":
            self.rows.append(Row())
            self.errors, self.focus = {}, f"v-name-{len(self.rows) - 1}"
        elif self.rows is not None and wish == "remove" and place is not None:
            self.rows[place : place + 1] = []
            self.errors = {}

    def _switch(self, to: str) -> None:
        if to == "json" and not self.errors:
            self.rows = None
            return
        if to == "table" and self.rows is None:
            self.errors = _unreadable(self.form)
            self.rows = None if self.errors else rows_of(self.form)

    def _take_over(self) -> None:
        """Add what was pasted; a variable that is there already gets the new value."""
        kind = "env" if request.form.get("paste-kind") == "env" else "var"
        try:
            new = variable_rows.pasted(self.paste, kind)
        except variable_rows.BadPaste as error:
            self.errors = {"paste": str(error)}
            return
        names = {row.name for row in new}
        kept = [row for row in self.rows or [] if row.kind != kind or row.name not in names]
        self.rows, self.paste, self.errors = kept + new, "", {}

    def _operation(self, row: SecretRow) -> dict[str, Any]:
        """What is to be done with a secret; the service knows no other way to leave one alone."""
        names = {known.id: known.name for known in self.group.secrets} if self.group else {}
        wish = {"id": row.id, "name": row.name, "secret": row.value, "type": row.kind}
        if not row.id:
            return wish | {"operation": "create"}
        if row.goes:
            return wish | {"operation": "delete"}
        is_changed = row.value or names.get(row.id) != row.name
        return wish | {"operation": "update" if is_changed else ""}

    def page(self, project: Project) -> Response:
        form, group = self.form, self.group
        stale = form.status == 409
        form.theirs = _theirs(form, group) if stale else {}
        return hx.render(
            "environments/form.html",
            block="form",
            project=project,
            group=group,
            form=form,
            errors={} if form.theirs else self._shown_errors(),
            rows=self.rows,
            secrets=self.secrets,
            paste=self.paste,
            focus=self.focus,
            labels=LABELS | self._labels(),
            change=events.last_of(group) if group and stale else None,
        )

    def _labels(self) -> dict[str, str]:
        """What the fields of the rows are called in the summary."""
        found = {"v-table": "Variables"}
        for number, row in enumerate(self.rows or []):
            found |= {f"v-name-{number}": "Variables", f"v-value-{number}": row.name}
        for number, secret in enumerate(self.secrets):
            found |= {f"s-name-{number}": f"Secret {number + 1}", f"s-value-{number}": secret.name}
        return found

    def _shown_errors(self) -> dict[str, str]:
        """Errors by the fields that the page has."""
        found = {}
        for name, text in (self.errors | self.form.errors).items():
            if self.rows is not None and name in ("json", "env"):
                name = "v-table"
            if name.startswith("secrets."):
                _, number, part = name.split(".", 2)
                name = f"s-{'value' if part == 'secret' else 'name'}-{number}"
            found[name] = text
        return found


def rows_of(form: Form) -> list[Row]:
    values = form.values
    return [*variable_rows.of_json(values["json"], "var"),
            *variable_rows.of_json(values["env"], "env")]  # fmt: skip


def _unreadable(form: Form) -> dict[str, str]:
    """What keeps the JSON of the form from being a table."""
    errors = {}
    for name in ("json", "env"):
        try:
            found = from_json(form.values[name] or "{}", allow_inf_nan=False)
        except ValueError as error:
            errors[name] = f"This is no JSON: {error}"
        else:
            if not isinstance(found, dict):
                errors[name] = "Must be a JSON object of names and values"
    return errors


def _theirs(form: Form, group: Environment | None) -> dict[str, Any]:
    """What somebody else has stored meanwhile and differs by more than how it is written."""
    found = {name: form.theirs[name] for name in COMPARED if name in form.theirs}
    for name in ("json", "env"):
        if name in found and json.loads(found[name] or "{}") == json.loads(
            form.values[name] or "{}"
        ):
            del found[name]
    return found or {"secrets": ", ".join(row.name for row in group.secrets) if group else ""}
