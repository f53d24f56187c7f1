from flask_login import UserMixin
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, created_at, intpk


class User(UserMixin, Model):
    """A person who signs in. Names and e-mail addresses are stored as typed, logins lower-case."""

    id: Mapped[intpk]
    created: Mapped[created_at]
    username: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str] = mapped_column(Text)  # an argon2id hash; empty: no password sign-in
    admin: Mapped[bool] = mapped_column(default=False)
    external: Mapped[bool] = mapped_column(default=False)
    alert: Mapped[bool] = mapped_column(default=False)
    pro: Mapped[bool] = mapped_column(default=False)
