"""What plans change: told by who holds the run, looked through by people, encrypted at rest."""

import hashlib
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db import db, transaction
from app.errors import NotFound
from app.executors.saved_plan import SavedPlan
from app.extensions import keyring
from app.lib import plan_changes
from app.lib.keyring import KeyringError
from app.lib.plan_changes import Change, PlanChanges
from app.lib.plan_values import SENSITIVE, UNKNOWN, Attribute
from app.models import Project, Task, TaskPlan, TaskPlanChange, TaskPlanPiece, TaskStatus
from app.services import task_plan_changes, task_plans, tasks, vault
from app.services.task_output_writer import TaskOutput
from app.services.task_plan_changes import PIECE, SIZE
from app.services.task_reporter import TaskReporter
from app.services.task_states import Fenced
from tests import factories

S = TaskStatus
PLANS = Path(__file__).parents[1] / "lib" / "plans"
CHANGES = plan_changes.parse((PLANS / "changes.json").read_bytes())


@pytest.fixture
def task(project: Project) -> Task:
    template = factories.template(project, app="terraform", playbook="infra")
    return factories.task(template, status=S.RUNNING, claim="mine")


def many(count: int) -> PlanChanges:
    """A plan that creates so many resources, each with a value of its own."""
    changes = [
        Change(f"a.b[{n}]", "managed", "create", attributes=(Attribute("x", None, f"value {n}"),))
        for n in range(count)
    ]
    return PlanChanges(tuple(changes), {"create": count})


def rows(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def addresses(task: Task, **search: object) -> list[str]:
    return [row.address for row in task_plan_changes.find(task, **search).rows]


def plan_of(task: Task) -> TaskPlan:
    return db.session.scalars(select(TaskPlan).where(TaskPlan.task_id == task.id)).one()


def test_changes_come_back_in_their_order(task: Task) -> None:
    factories.plan(task, CHANGES)
    assert addresses(task) == [change.address for change in CHANGES.changes]
    assert (plan_of(task).counts, plan_of(task).line) == (CHANGES.counts, 7)
    row = task_plan_changes.get(task, 1)
    assert (row.action, row.reason) == ("replace", "replace_because_cannot_update")
    assert (row.forced_by, row.attributes) == ("triggers_replace", 4)


def test_each_change_has_its_own_attributes(task: Task) -> None:
    factories.plan(task, many(2 * PIECE + 1))
    for seq in (1, PIECE, PIECE + 1, 2 * PIECE + 1):
        detail = task_plan_changes.detail(task_plan_changes.get(task, seq))
        assert detail and detail.attributes == [Attribute("x", None, f"value {seq - 1}")]
    with pytest.raises(NotFound):
        task_plan_changes.get(task, 2 * PIECE + 2)


def test_marks_and_sums_come_back_as_well(task: Task) -> None:
    factories.plan(task, CHANGES)
    [row] = task_plan_changes.find(task, text="terraform_data.secret").rows
    detail = task_plan_changes.detail(row)
    assert detail and Attribute("input.token", SENSITIVE, SENSITIVE) in detail.attributes
    assert detail.attributes[-1].after == UNKNOWN and detail.same == 1
    [row] = task_plan_changes.find(task, action="import").rows
    assert (imported := task_plan_changes.detail(row)) and imported.imported == "4f9c1b1e"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"action": "replace"}, 2),
        ({"action": "delete"}, 2),
        ({"action": "update"}, 4),
        ({"action": "create"}, 2),
        ({"action": "move"}, 2),
        ({"action": "import"}, 1),
        ({"action": "forget"}, 1),
        ({"action": "read"}, 1),
        ({"action": "output"}, 4),
        ({"text": "NET."}, 2),
        ({"text": "old_name"}, 1),
        ({"text": "net.", "action": "create"}, 1),
        ({"text": "%"}, 0),
    ],
)
def test_changes_are_found_by_action_and_by_text(task: Task, search: dict, found: int) -> None:
    factories.plan(task, CHANGES)
    assert task_plan_changes.find(task, **search).total == found == len(addresses(task, **search))


