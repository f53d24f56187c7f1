"""What the plan of a run changes, as its page shows it."""

import gzip
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import db, transaction
from app.executors.saved_plan import SavedPlan
from app.extensions import keyring
from app.lib import plan_changes, plan_counts
from app.lib.plan_changes import Change, PlanChanges
from app.lib.plan_values import Attribute
from app.models import TaskPlanPiece, TaskToolOutputs
from app.services import task_plans
from app.web import plan_words
from tests import factories
from tests.web.readers import HX, reader

KB = 1024
PLANS = Path(__file__).parents[1] / "lib" / "plans"
CHANGES = plan_changes.parse((PLANS / "changes.json").read_bytes())
HOSTILE = """"><script>alert(1)</script>"""


@pytest.fixture
def task(project):
    return factories.task(
        factories.template(project, app="terraform", playbook="infra"), status="success"
    )


@pytest.fixture
def get(browser, project, task):
    return reader(browser, f"/p/{project.id}/runs/{task.id}", "/plan")


def addresses(html: str) -> list[str]:
    return re.findall(r"<code>([^<]+)</code> <span", html)


def large(count: int) -> PlanChanges:
    changes = [
        Change(
            f'module.network["eu-{n % 50}"].aws_security_group_rule.ingress["rule-{n}"]',
            "managed", "update",
            attributes=(Attribute("description", f"before {n}", f"after {n}"),),
        )
        for n in range(count)
    ]  # fmt: skip
    return PlanChanges(tuple(changes), {"update": count})


def test_counts_stand_in_the_tab_and_at_the_filters(get, task) -> None:
    factories.plan(task, CHANGES)
    html = get()
    assert "+2 ~4 ±2 −2 ∅1</span>" in html  # noqa: RUF001
    for words in ("2 to create", "2 to replace", "1 to forget", "1 to import", "4 outputs"):
        assert words in html
    assert "17 changes" in html and f"/runs/{task.id}#L8" in html
    assert "/plan" in get("")


def test_rows_say_what_happens_and_why(get, task) -> None:
    factories.plan(task, CHANGES)
    html = get()
    assert addresses(html)[:2] == ["terraform_data.replaced", "terraform_data.tainted"]
    for words in (
        "replaced, forced by triggers_replace",
        "replaced: it is tainted",
        "destroyed: its key is not in for_each",
        "2 attributes, moved",
        "2 attributes, imported",
        "output, changed",
    ):
        assert words in html
    assert "v1" not in re.sub(r"<(head|script)\b.*?</\1>", "", html, flags=re.S)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?action=replace", ["terraform_data.replaced", "terraform_data.tainted"]),
        ("?action=output", ["old", "region", "token", "new"]),
        ("?q=OLD_NAME", ["terraform_data.new_name"]),
        ("?q=imported&action=update", ["terraform_data.imported"]),
        ("?q=nosuch", []),
        ("?action=nosuch&q=tainted", ["terraform_data.tainted"]),
    ],
)
def test_rows_are_filtered_by_action_and_text(get, task, query, found) -> None:
    factories.plan(task, CHANGES)
    assert addresses(get(f"/plan{query}")) == found
    part = get(f"/plan{query}", **HX)
    assert addresses(part) == found and "<h1" not in part and 'hx-swap-oob="true"' in part
    assert bool(found) or "No changes match" in part


def test_attributes_come_when_a_row_is_opened(get, task) -> None:
    factories.plan(task, CHANGES)
    part = get("/plan/1", **HX)
    assert "<del>v1</del> <i>→</i> <ins>v2</ins>" in part and "forces replacement" in part
    assert "<i>(known after apply)</i>" in part and "<h1" not in part
    page = get("/plan/1")
    assert "<details open>" in page and "<del>v1</del>" in page and "<h1" in page


def test_sensitive_values_are_named_and_not_shown(get, task) -> None:
    factories.plan(task, CHANGES)
    seq = next(n for n, one in enumerate(CHANGES.changes, 1) if one.address.endswith(".secret"))
    part = get(f"/plan/{seq}", **HX)
    assert "<i>(sensitive)</i> <i>→</i> <i>(sensitive)</i>" in part
    assert "<del>ada</del>" in part and "s3cr3t" not in part


