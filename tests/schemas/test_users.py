import pytest

from app.schemas.users import UserIn
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
