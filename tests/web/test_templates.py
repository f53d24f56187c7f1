"""What templates and style sheets must not contain (the refusals of the design system)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from app.executors import KINDS
from app.web.assets import BUNDLES, FOLDER
from app.web.components import STATUS, TONE_ICONS
from app.web.nav import NAV
from tests.js.site import ROOT, environment

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "components" not in path.parts]
SHEETS = [FOLDER / name for name in BUNDLES["app.css"]]
REFUSED = {
    "a button without its macro": re.compile(r'class="btn\b'),
    "an icon without its macro": re.compile(r"<svg\b"),
    "inline style": re.compile(r"\sstyle="),
    "an inline handler": re.compile(r"\son[a-z]+="),
    "text that is not escaped": re.compile(r"\|\s*safe\b"),
    "an inherited request": re.compile(r"<body[^>]*\bhx-"),
    "a morph that needs eval": re.compile(r'hx-swap="morph:\{'),
    "a boosted link": re.compile(r"hx-boost"),
    "another host": re.compile(r'(?:src|href|action|hx-\w+)="(?:https?:)?//'),
}
REQUEST = re.compile(r"<\w+[^>]*\bhx-(?:get|post|put|delete)=[^>]*>")
SPRITE = set(re.findall(r'<symbol id="([^"]+)"', (FOLDER / "icons.svg").read_text()))
COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|:\s*(?:white|black|red|green|blue)\b"
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_are_made_of_components(path: Path) -> None:
    text = path.read_text()
    assert [what for what, pattern in REFUSED.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_page_that_is_linked_exists(path: Path, app: Flask) -> None:
    """`page_url` may name one that this server does not have; `url_for` may not."""
    named = re.findall(r"""url_for\(["']([\w.]+)["']\s*[,)]""", path.read_text())
    assert [name for name in named if name not in app.view_functions] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_fits_on_two_screens(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_request_says_where_its_answer_goes(path: Path) -> None:
    """Nothing is inherited: an element that requests carries its own target and swap."""
    for element in REQUEST.findall(path.read_text()):
        assert "hx-target=" in element, element
        assert "hx-swap=" in element, element


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_icons_are_in_the_sprite(path: Path) -> None:
    assert sorted(set(icons_in(path)) - SPRITE) == []


def test_icons_of_states_kinds_and_links_are_in_the_sprite() -> None:
    known = [status.icon for status in STATUS.values()] + [kind.icon for kind in KINDS.values()]
    known += list(TONE_ICONS.values()) + [entry.icon for _, entries in NAV for entry in entries]
    assert sorted(set(known) - SPRITE) == []


@pytest.mark.parametrize("path", SHEETS, ids=name_of)
def test_colours_are_tokens(path: Path) -> None:
    if path.name != "tokens.css":
        assert COLOUR.findall(path.read_text()) == []


@pytest.mark.parametrize("path", SHEETS, ids=name_of)
def test_tokens_that_are_used_exist(path: Path) -> None:
    defined = set(re.findall(r"(--[\w-]+):", "".join(sheet.read_text() for sheet in SHEETS)))
    assert set(re.findall(r"var\((--[\w-]+)", path.read_text())) - defined == set()


@pytest.mark.parametrize("path", SHEETS, ids=name_of)
def test_a_style_sheet_stays_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_every_style_sheet_is_served() -> None:
    assert {path.name for path in SHEETS} == {path.name for path in (FOLDER / "css").iterdir()}


@pytest.mark.parametrize("path", sorted((FOLDER / "js").iterdir()), ids=name_of)
def test_a_script_stays_short_and_builds_no_html(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= (400 if path.name == "log.js" else 200)
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text) == []
    )


def icons_in(path: Path) -> Iterator[str]:
    """Names of icons that a template writes literally into calls of components."""
    env = environment()
    tree = env.parse(path.read_text())
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr) and getattr(call.node.node, "name", "") == "c":
            yield from _icons_of(call, getattr(env.globals["c"], call.node.attr, None))


def _icons_of(call: nodes.Call, macro: object) -> Iterator[str]:
    assert isinstance(call.node, nodes.Getattr)
    assert macro is not None, f"there is no component c.{call.node.attr}"
    wanted = "name" if call.node.attr == "icon" else "icon"
    named = dict(zip(getattr(macro, "arguments", ()), call.args, strict=False))
    named |= {pair.key: pair.value for pair in call.kwargs}
    if wanted in named:
        yield from (const.value for const in _constants(named[wanted]))
    if call.node.attr == "meta" and isinstance(call.args[0], nodes.List):
        for item in call.args[0].items:
            if isinstance(item, nodes.Tuple):
                yield from (const.value for const in _constants(item.items[0]))


def _constants(node: nodes.Node) -> Iterator[nodes.Const]:
    """The texts that an expression may become: "a", or both of "a" if x else "b"."""
    if isinstance(node, nodes.Const):
        if isinstance(node.value, str):
            yield node
    elif isinstance(node, nodes.CondExpr):
        yield from _constants(node.expr1)
        if node.expr2 is not None:
            yield from _constants(node.expr2)
