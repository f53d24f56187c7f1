"""The vault passwords of a template as rows of its form, which buttons add and remove."""

from typing import Any

from flask import request

from app.lib.whole_numbers import whole
from app.models import TaskTemplate
from app.schemas.template_vaults import PASSWORD
from app.web.forms import Form

FIELDS = ("name", "type", "vault_key_id", "script")
NEW = {"name": "", "type": PASSWORD, "vault_key_id": None, "script": ""}

Row = dict[str, Any]


def of_template(template: TaskTemplate | None) -> list[Row]:
    """The rows of what is stored."""
    vaults = template.vaults if template else []
    return [{name: getattr(vault, name) for name in FIELDS} for vault in vaults]


def sent() -> list[Row]:
    """The rows that the browser sent; those that nothing was written into are left out.

    Of key and script only the one that the type has is kept: the form shows both fields.
    """
    columns = [request.form.getlist(f"vault-{name}") for name in FIELDS]
    rows = (dict(zip(FIELDS, values, strict=True)) for values in zip(*columns, strict=False))
    return [_read(row) for row in rows if row["name"] or row["vault_key_id"] or row["script"]]


def change(form: Form) -> bool:
    """Do what a button of the rows asks for; False if no such button was pressed."""
    wish, _, number = request.form.get("do", "").partition("-")
    rows, place = form.values["vaults"], whole(number)
    if wish == "vault":
        rows.append(NEW | {"is_new": True})
    elif wish == "unvault" and place is not None:
        rows[place : place + 1] = []
    else:
        return False
    return True


def labels(form: Form) -> dict[str, str]:
    """What the fields of the rows are called in the summary of errors."""
    words = {"name": "Name", "type": "Kind", "vault_key_id": "Key", "script": "Script"}
    return {
        f"vaults.{place}.{name}": f"{words[name]} of vault password {place + 1}"
        for place, _ in enumerate(form.values["vaults"])
        for name in FIELDS
    }


def forget_same(form: Form, template: TaskTemplate) -> None:
    """Of what somebody else has stored, leave out vaults that are the ones of the form."""
    kept, typed = of_template(template), form.values["vaults"]
    if [_plain(row) for row in kept] == [_plain(row) for row in typed]:
        form.theirs.pop("vaults", None)


def in_words(rows: list[Row]) -> str:
    """Some rows for people to compare."""
    return ", ".join(row["name"] or "default" for row in rows)


def _read(row: Row) -> Row:
    if row["type"] == PASSWORD:
        return row | {"vault_key_id": row["vault_key_id"] or None, "script": ""}
    return row | {"vault_key_id": None}


def _plain(row: Row) -> list[str]:
    return [str(row[name] or "") for name in FIELDS]
