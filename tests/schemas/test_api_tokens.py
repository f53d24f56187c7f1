from datetime import UTC, datetime

import pytest

from app.schemas.api_tokens import ApiTokenIn
from tests.schemas.checks import read, refusal


def test_an_expiry_is_a_text_with_a_zone() -> None:
    wanted = datetime(2027, 1, 31, 12, tzinfo=UTC)
    assert read(ApiTokenIn, expires_at="2027-01-31T12:00:00Z").expires_at == wanted


@pytest.mark.parametrize(
    "value", ["tomorrow", "2027-01-31T12:00:00", "9999-12-31T23:59:59-01:00", 5]
)
def test_anything_else_is_refused_by_name(value: object) -> None:
    assert list(refusal(ApiTokenIn, expires_at=value).fields) == ["expires_at"]
