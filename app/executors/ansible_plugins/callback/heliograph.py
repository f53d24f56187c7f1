"""Tells Heliograph what plays, tasks and hosts come to. Runs inside ansible, beside its own output.

What is known goes as one JSON object a line to the descriptor HELIOGRAPH_RESULTS; where in the
output it belongs is said by a mark in standard output, which Heliograph takes out again:
`ESC ] 7717 ; <HELIOGRAPH_RESULTS_NONCE> ; <id> BEL`. It is written after the lines that ansible has
for the event of that id, so they lie between two marks.

Needs ansible-core 2.16 or later and nothing of Heliograph. Without the two variables it does
nothing, and it falls silent when nobody listens any more.
"""

import json
import os
import re
import sys
import time

from ansible.plugins.callback import CallbackBase
from ansible.release import __version__

DOCUMENTATION = """
name: heliograph
type: notification
short_description: tells Heliograph what plays, tasks and hosts come to
description: Writes one JSON object a line to an inherited descriptor.
"""

MOST = 64 * 1024  # characters of a message, an output or a difference
MOST_DATA = 16 * 1024  # of everything else that a module answers
MOST_ITEMS = 200  # of a loop that are told one by one
TEXTS = ("msg", "stdout", "stderr", "exception", "module_stdout", "module_stderr")
# What is told elsewhere or of no interest to a reader of results.
LEFT_OUT = {
    *TEXTS, "stdout_lines", "stderr_lines", "invocation", "ansible_facts", "diff", "results",
    "changed", "failed", "skipped", "unreachable", "rc", "censored", "item", "warnings",
    "deprecations", "start", "end", "delta", "ansible_loop_var",
}  # fmt: skip
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
ENCODE = json.JSONEncoder(skipkeys=True, default=str, ensure_ascii=False).encode
SUMS = {"failures": "failed"}  # ansible's word: ours


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "heliograph"
    CALLBACK_NEEDS_ENABLED = False  # whoever puts this directory on the search path wants it

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Modules, and scripts that ansible starts, see neither.
        pipe = os.environ.pop("HELIOGRAPH_RESULTS", "")
        self._nonce = os.environ.pop("HELIOGRAPH_RESULTS_NONCE", "")
        self._id = 0
        self._is_lazy = False  # ansible shows the task's banner with the first result
        self._section = None  # the task that was told last
        self._started = {}  # (host, task) -> when, in seconds since 1970
        self._items = {}  # (host, task) -> the mark of its first item
        self._handlers = set()
        self.disabled = not (pipe.isdigit() and self._nonce)
        if not self.disabled:
            self._pipe = int(pipe)
            self._open()

    def _open(self):
        try:
            os.set_inheritable(self._pipe, False)
        except OSError:  # it is not there
            self.disabled = True
            return
        self._tell("hello", at=0, version=__version__, python=sys.version.partition(" ")[0])

    # Plays and tasks

    def v2_playbook_on_play_start(self, play):
        # With these, tasks of several hosts run at once and the lines of one are scattered.
        self._is_lazy = play.strategy.rpartition(".")[2] in ("free", "host_pinned")
        self._section = None
        self._tell("play", name=play.get_name().strip())
        self._mark()

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._start(task)

    def v2_playbook_on_handler_task_start(self, task):
        self._handlers.add(task._uuid)
        self._start(task)

    def _start(self, task):
        if self._is_lazy:
            return
        self._tell_task(task)
        self._mark()

    def _tell_task(self, task, at=None):
        self._section = task._uuid
        event = "handler" if task._uuid in self._handlers else "task"
        self._tell(event, name=task.get_name().strip(), at=at or self._id + 1)

    def v2_runner_on_start(self, host, task):
        self._started[host.get_name(), task._uuid] = time.time()

    def v2_playbook_on_no_hosts_matched(self):
        self._mark()

    def v2_playbook_on_no_hosts_remaining(self):
        self._mark()

    def v2_playbook_on_include(self, included_file):
        self._mark()

    def v2_playbook_on_stats(self, stats):
        hosts = {}
        for host in sorted(stats.processed):
            sums = stats.summarize(host)
            hosts[host] = {SUMS.get(name, name): count for name, count in sums.items()}
        if stats.custom:
            self._tell_stats(stats.custom)
        self._tell("recap", hosts=hosts)
        self._mark()

    def _tell_stats(self, custom):
        """What set_stats has set: all of it, or only how much it is."""
        try:
            text = ENCODE(custom)
        except (ValueError, RecursionError):
            return
        values = json.loads(text) if len(text) <= MOST else {}
        self._tell("stats", values=values, size=len(text))

    # Results

    def v2_runner_on_ok(self, result):
        self._result(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_skipped(self, result):
        self._result(result, "skipped")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._result(result, "failed", bool(ignore_errors))

    def v2_runner_on_unreachable(self, result):
        ignored = bool(getattr(result._task, "ignore_unreachable", False))
        self._result(result, "unreachable", ignored)

    def v2_runner_item_on_ok(self, result):
        self._item(result)

    v2_runner_item_on_failed = v2_runner_item_on_skipped = v2_runner_item_on_ok

    def _item(self, result):
        """Only where its lines begin: the result of the loop has all items."""
        self._mark()
        self._items.setdefault(_key(result), self._id)

    def _result(self, result, status, ignored=False):
        task, key, now = result._task, _key(result), time.time()
        started = self._started.pop(key, now)
        at = self._items.pop(key, self._id + 1)
        if self._is_lazy and self._section != task._uuid:
            self._tell_task(task, at)
        self._tell(
            "result",
            at=at,
            host=key[0],
            status=status,
            ignored=ignored,
            rescued=status == "failed" and not ignored and _is_rescued(task),
            started=int(started * 1000),
            duration=max(0, int((now - started) * 1000)),
            detail=self._detail(result),
        )
        self._mark()

    def _detail(self, result):
        """What a reader wants to know; of a task with `no_log` only that it is hidden."""
        answer = result._result
        if "censored" in answer:
            return {"msg": str(answer["censored"])}
        if getattr(result._task, "no_log", False) is True:
            return {"msg": "hidden, because the task has no_log"}
        detail = self._texts(answer)
        detail["action"] = str(result._task.action)
        if isinstance(answer.get("rc"), int):
            detail["rc"] = answer["rc"]
        if diff := self._difference(answer):
            detail["diff"] = diff
        if items := answer.get("results"):
            detail["items"] = [_item_of(item) for item in items[:MOST_ITEMS]]
            detail["item_count"] = len(items)
        elif data := _data(answer):
            detail["data"] = data
        return detail

    def _texts(self, answer):
        texts = {name: answer[name] for name in TEXTS if answer.get(name)}
        if texts.get("exception") == "(traceback unavailable)":
            del texts["exception"]
        return {name: _cut(_text(value)) for name, value in texts.items()}

    def _difference(self, answer):
        items = answer.get("results")
        items = items if isinstance(items, list) else [answer]
        found = [item["diff"] for item in items if isinstance(item, dict) and item.get("diff")]
        texts = [self._get_diff(diff) or "" for diff in found[:MOST_ITEMS]]
        return _cut(ESCAPES.sub("", "\n".join(filter(None, texts))))

    # What leaves

    def _tell(self, event, **data):
        """Write a line about what belongs to the next mark, or to the one named `at`."""
        data = {"e": event, "at": self._id + 1, **data}
        line = ENCODE(data) + "\n"
        rest = memoryview(line.encode(errors="replace"))  # modules answer what is no text, too
        try:
            while rest:
                rest = rest[os.write(self._pipe, rest) :]
        except OSError:  # nobody listens any more
            self.disabled = True

    def _mark(self):
        """Say in the output that what ansible has shown since the last mark is one event's."""
        self._id += 1
        with self._display._lock:
            sys.stdout.write(f"\x1b]7717;{self._nonce};{self._id}\x07")
            sys.stdout.flush()


def _key(result):
    return result._host.get_name(), result._task._uuid


def _is_rescued(task):
    """Whether a failure of it is caught: it stands in the main part of a block with `rescue`."""
    inner, outer = task, getattr(task, "_parent", None)
    while outer is not None:
        if getattr(outer, "rescue", None) and any(
            part._uuid == inner._uuid for part in getattr(outer, "block", ())
        ):
            return True
        inner, outer = outer, getattr(outer, "_parent", None)
    return False


def _item_of(item):
    """One round of a loop: what it was about, and what came of it."""
    if not isinstance(item, dict):
        return {"item": _cut(_text(item), 200)}
    name = item.get("_ansible_item_label", item.get(str(item.get("ansible_loop_var", "item"))))
    words = ("unreachable", "failed", "skipped", "changed")
    status = next((word for word in words if item.get(word)), "ok")
    text = item.get("msg") or item.get("stdout") or item.get("censored") or ""
    return {"item": _cut(_text(name), 200), "status": status, "msg": _cut(_text(text), 1000)}


def _data(answer):
    """What else the module has answered, as JSON; "" if there is nothing."""
    rest = {k: v for k, v in answer.items() if k not in LEFT_OUT and not k.startswith("_")}
    return _cut(_text(rest), MOST_DATA) if rest else ""


def _text(value):
    if isinstance(value, str):
        return str(value)
    try:
        return ENCODE(value)
    except (ValueError, RecursionError):
        return str(value)


def _cut(text, most=MOST):
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
