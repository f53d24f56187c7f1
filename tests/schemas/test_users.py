import pytest

from app.schemas.account import ProfileIn
from app.schemas.base import Input
from app.schemas.users import PersonIn, UserIn
from tests.schemas.checks import read, refusal

GOOD = {"username": "Nina", "email": "Nina@Example.test", "name": "Nina N."}


def test_what_one_signs_in_with_is_stored_lower_case() -> None:
    user = read(UserIn, **GOOD)
    assert (user.username, user.email, user.name) == ("nina", "nina@example.test", "Nina N.")


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("username", "Username cannot be empty"),
        ("email", "Email cannot be empty"),
        ("name", "Name cannot be empty"),
    ],
)
def test_an_empty_field_is_refused_in_known_words(field: str, message: str) -> None:
    assert str(refusal(UserIn, **GOOD | {field: " "})) == message


@pytest.mark.parametrize("schema", [PersonIn, ProfileIn])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("username", value) for value in ("n\tina", "n\nina")),
        *(("email", value) for value in ("nina", "@x", "nina@", "ni na@x", "a@b@c", "a@b\n")),
    ],
)
def test_pages_and_commands_take_a_line_and_an_address(
    schema: type[Input], field: str, value: str
) -> None:
    assert list(refusal(schema, **GOOD | {field: value}).fields) == [field]
    assert read(schema, **GOOD | {"email": "nina@localhost"}).email == "nina@localhost"


def test_clients_of_the_api_may_send_any_line() -> None:
    user = read(UserIn, **GOOD | {"username": "ni na", "email": "nina", "password": "short"})
    assert (user.username, user.email, user.password) == ("ni na", "nina", "short")
