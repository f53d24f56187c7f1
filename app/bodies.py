"""A request whose body is whole, or refused."""

from typing import Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge


class WholeBody(Request):
    """Werkzeug cuts a body that comes in chunks where the limit is, and says nothing of it."""

    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        """The body. Raises RequestEntityTooLarge if there is more than is taken."""
        data = super().get_data(*args, **kwargs)
        if self.content_length is None and len(data) == self.max_content_length and self._goes_on():
            raise RequestEntityTooLarge
        return data

    @property
    def too_large(self) -> str:
        """Why the body as a whole is refused; empty where it is one field of a form."""
        most = self.max_content_length or 0
        if self.content_length is not None and self.content_length <= most:
            return ""
        return f"The body is larger than {most >> 20} MB"

    def _goes_on(self) -> bool:
        return bool(self.environ["wsgi.input"].read(1))
