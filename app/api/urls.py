"""Ids in the paths of the API."""

import re

from werkzeug.exceptions import BadRequest
from werkzeug.routing import BaseConverter

NUMBER = re.compile(r"-?[0-9]{1,18}")


class IdConverter(BaseConverter):
    """`<id:key_id>`: like int, but what is no number is refused with 400, as clients expect."""

    regex = "[^/]+"
    part_isolating = True  # "/" in the regex means that it stays inside one part
    weight = 50

    def to_python(self, value: str) -> int:
        if not NUMBER.fullmatch(value):
            raise BadRequest(f"Invalid ID: {value[:40]} is not a number")
        return int(value)
