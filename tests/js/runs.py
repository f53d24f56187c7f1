"""A run whose lines a test decides, served as the product serves them."""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.js.site import ORIGIN, Answer, Site

URL = "/p/1/runs/42"
LOG = """{% call c.log(url, 42, total, done) %}<p>without scripts</p>{% endcall %}"""
ESCAPES = re.compile(r"\x1b\[[\d;]*m")


class Run:
    """Lines by number; one time mark for every hundred of them."""

    def __init__(self, site: Site, total: int, *, done: bool = True) -> None:
        self.site, self.total, self.done = site, total, done
        self.text: Callable[[int], str] = lambda n: f"line {n + 1} of the log"
        self.sections: list[dict[str, Any]] = []
        self.short: set[int] = set()  # chunks that are answered with half of their lines, once
        site.routes |= {
            f"{URL}/lines": self._lines,
            f"{URL}/sections": lambda _: (200, {}, json.dumps({"rev": 3, "s": self.sections})),
            f"{URL}/search": self._search,
        }

    def open(self, hash: str = "", total: int | None = None) -> None:
        shown = self.total if total is None else total
        body = self.site.html(LOG, url=URL, total=shown, done=self.done)
        self.site.open(body, URL + hash, "run.js")
        self.settle()

    def settle(self) -> None:
        """Wait until everything that is in view has come."""
        self.site.page.wait_for_function(
            "() => { const view = document.querySelector('.log-view').log;"
            " return view && !view.frame && !view.lines.pending.size; }"
        )

    def rows(self) -> list[tuple[int, str]]:
        """Number and text of the rows that can be seen."""
        return [
            (int(number), text)
            for number, text in self.site.page.evaluate(
                """() => {
                  const box = document.querySelector(".log-view").getBoundingClientRect();
                  return [...document.querySelectorAll(".log-line")].filter((row) => {
                    const { top, bottom } = row.getBoundingClientRect();
                    return !row.hidden && bottom > box.top + 5 && top < box.bottom - 5;
                  }).map((row) => [".log-number", ".log-text"].map(
                    (part) => row.querySelector(part).textContent));
                }"""
            )
        ]

    def numbers(self) -> list[int]:
        return [number for number, _ in self.rows()]

    def are_right(self) -> bool:
        """Whether each row that can be seen shows the line that it says."""
        rows = self.rows()
        wanted = [(n, ESCAPES.sub("", self.text(n - 1))) for n, _ in rows]
        return bool(rows) and rows == wanted

    def texts(self, first: int, count: int) -> list[str]:
        return [self.text(n) for n in range(first, min(self.total, first + count))]

    def send(self, first: int, count: int) -> None:
        """Send a frame of lines over the socket."""
        lines = [self.text(n) for n in range(first, first + count)]
        self.total = max(self.total, first + count)
        self.site.frame(t="l", r=42, o=first, ms=1_700_000_000_000, l=lines)

    def _lines(self, query: dict[str, str]) -> Answer:
        first, count = int(query["from"]), int(query["count"])
        lines = self.texts(first, count)
        if first in self.short:
            self.short.remove(first)
            lines = lines[: len(lines) // 2]
        marks = [[n, 1_700_000_000_000 + n] for n in range(first, first + len(lines), 100)]
        answer = {"from": first, "total": self.total, "done": self.done, "t": marks, "l": lines}
        return 200, {}, json.dumps(answer)

    def _search(self, query: dict[str, str]) -> Answer:
        word, first = query["q"].lower(), int(query.get("from", 0))
        found = [n for n in range(self.total) if word in ESCAPES.sub("", self.text(n)).lower()]
        lines = [n for n in found if n >= first]
        answer = {"total": len(found), "lines": lines[:2000], "more": len(lines) > 2000}
        return 200, {}, json.dumps(answer)


__all__ = ["ORIGIN", "URL", "Run"]
