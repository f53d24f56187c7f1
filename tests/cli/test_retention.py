from dataclasses import replace
from datetime import timedelta

from app.clock import utcnow
from app.db import db
from app.models import Task
from tests import factories


def test_it_says_what_it_would_do_and_does_it(app, project, monkeypatch) -> None:
    long_ago = utcnow() - timedelta(days=9)
    task = factories.task(factories.template(project), status="success", end=long_ago)
    kept = replace(app.config["HELIOGRAPH"], KEEP_RUNS_DAYS=7)
    monkeypatch.setitem(app.config, "HELIOGRAPH", kept)
    flask = app.test_cli_runner()
    said = flask.invoke(args=["retention", "--dry-run"]).output
    assert said == "1 runs would be deleted, the logs of 0 and the artifacts of 0 others\n"
    task_id = task.id
    assert flask.invoke(args=["retention"]).output.startswith("1 runs were deleted")
    db.session.rollback()
    assert db.session.get(Task, task_id) is None
