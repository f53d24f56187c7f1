"""What the database refuses is said at the field."""

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.db import db, transaction
from app.errors import Conflict, Invalid
from app.integrity import refusal
from app.models import AccessKey, User
from tests import factories


def test_a_refusal_names_the_field(app: Flask) -> None:
    factories.user("anna")
    with pytest.raises(IntegrityError) as taken, transaction():
        db.session.add(User(username="anna", name="", email="other@example.test", password=""))
    found = refusal(taken.value)
    assert (type(found), str(found)) == (Invalid, "username: Already taken")


@pytest.mark.parametrize(
    "reason",
    [
        """(1062, "Duplicate entry 'uq_x' for key 'uq_user_username'")""",
        """(1062, "Duplicate entry 'uq_x' for key 'user.uq_user_username'")""",
        """violates unique constraint "uq_user_username"\nDETAIL: Key (username)=(uq_x) already""",
    ],
)
def test_the_value_that_is_taken_is_not_mistaken_for_the_field(reason: str) -> None:
    found = refusal(IntegrityError("INSERT", None, Exception(reason)))
    assert str(found) == "username: Already taken"


def test_a_refusal_of_a_lost_reference_says_so(app: Flask) -> None:
    with pytest.raises(IntegrityError) as lost, transaction():
        db.session.add(AccessKey(project_id=77, name="Lost", type="none"))
    found = refusal(lost.value)
    assert isinstance(found, Conflict)
    assert found.fields == {"form": "It refers to something that was deleted meanwhile"}
