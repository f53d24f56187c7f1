"""What a view takes and answers, read from its code: the calls by which it parses and shows.

So nothing about a view is written down twice. Functions of this package that a view calls are
read with it.
"""

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Response, render_template

from app import downloads, urls
from app.api import wire

Schema = Any  # a class of pydantic's, or a type: dict[str, int]


@dataclass
class Answer:
    """The body of one status: one of the schemas, or a list; none: any JSON, or no body."""

    schemas: list[Schema] = field(default_factory=list)
    many: bool = False
    mimetype: str | None = "application/json"  # None: no body


@dataclass
class Spoken:
    """What one view takes and answers; `query` maps names to JSON's types."""

    takes: list[Schema] = field(default_factory=list)
    has_body: bool = False
    optional: bool = False
    answers: dict[int, Answer] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


def read(view: Callable[..., Any]) -> Spoken:
    """Read a view that is a plain function."""
    spoken = Spoken()
    for call, names in _calls(view, set()):
        _note(spoken, call, names)
    return spoken


def _calls(
    function: Callable[..., Any], seen: set[Callable[..., Any]]
) -> Iterator[tuple[ast.Call, dict[str, Any]]]:
    """Each call in a function and in those of this package that it calls, with their names."""
    seen.add(function)
    names = inspect.unwrap(function).__globals__
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        yield call, names
        target = _named(call.func, names)
        if _is_ours(target) and target not in seen:
            yield from _calls(target, seen)


def _is_ours(target: Any) -> bool:
    module = getattr(target, "__module__", "")
    return inspect.isfunction(target) and module.startswith("app.api.") and module != wire.__name__


def _named(node: ast.expr, names: dict[str, Any]) -> Any:
    return names.get(node.id) if isinstance(node, ast.Name) else None


def _type(node: ast.expr, names: dict[str, Any]) -> Any:
    """The type that an expression means: `AccessKeyOut`, `dict[str, int]`."""
    if isinstance(node, ast.Subscript):
        return _type(node.value, names)[_type(node.slice, names)]
    if isinstance(node, ast.Tuple):
        return tuple(_type(part, names) for part in node.elts)
    name = ast.unparse(node)
    return names[name] if name in names else getattr(builtins, name)


def _note(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    text = ast.unparse(call.func)
    if text == "request.args.get":
        spoken.query[_text(call)] = "string"
    elif text == "request.get_data":
        spoken.has_body = True
    elif noter := NOTERS.get(_named(call.func, names)):
        noter(spoken, call, names)


def _note_body(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    spoken.has_body = True
    spoken.optional |= any(keyword.arg == "optional" for keyword in call.keywords)
    spoken.takes += [s for s in _schemas(call, names) if s not in spoken.takes]


def _note_ids(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    spoken.has_body = True
    spoken.takes += [] if wire.Identity in spoken.takes else [wire.Identity]


def _note_body_of(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    _note_body(spoken, call, names)
    _note_ids(spoken, call, names)


def _note_one(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    spoken.answers[_status(call, 2, 200)] = Answer(_schemas(call, names))


def _note_all(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    spoken.answers[200] = Answer(_schemas(call, names), many=True)


def _note_plain(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    spoken.answers[200] = Answer()


def _note_done(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    spoken.answers[_status(call, 0, 204)] = Answer(mimetype=None)


def _note_response(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    spoken.answers[200] = Answer(mimetype=ast.literal_eval(given["mimetype"]))


def _note_file(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    spoken.answers[200] = Answer(mimetype="application/octet-stream")


def _note_page(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    spoken.answers[200] = Answer(mimetype="text/html")


def _note_order(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    spoken.query |= {"sort": "string", "order": "string"}


def _note_number(spoken: Spoken, call: ast.Call, names: dict[str, Any]) -> None:
    spoken.query[_text(call)] = "integer"


NOTERS: dict[Any, Callable[[Spoken, ast.Call, dict[str, Any]], None]] = {
    wire.body: _note_body,
    wire.body_of: _note_body_of,
    wire.one_project: _note_ids,
    wire.refuse_move: _note_ids,
    wire.dump: _note_one,
    wire.dump_all: _note_all,
    wire.plain: _note_plain,
    wire.done: _note_done,
    wire.order: _note_order,
    urls.number: _note_number,
    Response: _note_response,
    downloads.artifact: _note_file,
    render_template: _note_page,
}


def _schemas(call: ast.Call, names: dict[str, Any]) -> list[Schema]:
    """The schema that a call names first, or both of `A if … else B`."""
    given = call.args[0]
    choices = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
    return [_type(choice, names) for choice in choices]


def _status(call: ast.Call, place: int, usual: int) -> int:
    return ast.literal_eval(call.args[place]) if len(call.args) > place else usual


def _text(call: ast.Call) -> str:
    return str(ast.literal_eval(call.args[0]))