def test_a_large_plan_comes_in_pages(task: Task, count_queries) -> None:
    factories.plan(task, many(2 * SIZE + 3))
    with count_queries() as sent:
        page = task_plan_changes.find(task, number=3)
    assert (page.rows[0].address, page.last) == (f"a.b[{2 * SIZE}]", 3)
    assert len(page.rows) == 3 and len(sent) == 2
    for far in (9, 2**63 - 1):
        assert task_plan_changes.find(task, number=far).number == 3


def test_no_value_is_stored_in_clear(task: Task) -> None:
    factories.plan(task, many(3))
    clear = [*db.session.execute(select(TaskPlanChange.__table__)).all(), plan_of(task).counts]
    assert "value 1" not in repr(clear)
    [piece] = db.session.scalars(select(TaskPlanPiece)).all()
    assert piece.secret.startswith("v1.") and "value" not in piece.secret


def test_attributes_are_encrypted_anew_with_all_secrets(task: Task) -> None:
    factories.plan(task, many(1))
    seen = []
    vault.walk(lambda found: seen.extend(one.context for one in found), write=False)
    [piece] = db.session.scalars(select(TaskPlanPiece)).all()
    assert f"task_plan_piece:{piece.id}" in seen


def test_a_piece_of_another_run_is_not_read(task: Task) -> None:
    factories.plan(task, many(1))
    with transaction():
        [piece] = db.session.scalars(select(TaskPlanPiece)).all()
        piece.secret = keyring().encrypt("x", "task_plan_piece:0")
    with pytest.raises(KeyringError):
        task_plan_changes.detail(task_plan_changes.get(task, 1))


def test_what_was_told_before_is_replaced(task: Task) -> None:
    factories.plan(task, many(60))
    factories.plan(task, many(1), sha256="b" * 64)
    assert (rows(TaskPlanChange), rows(TaskPlanPiece), rows(TaskPlan)) == (1, 1, 1)
    assert plan_of(task).sha256 == "b" * 64


def test_a_tool_that_tells_nothing_leaves_no_counts(task: Task) -> None:
    factories.plan(task, None)
    assert plan_of(task).counts is None and addresses(task) == []
    factories.plan(task, PlanChanges(), sha256="")
    assert plan_of(task).counts == {}


def test_who_no_longer_holds_the_run_stores_nothing(task: Task) -> None:
    told = {"sha256": "", "line": 0, "changes": many(1)}
    with pytest.raises(Fenced):
        task_plan_changes.keep(task, "theirs", str, **told)
    assert rows(TaskPlanChange) == 0


def test_a_plan_that_waits_keeps_what_was_told(project: Project, task: Task) -> None:
    factories.plan(task, CHANGES)
    data = b"the plan"
    with transaction():
        task_plans.keep(task, SavedPlan(data, hashlib.sha256(data).hexdigest()))
        task.status = S.WAITING_CONFIRMATION
    assert plan_of(task).counts == CHANGES.counts and plan_of(task).line == 7
    with transaction():
        task_plans.reject(project, task.id, actor=None)
    task_plans.expire()
    assert len(addresses(task)) == len(CHANGES.changes)
    assert task_plan_changes.detail(task_plan_changes.get(task, 1))


def test_secrets_of_the_run_are_masked(task: Task) -> None:
    change = Change(
        'a.b["hush-hush"]', "managed", "create", moved_from="a.hush-hush",
        attributes=(Attribute('tags["hush-hush"]', None, "is hush-hush"),),
    )  # fmt: skip
    with closing(TaskOutput(task.id, "mine")) as output:
        output.hide(["hush-hush"])
        reporter = TaskReporter(task, "mine", output)
        changes = PlanChanges((change,), {"create": 1})
        reporter.event("plan", sha256="c" * 64, line=3, changes=changes)
    row = task_plan_changes.get(task, 1)
    detail = task_plan_changes.detail(row)
    assert detail and detail.attributes == [Attribute('tags["***"]', None, "is ***")]
    assert (row.address, row.moved_from) == ('a.b["***"]', "a.***")


def test_changes_go_with_the_run(project: Project, task: Task) -> None:
    factories.plan(task, many(1))
    with transaction():
        task.status = S.SUCCESS
    with transaction():
        tasks.delete(project, task.id, actor=None)
    assert (rows(TaskPlanChange), rows(TaskPlanPiece), rows(TaskPlan)) == (0, 0, 0)
