"""How tests read a schema: as the API does, types included."""

import json
from typing import Any, TypeVar

import pytest
from pydantic import BaseModel, ValidationError

from app.errors import Invalid

S = TypeVar("S", bound=BaseModel)


def read(schema: type[S], **values: Any) -> S:
    return schema.model_validate_json(json.dumps(values), strict=True)


def refusal(schema: type[BaseModel], **values: Any) -> Invalid:
    """What the API answers to values that the schema refuses."""
    with pytest.raises(ValidationError) as caught:
        read(schema, **values)
    return Invalid.from_pydantic(caught.value)
