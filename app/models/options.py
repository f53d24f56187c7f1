from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import LongText
from app.db import Model


class Option(Model):
    """A value that clients keep here under a name: of the server, or of one user."""

    __table_args__ = ()

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    value: Mapped[str] = mapped_column(LongText)
