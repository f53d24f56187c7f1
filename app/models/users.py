from zlib import crc32

from flask_login import UserMixin
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import created_at, intpk
from app.db import Model


class User(UserMixin, Model):
    """A person who signs in. Names are stored as typed; usernames and e-mail addresses lower-case,
    but for the addresses of old rows."""

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

    @property
    def lock_version(self) -> int:
        """What a form was filled from. Nothing counts changes of users: the values themselves tell.

        The password is not among them, so that whoever sees the number can guess nothing.
        """
        shown = (self.username, self.name, self.email, self.admin, self.alert)
        return crc32(repr(shown).encode())
