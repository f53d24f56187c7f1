"""What people change about their own account on its pages."""

from datetime import UTC, date, datetime, time

from pydantic import field_validator

from app.clock import utcnow
from app.schemas.base import Day, Input, Line, Text
from app.schemas.users import ChosenEmail, ChosenPassword, Name, Username


class ProfileIn(Input):
    name: Name = ""
    username: Username = ""
    email: ChosenEmail = ""


class PasswordChangeIn(Input):
    """The current password proves that it is not somebody at a screen that was left unlocked."""

    current: Text = ""
    password: ChosenPassword = ""


class TokenIn(Input):
    """A token's name, and the last day on which it is good (by UTC); none: it never expires."""

    name: Line = ""
    last_day: Day | None = None

    @field_validator("last_day")
    @classmethod
    def be_to_come(cls, value: date | None) -> date | None:
        if value is not None and value < utcnow().date():
            raise ValueError("This day is over")
        return value

    @property
    def expires_at(self) -> datetime | None:
        return None if self.last_day is None else datetime.combine(self.last_day, time.max, UTC)
