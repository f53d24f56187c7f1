"""What a refusal says: the field, and words that need no knowledge of our classes."""

import pytest
from pydantic import BaseModel, ValidationError

from app.errors import Invalid
from app.schemas.project_backups import ProjectBackup
from app.schemas.project_views import PositionsIn
from app.schemas.tasks import TaskIn


@pytest.mark.parametrize(
    ("schema", "given", "said"),
    [
        (TaskIn, {"message": "x" * 10_001}, "message: String should have at most 10000 characters"),
        (PositionsIn, {"abc": 1}, "abc: Input should be a valid integer, unable to parse string "
                                  "as an integer"),
        (PositionsIn, [], "form: Input should be an object"),
        (ProjectBackup, {"meta": "x"}, "meta: Input should be an object"),
    ],
)  # fmt: skip
def test_it_names_the_field_in_plain_words(
    schema: type[BaseModel], given: object, said: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        schema.model_validate(given)
    assert str(Invalid.from_pydantic(caught.value)) == said
