"""Static files: joined, hashed by content, compressed once at boot, served from memory.

A page asks for `asset("app.css")` and gets /static/app.3f2a9c1b.css, which never changes and may
be kept for ever. What belongs together is one request: the parts are joined as text, in order.
"""

import base64
import gzip
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Flask, Response, current_app, request
from markupsafe import Markup
from rjsmin import jsmin

from app.errors import NotFound
from app.guard import PUBLIC, requires

FOLDER = Path(__file__).resolve().parents[2] / "static"
# In the order that compresses best.
EVERYWHERE = ("js/app.js", "js/overlays.js", "js/keys.js", "js/socket.js", "js/times.js")
BUNDLES = {
    "app.css": (
        "css/tokens.css",
        "css/base.css",
        "css/layout.css",
        "css/components.css",
        "css/forms.css",
        "css/collections.css",
        "css/floating.css",
        "css/log.css",
        "css/utilities.css",
    ),
    "htmx.js": ("vendor/htmx-2.0.11.min.js", "vendor/idiomorph-ext-0.8.0.min.js"),
    "app.js": (*EVERYWHERE, "js/rows.js"),
    "run.js": (
        *EVERYWHERE,
        "js/ansi.js",
        "js/folds.js",
        "js/lines.js",
        "js/parts.js",
        "js/log.js",
        "js/run.js",
    ),
    "password.js": ("js/password.js",),
}
SINGLE = (
    "icons.svg",
    "mark.svg",
    "speculation.json",
    *(f"favicon-{tone}.svg" for tone in ("queue", "run", "ok", "fail", "warn", "stop")),
)
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/speculationrules+json",
}
FOREVER = "public, max-age=31536000, immutable"

# The only inline script of a page: it sets theme, density and the like before the first paint.
BOOT = (
    "try{for(const k of['theme','density','log','keys']){"
    "const v=localStorage[k];if(v)document.documentElement.dataset[k]=v}}catch{}"
)
BOOT_HASH = "sha256-" + base64.b64encode(hashlib.sha256(BOOT.encode()).digest()).decode()

bp = Blueprint("assets", __name__)


class Asset(NamedTuple):
    """One served file: its bytes, the same in gzip, its type, its name with the hash in it."""

    body: bytes
    gzipped: bytes
    type: str
    hashed: str


class Assets:
    """All served files, by their plain names and by their hashed ones."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder
        self.load()

    def load(self) -> None:
        parts = BUNDLES | {name: (name,) for name in SINGLE}
        self.by_name = {name: self._make(name, files) for name, files in parts.items()}
        self.by_hash = {asset.hashed: asset for asset in self.by_name.values()}
        self.loaded = self.newest()

    def _make(self, name: str, files: tuple[str, ...]) -> Asset:
        body = b"\n".join(self._read(file) for file in files)
        stem, dot, suffix = name.rpartition(".")
        digest = hashlib.sha256(body).hexdigest()[:8]
        kind = TYPES[dot + suffix]
        return Asset(body, gzip.compress(body, mtime=0), kind, f"{stem}.{digest}.{suffix}")

    def _read(self, file: str) -> bytes:
        text = (self.folder / file).read_text()
        if file.startswith("js/"):
            text = unlink(text)
        return text.encode()

    def newest(self) -> float:
        """When one of the files was changed last."""
        return max(path.stat().st_mtime for path in self.folder.rglob("*.*"))

    def refresh(self) -> None:
        """Look for changed files; a development server does so before each request."""
        if self.newest() != self.loaded:
            self.load()


def unlink(text: str) -> str:
    """Make an ES module joinable: without imports and exports, its names meet in one scope.

    Comments and spaces are left out too: they are for readers of the source.
    """
    text = re.sub(r"^import [^;]*;\n", "", text, flags=re.MULTILINE)
    joined: str = jsmin(re.sub(r"^export ", "", text, flags=re.MULTILINE))
    return joined


def init_app(app: Flask) -> None:
    assets = app.extensions["assets"] = Assets()
    boot = Markup(BOOT)  # noqa: S704  our own literal, which the policy knows by its hash
    app.jinja_env.globals |= {"asset": url, "BOOT": boot}
    app.register_blueprint(bp)
    if app.config["HELIOGRAPH"].DEV:
        app.before_request(assets.refresh)


def url(name: str) -> str:
    """The address of a static file by its plain name, with the hash of its content."""
    assets: Assets = current_app.extensions["assets"]
    return f"{request.script_root}/static/{assets.by_name[name].hashed}"


@bp.get("/static/<path:name>")
@requires(PUBLIC, transaction=False)
def serve(name: str):
    """A file by its hashed name, kept for ever, or by its plain one, asked for again each time."""
    assets: Assets = current_app.extensions["assets"]
    asset = assets.by_hash.get(name) or assets.by_name.get(name)
    if asset is None:
        raise NotFound("No such file")
    packed = "gzip" in request.accept_encodings
    response = Response(asset.gzipped if packed else asset.body, content_type=asset.type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOREVER if name == asset.hashed else "no-cache"
    response.set_etag(asset.hashed, weak=True)
    return response.make_conditional(request)
