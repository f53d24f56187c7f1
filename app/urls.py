"""Addresses, and numbers in them and in forms: only what a database can look for gets in."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.routing import BaseConverter, Rule

from app.extensions import settings
from app.lib.whole_numbers import whole
from app.schemas.base import MAX_ID

_NUMBER = re.compile(r"-?[0-9]{1,19}")


class BadId(BadRequest):
    """The API answers it with 400, as clients expect; there is no page at such an address."""


class IdConverter(BaseConverter):
    """`<id:key_id>`: an id in the path of a page or of the API. Others are refused with BadId."""

    regex = "[^/]+"
    part_isolating = True  # "/" in the regex means that it stays inside one part
    weight = 50

    def to_python(self, value: str) -> int:
        if not _NUMBER.fullmatch(value) or abs(int(value)) > MAX_ID:
            raise BadId(f"Invalid ID: {value[:40]} is not a number that an object can have")
        return int(value)


class LateRule(Rule):
    """A rule that compiles how its addresses are built when the first one is.

    To do that for all rules takes a sixth of the start, and most processes build few addresses.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = super()._compile_builder
        name = "_build_unknown" if append_unknown else "_build"

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            known = compiled(append_unknown).__get__(rule)
            setattr(rule, name, known)
            return known(**values)

        return build


def init_app(app: Flask) -> None:
    app.url_map.converters["id"] = IdConverter


def number(name: str) -> int | None:
    """The number from 0 that the query gives under this name; None for anything else."""
    return whole(request.args.get(name, ""))


def form_number(name: str) -> int | None:
    """The same of a form that was sent."""
    return whole(request.form.get(name, ""))


def public(endpoint: str, **values: Any) -> str:
    """The address by which others reach a view: below `web_host` where that is set, else as this
    request came."""
    address = url_for(endpoint, _external=True, **values)
    if not settings().WEB_HOST:
        return address
    wanted = urlsplit(settings().WEB_HOST)
    return urlsplit(address)._replace(scheme=wanted.scheme, netloc=wanted.netloc).geturl()
