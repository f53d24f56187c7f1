"""A site inside the browser: pages made of the real macros, answers given by the test."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Page, Route, WebSocketRoute

from app.web import components
from app.web.assets import BOOT, Assets

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "http://localhost:8099"  # never asked: every request is answered here
FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test</title>
<meta name="csrf-token" content="token-of-the-session">
<meta name="htmx-config" content='{"disableInheritance":true,"allowEval":false,
"includeIndicatorStyles":false,"historyCacheSize":0,"responseHandling":[{"code":"204","swap":false},
{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"...","swap":false,"error":true}]}'>
<script>{{ boot|safe }}</script><link rel="icon" href="/static/mark.svg">
<link rel="stylesheet" href="/static/app.css"><script src="/static/htmx.js" defer></script>
<script src="/static/{{ script }}" type="module"></script></head>
<body data-socket="/ws?project=1" data-last="7-0"><main class="fill">{{ body|safe }}</main>
{{ c.toast_region() }}<div class="pill" id="socket-state" role="status" hidden></div>
{{ c.dialogs() }}{{ c.status_templates() }}</body></html>"""

Answer = tuple[int, dict[str, str], str]


class Site:
    """Answers what the page asks. `routes` maps paths to functions of the query (and the body)."""

    def __init__(self, page: Page) -> None:
        self.page, self.assets = page, Assets()
        self.routes: dict[str, Callable[[dict[str, str]], Answer]] = {}
        self.asked: list[str] = []  # what was requested, without static files
        self.headers: list[dict[str, str]] = []
        self.sockets: list[WebSocketRoute] = []
        self.said: list[dict[str, Any]] = []  # what came over sockets
        self.refuses = False  # whether sockets are closed as soon as they open
        self.env = environment()
        page.route(f"{ORIGIN}/**", self._answer)
        page.route_web_socket(lambda url: "/ws" in url, self._connect)

    def html(self, source: str, **context: Any) -> str:
        """A piece of HTML from a template's text."""
        return self.env.from_string(source).render(**context)

    def open(self, body: str, path: str = "/", script: str = "app.js") -> None:
        """Show a page with this body and wait until its scripts have run."""
        self.routes[urlsplit(path).path] = lambda _: (200, {}, self.document(body, script))
        self.page.goto(ORIGIN + path)

    def document(self, body: str, script: str = "app.js") -> str:
        """A whole page around a body."""
        return self.html(FRAME, boot=BOOT, script=script, body=body)

    def frame(self, **message: Any) -> None:
        """Send a frame over the open socket."""
        self.sockets[-1].send(json.dumps(message))

    def wait_for_socket(self, count: int = 1) -> None:
        self.wait(lambda: len(self.sockets) >= count)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the browser go on until something is true."""
        for _ in range(3000):  # a busy machine is no failure
            if condition():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError("it did not become true")

    def _connect(self, socket: WebSocketRoute) -> None:
        if self.refuses:
            socket.close()
            return
        self.sockets.append(socket)
        socket.on_message(lambda message: self.said.append(json.loads(message)))

    def _answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.path.startswith("/static/"):
            self._static(route, address.path.removeprefix("/static/"))
            return
        if address.path.startswith("/js/"):
            text = (ROOT / "static" / address.path[1:]).read_text()
            route.fulfill(body=text, content_type="text/javascript")
            return
        self.asked.append(f"{address.path}?{address.query}".rstrip("?"))
        self.headers.append(route.request.headers)
        query = {k: v[-1] for k, v in parse_qs(address.query).items()}
        query |= {k: v[-1] for k, v in parse_qs(route.request.post_data or "").items()}
        answer = self.routes.get(address.path)
        status, headers, body = answer(query) if answer else (404, {}, "")
        kind = "application/json" if body.startswith("{") else "text/html; charset=utf-8"
        route.fulfill(status=status, headers={"Content-Type": kind} | headers, body=body)

    def _static(self, route: Route, name: str) -> None:
        asset = self.assets.by_name[name]
        route.fulfill(body=asset.body, content_type=asset.type)


@cache
def environment() -> Environment:
    """One for all: it keeps what it has compiled, which takes a while."""
    return new_environment()


def new_environment() -> Environment:
    """What the macros need, without an application."""
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    components.install(env)
    env.globals |= {
        "asset": lambda name: f"/static/{name}",
        "csrf_token": lambda: "token-of-the-session",
        "is_partial": lambda: True,
    }
    return env
