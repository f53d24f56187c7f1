from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clock import utcnow
from app.columns import UtcDateTime, created_at
from app.db import Model
from app.models.users import User


class Session(Model):
    """A browser that is signed in. The cookie holds the secret, the row its SHA-256.

    Or a program with a pair of tokens: `refresh` is the id of the one that makes the next pair.
    """

    __table_args__ = ()

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[created_at]
    last_active: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    ip: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(255), default="")
    refresh: Mapped[str | None] = mapped_column(String(32))
    user: Mapped[User] = relationship()
