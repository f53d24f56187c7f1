import pytest

from app.schemas.base import Count, Input, Line, Path, Reference, Text
from tests.schemas.checks import read, refusal


class Thing(Input):
    name: Line = "unnamed"
    note: Text = ""
    path: Path = ""
    other_id: Reference = None
    size: Count = 0


def test_null_is_the_same_as_missing() -> None:
    assert read(Thing, name=None, other_id=None) == Thing()


def test_unknown_fields_are_ignored() -> None:
    assert read(Thing, colour="red") == Thing()


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", 5), ("other_id", "1"), ("other_id", 1.0), ("size", True), ("note", ["x"])],
)
def test_a_wrong_type_is_refused_by_name(field: str, value: object) -> None:
    assert list(refusal(Thing, **{field: value}).fields) == [field]


def test_a_form_may_write_numbers_as_texts() -> None:
    assert Thing.model_validate({"other_id": "7", "size": "3"}) == Thing(other_id=7, size=3)


def test_zero_refers_to_nothing() -> None:
    assert read(Thing, other_id=0).other_id is None


@pytest.mark.parametrize("value", ["two\nlines", "nul\0", "bell\7", "x" * 256])
def test_a_name_is_one_short_line(value: str) -> None:
    assert list(refusal(Thing, name=value).fields) == ["name"]


def test_a_text_may_have_lines_but_no_nul() -> None:
    assert read(Thing, note="a\n\tb").note == "a\n\tb"
    assert str(refusal(Thing, note="a\0b")) == "note: Must not contain the character NUL"


@pytest.mark.parametrize("value", ["/etc/passwd", "../x", "a/../../x", "-c"])
def test_a_path_stays_inside_the_repository(value: str) -> None:
    assert str(refusal(Thing, path=value)) == (
        "path: Must be a path inside the repository: path/to/it"
    )


@pytest.mark.parametrize("value", [".", "./", "././", ".//."])
def test_a_path_may_be_the_repositorys_own_directory(value: str) -> None:
    assert read(Thing, path=value).path == value


@pytest.mark.parametrize("value", ["a/..", "./../a"])
def test_a_path_does_not_climb(value: str) -> None:
    assert list(refusal(Thing, path=value).fields) == ["path"]


@pytest.mark.parametrize("value", [-1, 2**31])
def test_a_count_fits_its_column(value: int) -> None:
    assert list(refusal(Thing, size=value).fields) == ["size"]


@pytest.mark.parametrize("value", [2**63, -(2**63), 10**30])
def test_an_id_is_one_that_a_database_can_look_for(value: int) -> None:
    assert list(refusal(Thing, other_id=value).fields) == ["other_id"]
