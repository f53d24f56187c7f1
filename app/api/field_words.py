"""What a schema's fields are, read from its code: the texts below them.

Pydantic can read them, too, but at each start and of each schema; we want them once, for the
document of the API.
"""

import ast
import inspect
import textwrap
from itertools import pairwise

from pydantic import BaseModel, RootModel


def of(schema: type[BaseModel]) -> dict[str, str]:
    """The text below each field that has one, by the field's name on the wire."""
    if issubclass(schema, RootModel):  # it has no names
        return {}
    texts: dict[str, str] = {}
    for part in reversed(schema.__mro__):
        if part.__module__.startswith("app."):
            texts |= _below_the_fields_of(part)
    shown = schema.model_fields.items()
    return {info.alias or name: texts[name] for name, info in shown if name in texts}


def _below_the_fields_of(schema: type) -> dict[str, str]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(schema))).body
    texts: dict[str, str] = {}
    for pair in pairwise(tree.body if isinstance(tree, ast.ClassDef) else ()):
        match pair:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                texts[name] = text.rstrip(".")
    return texts
