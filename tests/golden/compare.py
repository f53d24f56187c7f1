"""What differs between a recorded answer and ours, as short texts.

Times, tokens and other opaque values are equal if both are of the kind; ids are translated. Of
events only the form is compared: what happened before differs where something was refused.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from werkzeug.test import TestResponse

from tests.golden.exchanges import Exchange
from tests.golden.ids import FIELDS, KINDS, Ids, alias_of, kind_of, name_of

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
ABSENT = object()
# What differs from server to server.
OPAQUE = {"ansible", "web_host"}


def differences(recorded: Exchange, ours: TestResponse, ids: Ids) -> list[str]:
    """Each difference once, in the order of the answer."""
    found = list(_of_answer(recorded, ours, ids))
    return list(dict.fromkeys(found))


def _of_answer(recorded: Exchange, ours: TestResponse, ids: Ids) -> Iterator[str]:
    status = recorded.status or "closed"
    if status != ours.status_code:
        yield f"{status} → {ours.status_code}"
    if recorded.status is None or _is_success(recorded.status) != _is_success(ours.status_code):
        return
    yield from _of_headers(recorded, ours)
    if recorded.method != "HEAD":
        yield from _of_body(recorded, ours, ids)


def _is_success(status: int) -> bool:
    return status < 400


def _of_headers(recorded: Exchange, ours: TestResponse) -> Iterator[str]:
    headers = recorded.response["headers"]
    if "Set-Cookie" in headers:
        name, _, value = headers["Set-Cookie"].partition(";")[0].partition("=")
        sent = ours.headers.get("Set-Cookie", "").partition(";")[0].partition("=")
        if (name, bool(value)) != (sent[0], bool(sent[2])):
            yield f"cookie: {name} → {sent[0]}"
    if recorded.response.get("empty") or not ours.data:
        return
    kind = headers["Content-Type"]
    if kind != ours.content_type and "text" not in recorded.response:
        yield f"content type: {kind} → {ours.content_type}"


def _of_body(recorded: Exchange, ours: TestResponse, ids: Ids) -> Iterator[str]:
    if "text" in recorded.response or recorded.response.get("empty"):
        was, now = recorded.response.get("text", ""), ours.text
        if was != now:
            yield f"body: {_brief(was)} → {_sort(ours)}"
    elif not ours.data or not ours.is_json:
        yield f"body: JSON → {_sort(ours)}"
    elif "/events" in recorded.path:
        yield from _forms(recorded.body, ours.json)
    else:
        yield from Bodies(ids).walk("", recorded.body, ours.json, kind_of(recorded.path))


def _brief(text: str) -> str:
    return json.dumps(text) if text else "nothing"


def _sort(answer: TestResponse) -> str:
    """What a body is that was not recorded."""
    if not answer.data:
        return "nothing"
    if not answer.is_json:
        return "a page" if answer.mimetype == "text/html" else "a text"
    if isinstance(answer.json, dict):
        return "an error" if "error" in answer.json else "an object"
    return "a list"


def _forms(recorded: list[Any], ours: list[Any]) -> Iterator[str]:
    """Of lists whose items cannot be paired: the names and types of the newest one."""
    if bool(recorded) != bool(ours):
        yield f"events: {len(recorded)} → {len(ours)}"
    elif ours:
        was, now = ({k: v is not None for k, v in item.items()} for item in (recorded[0], ours[0]))
        yield from (f"{key}: {_word(recorded[0][key])} → left out" for key in was if key not in now)
        yield from (f"{key}: new" for key in now if key not in was)
        times = [item["created"] for item in ours]
        if times != sorted(times, reverse=True):
            yield "order"


def _word(value: Any) -> str:
    if _is_time(value):
        return "a time"
    if isinstance(value, dict) and "created" in value:
        return "an object"
    if value and isinstance(value, list) and _are_objects(value):
        return "a list"
    return json.dumps(value, ensure_ascii=False)


class Bodies:
    """Walks through two bodies at once, and learns on the way which objects are the same."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def walk(self, path: str, was: Any, now: Any, kind: str) -> Iterator[str]:
        if isinstance(was, dict) and isinstance(now, dict):
            yield from self._objects(path, was, now, kind)
        elif isinstance(was, list) and isinstance(now, list) and _are_objects(was + now):
            yield from self._lists(path, was, now, kind)
        elif was != now and not (_is_time(was) and _is_time(now)):
            yield f"{path or 'body'}: {_word(was)} → {_word(now)}"

    def _objects(self, path: str, was: dict, now: dict, kind: str) -> Iterator[str]:
        self.learn(kind, was, now)
        for key in was | now:
            here = f"{path}.{key}" if path else key or '""'
            if key not in now:
                yield f"{here}: {_word(was[key])} → left out"
            elif key not in was:
                yield f"{here}: new"
            elif key not in OPAQUE:
                yield from self._values(here, key, was[key], now[key], kind)

    def _values(self, path: str, key: str, was: Any, now: Any, kind: str) -> Iterator[str]:
        of = kind if key == "id" else FIELDS.get(key, "")
        if of and type(was) is int and type(now) is int:
            if of not in ("vaults", "secrets") and self._ids.recorded(of, now) != was:
                yield f"{path}: another object"
        elif key == "id" and kind == "" and isinstance(was, str) and isinstance(now, str):
            yield from self._tokens(path, was, now)
        else:
            if key == "url" and kind == "aliases":
                was, now = self._ids.tokens.setdefault(alias_of(was), alias_of(now)), alias_of(now)
            below = KINDS.get(key, "tasks" if key == "last_task" else "")
            was = was.rstrip("\n") if key == "output" else was
            yield from self.walk(path, was, now, below or kind)

    def _tokens(self, path: str, was: str, now: str) -> Iterator[str]:
        ours = self._ids.tokens.setdefault(was, now)
        if now != ours:
            yield f"{path}: whole → its first letters" if ours.startswith(now) else f"{path}: other"

    def _lists(self, path: str, was: list, now: list, kind: str) -> Iterator[str]:
        pairs, lost, more = self.pair(kind, was, now)
        here = f"{path}[]" if path else ""
        yield from (f"{path or 'list'} lacks {_word(name)}" for name in lost)
        yield from (f"{path or 'list'} also has {_word(name)}" for name in more)
        if [b for _, b in pairs] != [b for b in now if any(b is other for _, other in pairs)]:
            yield f"{path or 'list'}: order"
        for one, other in pairs:
            yield from self.walk(here, one, other, kind)

    def pair(self, kind: str, was: list, now: list) -> tuple[list, list, list]:
        """The items that are the same, the names of those that only one of the lists has."""
        pairs, lost = [], []
        rest = [item for item in now if (kind, item.get("id")) not in self._ids.extra]
        for item in was:
            if (kind, item.get("id", item.get("task_id"))) in self._ids.absent and (
                "output" not in item
            ):
                continue
            same = next((other for other in rest if self._is_same(kind, item, other)), None)
            if same is None:
                lost.append(_title(item))
            else:
                rest = [other for other in rest if other is not same]
                pairs.append((item, same))
                self.learn(kind, item, same)
        return pairs, lost, [_title(item) for item in rest]

    def learn(self, kind: str, was: dict, now: dict) -> None:
        ids = was.get("id"), now.get("id")
        if not kind or any(type(i) is not int for i in ids) or self._ids.knows(kind, ids[0]):
            return
        if self._ids.recorded(kind, ids[1]) is None and name_of(was) == name_of(now):
            self._ids.bind(kind, *ids)

    def _is_same(self, kind: str, was: dict, now: dict) -> bool:
        if "output" in was:
            return was["output"].rstrip("\n") == now.get("output")
        if kind == "vaults":
            return was["name"] == now.get("name")
        if "task_id" in was:
            return self._ids.recorded("tasks", now["task_id"]) == was["task_id"]
        if type(was.get("id")) is not int:
            ours = self._ids.tokens.get(was.get("id"), was.get("id"))
            return name_of(was) == name_of(now) if ours is None else ours[:8] == now["id"][:8]
        bound = self._ids.recorded(kind, now["id"])
        if bound is not None or self._ids.knows(kind, was["id"]):
            return bound == was["id"]
        return name_of(was) == name_of(now)


def _title(item: dict) -> Any:
    """What a difference calls it; our ids are others on each database."""
    told = name_of(item) or item.get("output") or item.get("id")
    return told if isinstance(told, str) else None


def _are_objects(items: list) -> bool:
    return all(isinstance(item, dict) for item in items)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and bool(TIME.fullmatch(value))
