"""A form takes what browsers send as its schema wants it, and says what is wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
from flask import Flask
from pydantic import BaseModel, Field, model_validator
from sqlalchemy import update
from werkzeug.datastructures import MultiDict

from app.db import db, transaction
from app.errors import Conflict, Invalid
from app.models import Project, User
from app.web.forms import Form
from tests import factories


class Sample(BaseModel):
    name: str = Field(min_length=1, max_length=5)
    note: str | None = None
    count: Annotated[int, Field(ge=0)] = 7
    limit: int | None = None
    tags: list[int] = []
    on: bool = True
    kind: str = Field("", alias="type")

    @model_validator(mode="after")
    def agree(self) -> "Sample":
        if self.name == "bad":
            raise ValueError("name and note contradict each other")
        return self


@pytest.fixture
def posted(app: Flask) -> Any:
    """The form of what a browser sent: `with posted(name="x") as form`."""

    @contextmanager
    def post(obj: Any = None, only: Any = None, **data: Any) -> Iterator[Form]:
        with app.test_request_context("/", method="POST", data=MultiDict(data)):
            yield Form(Sample, obj, only=only)

    return post


def keep(data: Sample) -> Sample:
    return data


def test_an_empty_form_has_the_defaults(app: Flask) -> None:
    with app.test_request_context("/"):
        form = Form(Sample, note="given")
    assert form.values == {
        "name": None, "note": "given", "count": 7, "limit": None, "tags": [], "on": True,
        "type": "",
    }  # fmt: skip
    assert (form.errors, form.status) == ({}, 200)


def test_an_edit_starts_with_what_is_stored(app: Flask) -> None:
    stored = SimpleNamespace(name="web", count=3, on=False, lock_version=4)
    with app.test_request_context("/"):
        form = Form(Sample, stored)
    assert (form.values["name"], form.values["count"], form.values["on"]) == ("web", 3, False)
    assert form.version == 4


def test_texts_become_what_the_schema_wants(posted: Any) -> None:
    sent = {"name": "web", "note": "", "count": "12", "limit": "", "tags": ["1", "", "2"]}
    with posted(**sent, type="x") as form:
        assert form.submit(keep)
    data = form.result
    assert (data.note, data.count, data.limit, data.tags) == (None, 12, None, [1, 2])
    assert (data.on, data.kind) == (False, "x")


def test_an_empty_number_is_the_default(posted: Any) -> None:
    with posted(name="web", count="", on="1") as form:
        assert form.submit(keep)
    assert (form.result.count, form.result.on) == (7, True)


def test_lines_end_as_on_unix(posted: Any) -> None:
    with posted(name="web", note="a\r\nb") as form:
        assert form.submit(keep)
    assert form.result.note == "a\nb"


@pytest.mark.parametrize(
    ("sent", "field", "text"),
    [
        ({"name": ""}, "name", "Cannot be empty"),
        ({}, "name", "Cannot be empty"),
        ({"name": "toolong"}, "name", "At most 5 characters"),
        ({"name": "web", "count": "many"}, "count", "Must be a whole number"),
        ({"name": "web", "count": "-1"}, "count", "Must be at least 0"),
        ({"name": "web", "count": "9" * 5000}, "count", "This number is too large"),
        ({"name": "web", "tags": ["1", "x"]}, "tags", "1: Must be a whole number"),
        ({"name": "bad"}, "form", "Name and note contradict each other"),
    ],
)
def test_what_the_schema_refuses_is_said_in_words(
    posted: Any, sent: dict[str, Any], field: str, text: str
) -> None:
    with posted(**sent) as form:
        assert not form.submit(keep)
    assert form.errors == {field: text}
    assert form.status == 422


def test_typed_values_stay_when_they_are_refused(posted: Any) -> None:
    with posted(name="web", count="many", note="kept") as form:
        assert not form.submit(keep)
    assert (form.values["count"], form.values["note"]) == ("many", "kept")


def test_fields_that_are_not_shown_stay_as_they_are(posted: Any) -> None:
    stored = SimpleNamespace(name="old", note="kept", count=3, on=True, tags=[5], kind="")
    with posted(stored, ("name",), name="new", note="smuggled") as form:
        assert form.submit(keep)
    data = form.result
    assert (data.name, data.note, data.count, data.on, data.tags) == ("new", "kept", 3, True, [5])


@pytest.mark.parametrize(("error", "status"), [(Invalid, 422), (Conflict, 409)])
def test_what_the_domain_refuses_is_undone(
    posted: Any, cast: dict[str, User], error: type[Invalid], status: int
) -> None:
    def use_case(data: Sample) -> None:
        cast["bob"].name = "changed"
        db.session.flush()
        raise error({"name": "Not this one"})

    with posted(name="web") as form:
        assert not form.submit(use_case)
        db.session.commit()
    assert (form.errors, form.status) == ({"name": "Not this one"}, status)
    assert cast["bob"].name == "Bob"


def test_a_check_that_lost_a_race_is_an_error_at_its_field(
    posted: Any, cast: dict[str, User]
) -> None:
    with posted(name="bob") as form:
        assert not form.submit(lambda data: factories.user(data.name, email="other@x"))
    assert (form.errors, form.status) == ({"username": "Already taken"}, 422)


@pytest.fixture
def edited(posted: Any, project: Project) -> Any:
    """Edit the project Alice's project in a given version."""

    def rename(data: Sample) -> None:
        project.name = data.name
        project.lock_version += 1
        db.session.flush()

    def edit(name: str, version: str) -> Form:
        with posted(project, ("name",), name=name, version=version) as form:
            form.submit(rename)
            db.session.commit()
        return form

    return edit


