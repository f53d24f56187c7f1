"""The components: what they write, and that the gallery shows each of them."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import UndefinedError
from markupsafe import Markup

from app.web import formats
from app.web.components import STATUS, attributes
from tests.js.site import ROOT, environment, new_environment

NOW = datetime(2026, 11, 23, 9, 40, 8, tzinfo=UTC)
PUBLIC = re.compile(r"{% macro (?!_)(\w+)\(")


def render(source: str, **context: Any) -> str:
    """HTML of a template's text, without the space between tags."""
    html = environment().from_string(source).render(**context)
    return re.sub(r">\s+<", "><", html).strip()


class Ids(HTMLParser):
    """Collects the ids of a page, and what its controls are named by."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.references: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids[values["id"]] += 1
        for name in ("for", "aria-labelledby", "aria-describedby", "popovertarget"):
            self.references |= set(values.get(name, "").split())


def test_a_button_is_a_link_if_it_leads_somewhere() -> None:
    assert render('{{ c.button("Edit", "pencil", href="/edit") }}') == (
        '<a class="btn" href="/edit"><svg class="icon" aria-hidden="true">'
        '<use href="/static/icons.svg#pencil"/></svg><span>Edit</span></a>'
    )
    assert render('{{ c.button("Save", kind="primary", type="submit") }}') == (
        '<button class="btn btn-primary" type="submit"><span>Save</span></button>'
    )


def test_a_button_with_only_an_icon_is_named() -> None:
    html = render('{{ c.button("Copy", "copy", only_icon=True, attrs={"data-copy": "x"}) }}')
    assert 'aria-label="Copy" data-tip data-copy="x"' in html
    assert "<span>" not in html


def test_a_button_that_is_not_allowed_does_nothing_and_says_why() -> None:
    html = render(
        '{{ c.button("Run", href="/run", attrs={"hx-post": "/run"}, why="Guests cannot") }}'
    )
    assert html.startswith('<button class="btn" type="button" aria-disabled="true"')
    assert 'title="Guests cannot"' in html
    assert "/run" not in html


def test_texts_and_attributes_are_escaped() -> None:
    evil = "\"><script>alert('x')</script>"
    sources = [
        "{{ c.button(x, attrs={'title': x}) }}",
        "{{ c.text_field(x, 'name', x, help=x, error=x) }}",
        "{{ c.select_field(x, 'name', [(x, x)], x) }}",
        "{{ c.alert('fail', x, x) }}",
        "{{ c.page_header(x, x, id=x) }}",
        "{{ c.strip(['success'], x, x) }}",
        "{{ c.toast(x) }}{{ c.facts([(x, x)]) }}{{ c.crumbs([(x, x)]) }}",
        "{{ c.meta([('user', x)]) }}{{ c.kbd(x) }}",
        "{{ c.error_summary({'name': x}) }}{{ c.code_block(x, x) }}{{ c.copy_button(x) }}",
    ]
    for source in sources:
        html = render(source, x=evil)
        assert "<script" not in html
        assert '""' not in html.replace('value=""', "")


def test_attributes_leave_out_what_is_not_there() -> None:
    values = {"a": None, "b": False, "c": True, "d": 0, "e": 'x"y'}
    assert attributes(values) == Markup(' c d="0" e="x&#34;y"')
    assert attributes({"a": "1"}, {"a": "2"}) == Markup(' a="2"')


def test_a_field_wires_its_label_help_and_error() -> None:
    html = render('{{ c.text_field("Name", "name", "x", help="Short.", error="Taken") }}')
    assert '<label for="f-name">Name</label>' in html
    assert 'aria-describedby="f-name-error f-name-help" aria-invalid="true" required' in html
    assert 'id="f-name-error"' in html
    assert 'id="f-name-help"' in html


def test_an_optional_field_says_so() -> None:
    html = render('{{ c.text_field("Name", "name", none, optional=True) }}')
    assert '<span class="optional">optional</span>' in html
    assert 'value=""' in html
    assert "required" not in html


def test_a_select_knows_its_current_value_by_its_text() -> None:
    html = render('{{ c.select_field("Kind", "kind", [(1, "One"), (2, "Two"), "Three"], 2) }}')
    assert re.findall(r"<option[^>]*>", html) == [
        '<option value="1">',
        '<option value="2" selected>',
        '<option value="Three">',
    ]


def test_a_summary_leads_to_the_fields() -> None:
    html = render(
        "{{ c.error_summary({'name': 'Taken', 'git_url': 'Unknown'}, {'name': 'Title'}) }}"
    )
    assert "Not saved: 2 fields need a change" in html
    assert '<a href="#f-name">Title: Taken</a>' in html
    assert '<a href="#f-git_url">Git url: Unknown</a>' in html
    assert render("{{ c.error_summary({}) }}") == ""
    assert "Changed meanwhile" in render("{{ c.error_summary({'form': 'Changed meanwhile'}) }}")


@pytest.mark.parametrize("key", STATUS)
def test_each_state_has_an_icon_a_word_and_a_tone(key: str) -> None:
    html = render("{{ c.badge(key, run=42) }}", key=key)
    assert f'data-status="{key}" data-run="42"' in html
    assert f"tone-{STATUS[key].tone}" in html
    assert html.endswith(f"{STATUS[key].label}</span>")


def test_a_state_that_nobody_knows_is_shown_all_the_same() -> None:
    assert "Not executed" in render('{{ c.status("from the future") }}')


def test_a_strip_is_one_link_with_a_sentence() -> None:
    runs = ["success", "error", "stopped", "running"]
    html = render('{{ c.strip(runs, "/runs", "A thing") }}', runs=runs)
    assert 'aria-label="Last 4 runs of A thing: 1 success, 1 failed"' in html
    assert [html.count(f'class="bar-{k}"') for k in ("ok", "fail", "stop", "run")] == [1] * 4


def test_a_sorted_column_says_so() -> None:
    columns = [
        "Name",
        {"label": "Used", "href": "?sort=used", "sort": "descending", "cls": "number"},
    ]
    html = render('{% call c.table("Things", columns) %}<tr></tr>{% endcall %}', columns=columns)
    assert '<th scope="col">Name</th>' in html
    assert (
        '<th scope="col" class="number" aria-sort="descending"><a href="?sort=used">Used ↓</a></th>'
        in html
    )
    assert '<caption class="hidden">Things</caption>' in html


def test_a_form_is_sent_by_htmx_in_a_sheet_and_plainly_as_a_page() -> None:
    source = (
        '{% call c.sheet_form("New thing", "/things", "Save thing", "/list") %}fields{% endcall %}'
    )
    sheet = render(source)
    assert 'hx-post="/things" hx-target="#sheet-body"' in sheet
    assert '<h2 id="sheet-title">New thing</h2>' in sheet
    env = new_environment()
    env.globals["is_partial"] = lambda: False
    page = env.from_string(source).render()
    assert "hx-" not in page
    assert 'href="/list"' in page
    assert 'name="csrf_token" value="token-of-the-session"' in page


def test_a_missing_argument_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("{{ c.button(nothing) }}")


def test_moments_are_relative_for_a_day() -> None:
    def ago(**delta: float) -> str:
        return formats.ago(NOW - timedelta(**delta), NOW)

    assert ago(seconds=59) == "just now"
    assert ago(seconds=-30) == "just now"
    assert ago(seconds=60) == "1 min ago"
    assert ago(minutes=59.9) == "59 min ago"
    assert ago(hours=23.9) == "23 h ago"
    assert ago(hours=24) == formats.moment(NOW - timedelta(hours=24))
    assert formats.moment(datetime(2019, 3, 1, 7, 5, tzinfo=UTC)) == "1 Mar 2019 07:05"
    assert formats.full(NOW) == "23 Nov 2026, 09:40:08 UTC"


def test_durations_and_numbers_are_short() -> None:
    found = [formats.duration(s) for s in (0, 48.9, 60, 252, 3599, 3600, 3780, 90_000)]
    assert found == ["0s", "48s", "1m 00s", "4m 12s", "59m 59s", "1h 00m", "1h 03m", "25h 00m"]
    assert formats.counted(1, "run") == "1 run"
    assert formats.counted(12_000, "run") == "12,000 runs"
    assert formats.counted(0, "entry", "entries") == "0 entries"


def test_no_component_is_left_over() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    unused = [macro for macro in PUBLIC.findall(sources) if sources.count(f"{macro}(") < 2]
    assert unused == []


def test_the_gallery_has_no_id_twice_and_no_reference_to_nothing(client: FlaskClient) -> None:
    found = Ids(client.get("/dev/ui").text)
    assert [name for name, n in found.ids.items() if n > 1] == []
    assert found.references - set(found.ids) <= {"sheet-title", "dialog-title"}


def test_the_gallery_is_for_developers_only(app: Flask) -> None:
    assert app.config["HELIOGRAPH"].DEV
    assert app.view_functions["dev.ui"].access == "public"


@pytest.mark.parametrize(("box", "more"), [("sheet", " data-sheet"), ("dialog", "")])
def test_a_link_can_open_a_sheet_or_a_dialog(box: str, more: str) -> None:
    wanted = f'hx-get="/x" hx-target="#{box}-body" hx-swap="innerHTML"{more}'
    assert wanted in render(f'{{{{ c.button("X", href="/x", opens="{box}") }}}}')
    assert wanted in render(f'{{{{ c.item("X", href="/x", opens="{box}") }}}}')
    assert "hx-get" not in render(f'{{{{ c.button("X", href="/x", opens="{box}", why="no") }}}}')
