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
        """Why a body is refused: all of it is too much, or what is in a form with files."""
        most = self.max_content_length or 0
        if self.content_length is not None and self.content_length <= most:
            fields, size = self.max_form_parts, (self.max_form_memory_size or 0) // 1000
            return f"A form has {fields:,} fields at most, {size} kB in each but files"
        return f"The body is larger than {most >> 20} MB"

    def _goes_on(self) -> bool:
        return bool(self.environ["wsgi.input"].read(1))