def test_texts_of_several_lines_are_compared_line_by_line(get, task) -> None:
    factories.plan(task, CHANGES)
    seq = next(n for n, one in enumerate(CHANGES.changes, 1) if one.address.endswith(".changed"))
    part = get(f"/plan/{seq}", **HX)
    assert '<del class="line">- two</del><ins class="line">+ 2</ins>' in part
    assert "1 attribute unchanged" in part


def test_nothing_of_a_plan_is_taken_for_markup(get, task) -> None:
    change = Change(
        HOSTILE, "managed", "replace", reason=HOSTILE, moved_from=HOSTILE, imported=HOSTILE,
        attributes=(Attribute(HOSTILE, HOSTILE, f"a\n{HOSTILE}", forces=True),),
    )  # fmt: skip
    factories.plan(task, PlanChanges((change,), {"replace": 1}))
    assert "&lt;script&gt;" in get() and "&lt;script&gt;" in get("/plan/1", **HX)


def test_a_large_plan_stays_within_the_budgets_of_a_page(get, task) -> None:
    factories.plan(task, large(5000))
    html = get("/plan?page=3")
    assert len(addresses(html)) == 40 and "Page 3 of 125" in html
    alive = re.sub(
        r"<template\b.*?</template>|(?<=<noscript>).*?(?=</noscript>)", "", html, flags=re.S
    )
    assert len(re.findall(r"<[a-z]", alive)) <= 700
    assert len(gzip.compress(html.encode())) <= 8 * KB
    last = get("/plan/5000")
    assert "Page 125 of 125" in last and "<ins>after 4999</ins>" in last


def test_all_rows_of_a_page_are_opened_and_closed_by_a_link(get, task) -> None:
    factories.plan(task, large(120))
    html = get("/plan?q=rule&page=2")
    assert "<ins>" not in html and "Expand all" in html
    assert f"/runs/{task.id}/plan?q=rule&amp;page=2&amp;open=1" in html
    page = get("/plan?q=rule&page=2&open=1")
    assert page.count("<details open>") == 40 and "<ins>after 79</ins>" in page
    assert "Collapse all" in page and "?q=rule&amp;page=3&amp;open=1" in page
    assert "stay closed" not in page and '<input type="hidden" name="open"' in page
    part = get("/plan?open=1", **HX)
    assert part.count("<details open>") == 40 and "<h1" not in part
    assert "Expand all" not in get("/plan?open=1&q=nosuch")


@pytest.mark.parametrize(("count", "text", "opened"), [(30, "x", 13), (2, "x" * 9000, 5)])
def test_no_more_rows_are_opened_than_a_page_can_show(get, task, count, text, opened) -> None:
    attributes = tuple(Attribute(f"a{n}", text + "1", text + "2") for n in range(count))
    changes = [Change(f"a.b[{n}]", "managed", "update", attributes=attributes) for n in range(20)]
    factories.plan(task, PlanChanges((*changes, large(1).changes[0]), {"update": 21}))
    html = get("/plan?open=1")
    assert html.count("<details open>") == opened + 1  # and the last one, which is short
    assert f"{20 - opened} rows stay closed" in html
    assert html.count('hx-trigger="click once"') == 20 - opened


def test_opened_rows_that_cannot_be_decrypted_say_so_once(get, task) -> None:
    factories.plan(task, large(3))
    with transaction():
        [piece] = db.session.scalars(select(TaskPlanPiece)).all()
        piece.secret = keyring().encrypt("x", "task_plan_piece:0")
    assert get("/plan?open=1").count("The attributes cannot be decrypted.") == 1


def test_links_to_other_pages_keep_the_filters(get, task) -> None:
    factories.plan(task, large(120))
    html = get("/plan?q=rule&action=update")
    assert "?q=rule&amp;action=update&amp;page=2" in html


def test_a_plan_without_changes_says_so(get, task) -> None:
    factories.plan(task, PlanChanges(), sha256="")
    assert "The infrastructure is as the configuration wants it." in get()


def test_a_tool_that_has_told_nothing_leads_to_the_log(get, task) -> None:
    factories.plan(task, None)
    html = get()
    assert "Only the log shows this plan" in html and f"/runs/{task.id}#L8" in html


def test_a_run_without_a_plan_has_no_tab(get, task) -> None:
    assert "This run has made none." in get() and "/plan" not in get("")


def test_a_run_that_goes_on_is_asked_again(get, project, task) -> None:
    task.status = "running"
    db.session.commit()
    assert "No plan yet" in get() and 'hx-trigger="every 3s"' in get()
    factories.plan(task, CHANGES)
    part = get("/plan?whole=1", **HX)
    assert part.count('id="count"') == 1 and 'name="q"' in part and "<h1" not in part
    assert "every 3s" not in part


