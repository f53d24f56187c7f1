"""Which of our objects is which of the recorded ones: by kind, place and name."""

import re
from collections import defaultdict
from typing import Any

from tests.golden.exchanges import ORDER, group

# The last word of a path that names a kind -> the kind.
KINDS = {
    "project": "projects",
    "projects": "projects",
    "users": "users",
    "keys": "keys",
    "repositories": "repositories",
    "inventory": "inventory",
    "inventories": "inventory",
    "environment": "environment",
    "views": "views",
    "templates": "templates",
    "tasks": "tasks",
    "integrations": "integrations",
    "schedules": "schedules",
    "matchers": "matchers",
    "values": "values",
    "aliases": "aliases",
    "vaults": "vaults",
    "secrets": "secrets",
}
FIELDS = {
    "project_id": "projects",
    "user_id": "users",
    "ssh_key_id": "keys",
    "become_key_id": "keys",
    "vault_key_id": "keys",
    "auth_secret_id": "keys",
    "integration_id": "integrations",
    "schedule_id": "schedules",
    "repository_id": "repositories",
    "inventory_id": "inventory",
    "environment_id": "environment",
    "view_id": "views",
    "holder_id": "templates",
    "template_id": "templates",
    "build_template_id": "templates",
    "build_task_id": "tasks",
    "task_id": "tasks",
}
# What was there without having been asked for: made by a request that was answered with an error,
# by a run that started another one, and by a template of Terraform.
ABSENT = {
    *(("templates", id) for id in (16, 17, 26)),
    *(("tasks", id) for id in (8, 14, 17, 21)),
    ("environment", 15),
}
NOBODYS = 1_000_000  # what is sent for a recorded object that does not exist here: this and its id


def kind_of(path: str) -> str:
    """What the objects of a path are: templates for /api/project/1/views/2/templates."""
    words = [word for word in path.partition("?")[0].split("/") if word in KINDS]
    return KINDS[words[-1]] if words else ""


def alias_of(url: str) -> str:
    """The random name at the end of a webhook's address."""
    return url.rpartition("/")[2]


def name_of(item: dict[str, Any]) -> Any:
    return next((item[key] for key in ("username", "name", "title") if key in item), None)


class Ids:
    """Pairs of ids, and the tokens that stand for each other."""

    def __init__(self) -> None:
        self._ours: dict[tuple[str, int], int] = {}
        self._theirs: dict[tuple[str, int], int] = {}
        self.tokens: dict[str, str] = {}
        # What only one side has, because the other one refused to make or to delete it.
        self.absent: set[tuple[str, int]] = set(ABSENT)
        self.extra: set[tuple[str, int]] = set()
        self._names = _names()

    def bind(self, kind: str, recorded: int, ours: int) -> None:
        self._ours[kind, recorded] = ours
        self._theirs[kind, ours] = recorded

    def knows(self, kind: str, recorded: int) -> bool:
        return (kind, recorded) in self._ours

    def recorded(self, kind: str, ours: int) -> int | None:
        return self._theirs.get((kind, ours))

    def ours(self, kind: str, recorded: Any) -> Any:
        """Our id; anything that is no id of a recorded object is left as it is."""
        if not kind or type(recorded) is not int:
            return recorded
        if recorded in self._names[kind] and not self.knows(kind, recorded):
            return NOBODYS + recorded
        return self._ours.get((kind, recorded), recorded)

    def unseen(self, kind: str, name: Any, project: int | None) -> int | None:
        """The lowest recorded id of that name in the project that is bound to nothing yet."""
        known = self._names[kind].items()
        free = (id for id, of in known if of == (project, name) and not self.knows(kind, id))
        return min(free, default=None)

    def path(self, path: str) -> str:
        """A recorded path with our ids and tokens."""
        path, mark, query = self.text(path).partition("?")
        words = path.split("/")
        for at, word in enumerate(words[1:], 1):
            if word.isdigit() and words[at - 1] in KINDS:
                words[at] = str(self.ours(KINDS[words[at - 1]], int(word)))
        return "/".join(words) + mark + query

    def text(self, text: str) -> str:
        for recorded, ours in self.tokens.items():
            text = text.replace(recorded, ours).replace(recorded.upper(), ours.upper())
        return text

    def body(self, value: Any, kind: str) -> Any:
        """A recorded body with our ids."""
        if isinstance(value, list):
            return [self.body(item, kind) for item in value]
        if not isinstance(value, dict):
            return value
        return {key: self._field(key, item, kind) for key, item in value.items()}

    def _field(self, key: str, value: Any, kind: str) -> Any:
        if isinstance(value, (dict, list)):
            return self.body(value, KINDS.get(key, ""))
        return self.ours(kind if key == "id" else FIELDS.get(key, ""), value)


def _names() -> dict[str, dict[int, tuple[Any, Any]]]:
    """Kind -> recorded id -> its project and the name that it was first seen with."""
    found: dict[str, dict[int, tuple[Any, Any]]] = defaultdict(dict)
    for name in dict.fromkeys(name for name, _, _ in ORDER):
        for exchange in group(name):
            body, kind = exchange.body, kind_of(exchange.path)
            for item in body if isinstance(body, list) else [body]:
                if isinstance(item, dict) and type(item.get("id")) is int and kind:
                    if re.search(r"/(refs|events)", exchange.path):
                        continue
                    project = item.get("project_id")
                    found[kind].setdefault(item["id"], (project, name_of(item)))
    return found