def test_an_edit_of_the_version_that_was_seen_is_stored(edited: Any, project: Project) -> None:
    assert edited("web", "0").errors == {}
    assert (project.name, project.lock_version) == ("web", 1)


@pytest.mark.parametrize("version", ["", "abc", "²", "-1", "9" * 20])
def test_a_version_that_is_none_is_refused(edited: Any, project: Project, version: str) -> None:
    form = edited("web", version)
    assert (form.status, list(form.errors)) == (422, ["version"])
    assert (project.name, project.lock_version) != ("web", 1)


def test_a_version_can_be_looked_at_again_where_it_is_stored(posted: Any, project: Project) -> None:
    """What comes before the transaction may take its time."""

    def rename_meanwhile(data: Sample) -> None:
        db.session.commit()
        with db.engine.begin() as other:
            other.execute(update(Project).values(name="other", lock_version=1))
        with transaction():
            form.check_version()
            project.name = data.name

    with posted(project, ("name",), name="mine", version="0") as form:
        form.submit(rename_meanwhile)
    assert (form.status, form.theirs) == (409, {"name": "other"})


def test_what_is_secret_is_neither_filled_in_nor_told(app: Flask, cast: dict[str, User]) -> None:
    class Secret(BaseModel):
        name: str = ""
        password: str = Field("", repr=False)

    cast["bob"].password = "hash"
    db.session.commit()
    with app.test_request_context("/"):
        assert Form(Secret, cast["bob"]).values == {"name": "Bob", "password": ""}
    sent = {"name": "Bo", "password": "mine", "version": "1"}
    with app.test_request_context("/", method="POST", data=sent):
        form = Form(Secret, cast["bob"])
        assert not form.submit(keep)
    assert form.theirs == {"name": "Bob"}


def test_a_stale_edit_is_told_what_is_stored_now(edited: Any, project: Project) -> None:
    edited("other", "0")
    form = edited("mine", "0")
    assert (form.status, form.theirs, form.version) == (409, {"name": "other"}, 1)
    assert form.values["name"] == "mine"
    assert project.name == "other"
    assert edited("mine", str(form.version)).errors == {}
    assert project.name == "mine"