def test_what_a_backup_has_left_out_is_said(get, task) -> None:
    factories.plan(task, large(1))
    with transaction():
        db.session.execute(TaskPlanPiece.__table__.delete())
    assert "left out of the backup" in get("/plan/1", **HX)


def test_what_cannot_be_decrypted_is_said(get, task) -> None:
    factories.plan(task, large(1))
    with transaction():
        [piece] = db.session.scalars(select(TaskPlanPiece)).all()
        piece.secret = keyring().encrypt("x", "task_plan_piece:0")
    assert "The attributes cannot be decrypted." in get("/plan/1", **HX)


def test_what_is_approved_is_counted_beside_the_answers(get, project, task) -> None:
    factories.plan(task, CHANGES)
    with transaction():
        task.status = "waiting_confirmation"
        task_plans.keep(task, SavedPlan(b"a plan", "f" * 64))
    html = get("/plan", "carol")
    assert "2 to create, 4 to change, 2 to replace, 2 to destroy, 1 to forget" in html
    assert f'hx-get="/p/{project.id}/runs/{task.id}/approve"' in html
    assert 'id="run-approve"' in html
    assert "Approval needed." in get() and 'id="run-approve"' not in get()


@pytest.mark.parametrize(
    ("words", "changes", "tone"), [("No drift", PlanChanges(), "ok"), ("Drift", CHANGES, "warn")]
)
def test_what_a_check_has_found_stands_wherever_the_run_does(
    browser, get, project, task, words, changes, tone
) -> None:
    factories.plan(task, changes, sha256="f" * 64 if changes.counts else "")
    with transaction():
        task.result = words
    head = get("")
    assert f'tone-{tone}" role="status"' in head and f"<strong>{words}.</strong>" in head
    assert ('id="show-plan"' in head) == bool(changes.counts)
    assert f">{words}</span>" in get("/_row", **HX)
    listed = browser("dave").get(f"/p/{project.id}/templates").text
    assert f'<span class="sub">{words}, ' in listed
    page = browser("dave").get(f"/p/{project.id}/templates/{task.template_id}").text
    assert f'/runs/{task.id}">{words}</a>' in page


def test_outputs_stand_among_what_the_run_has_left(get, task) -> None:
    factories.outputs(task, address=HOSTILE, password=None)
    html = get("/artifacts")
    assert "<dt>password</dt>" in html and "<i>(sensitive)</i>" in html
    assert "&lt;script&gt;" in html and "/artifacts" in get("")
    with transaction():
        row = db.session.scalars(select(TaskToolOutputs)).one()
        row.secret = keyring().encrypt("[]", "task_tool_outputs:0")
    assert "The outputs cannot be decrypted." in get("/artifacts")


@pytest.mark.parametrize(
    ("counts", "short", "told"),
    [
        (None, "", ""),
        ({}, "", ""),
        ({"create": 3, "delete": 1}, "+3 −1", "3 to create, 1 to destroy"),  # noqa: RUF001
        ({"move": 1, "import": 2}, "→1 ←2", "1 to move, 2 to import"),
        ({"update": 1200, "move": 1}, "~1200", "1,200 to change, 1 to move"),
        ({"output": 1}, "", "1 output"),
    ],
)
def test_counts_in_words(counts, short, told) -> None:
    assert (plan_words.in_short(counts), plan_counts.sentence(counts)) == (short, told)


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a\nb", "a\nc", [(" ", "a"), ("-", "b"), ("+", "c")]),
        ("a", "b\nc", [("-", "a"), ("+", "b"), ("+", "c")]),
        ("a", "b", []),
        (None, "b\nc", []),
        ("\n".join("abcdefghij") + "\nk", "x\n" + "\n".join("bcdefghij") + "\ny",
         [("-", "a"), ("+", "x"), (" ", "b"), (" ", "c"), (" ", "d"), ("…", ""),
          (" ", "h"), (" ", "i"), (" ", "j"), ("-", "k"), ("+", "y")]),
        ("-- x\n++ y", "-- x\n", [(" ", "-- x"), ("-", "++ y")]),
    ],
)  # fmt: skip
def test_lines_that_differ(before, after, lines) -> None:
    assert plan_words.row(Attribute("a", before, after)).lines == lines
