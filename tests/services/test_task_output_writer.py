import os
import subprocess
import sys

import pytest
from sqlalchemy.exc import OperationalError

from app.db import db
from app.extensions import redis
from app.lib import log_stream
from app.models import Task, TaskSection
from app.services import task_output, task_output_salvage, task_output_store, task_output_writer
from app.services.task_output_writer import Fenced, TaskOutput
from tests.services.output import (
    CLAIM,
    chunks,
    end,
    eventually,
    held_task,
    locked_database,
    pipe,
    run_script,
    take_over,
    whole,
)


@pytest.fixture
def task(project):
    return held_task(project)


@pytest.fixture
def output(task):
    writer = TaskOutput(task.id, CLAIM)
    yield writer
    writer.close()


def stream(task) -> list:
    return log_stream.read(redis.client, task.id)


def test_lines_of_ours_and_of_the_process_are_one_sequence(task, output):
    assert output.line("Task started") == 0
    run_script(output, "echo out; echo err >&2")
    assert output.line("Ended") == 3
    output.drain()
    shown = task_output.lines(end(task), 0, 100)
    assert shown.lines == ["Task started", "out", "err", "Ended"]
    assert (shown.total, shown.done) == (4, True)


def test_when_it_has_drained_every_line_is_in_the_database(task, output):
    run_script(output, "seq 200000")
    expected = b"".join(b"%d\n" % n for n in range(1, 200_001))
    task = end(task)
    assert task.line_count == 200_000
    assert b"".join(task_output.raw(task)) == expected


def test_a_line_is_in_the_stream_at_once_and_in_the_database_soon(task, output):
    output.line("hello")
    eventually(lambda: stream(task))
    eventually(lambda: chunks(task))
    output.line("again")
    eventually(lambda: chunks(task)[0].n_lines == 2)
    assert len(chunks(task)) == 1


def test_the_stream_keeps_what_is_not_stored_and_a_little_more(task, output):
    run_script(output, "seq 1000000 1400000")
    batches = [entry for entry in stream(task) if isinstance(entry, log_stream.Batch)]
    assert 1 <= len(batches) <= 9
    assert batches[-1].end == 400_001
    assert [b.end for b in batches[:-1]] == [b.first_line for b in batches[1:]]


def test_secrets_are_masked_before_anything_is_stored_or_sent(task, output):
    output.hide(["hunter22"])
    output.line("key: hunter22")
    run_script(output, "printf 'a hunt'; sleep 0.1; echo er22")
    assert whole(task) == b"key: ***\na ***\n"
    assert b"hunter22" not in redis.client.dump(log_stream.key(task.id))


def test_a_text_for_elsewhere_is_masked_too(task, output):
    output.hide(["hunter22"])
    assert output.mask("sh -c hunter22 ended with “ä” and exit code 1") == (
        "sh -c *** ended with “ä” and exit code 1"
    )
    output.drain()
    assert whole(task) == b""


def test_listeners_hear_every_line_with_its_number(task, output):
    heard = []
    output.on_line(lambda number, ms, text: heard.append((number, ms > 0, text)))
    run_script(output, r"printf 'a\n\nb\xff'")
    assert heard == [(0, True, "a"), (1, True, ""), (2, True, "b\ufffd")]


def test_a_second_attempt_goes_on_where_the_first_has_ended(task, output):
    output.section("Run", "begin")
    output.line("first attempt")
    output.section("Run", "end", "failed")
    output.drain()
    again = TaskOutput(task.id, CLAIM)
    again.section("Run", "begin")
    assert again.line("second attempt") == 1
    again.drain()
    again.close()
    assert whole(task) == b"first attempt\nsecond attempt\n"
    assert [s["id"] for s in task_output.sections(task)[1]] == [1, 2]


def test_the_end_is_announced_and_the_stream_goes_away(task, output):
    output.line("only line")
    output.drain()
    output.finish()
    assert stream(task)[-1] == log_stream.End(1)
    assert 0 < redis.client.ttl(log_stream.key(task.id)) <= 60


def test_sections_have_lines_and_an_order_and_are_announced(task, output):
    output.section("Prepare", "begin")
    output.line("preparing")
    output.section("Git", "begin")
    output.line("cloning")
    output.section("Git", "end", "success")
    output.section("Prepare", "end", "success")
    output.section("Run", "begin")
    output.drain()
    rows = db.session.query(TaskSection).order_by(TaskSection.seq).all()
    found = [(r.title, r.parent, r.first_line, r.last_line, r.status, r.rev) for r in rows]
    assert found == [
        ("Prepare", None, 0, 1, "success", 4),
        ("Git", 1, 1, 1, "success", 3),
        ("Run", None, 2, None, "", 5),
    ]
    rev, changed = task_output.sections(task, since=3)
    assert rev == 5
    assert [(s["title"], s["from"], s["to"]) for s in changed] == [
        ("Prepare", 0, 1),
        ("Run", 2, None),
    ]
    announced = [e for e in stream(task) if isinstance(e, log_stream.Section)]
    assert b'"title":"Run"' in announced[-1].json


def test_a_title_is_cut_to_what_the_column_takes(task, output):
    output.section("\0" + "x" * 2000, "begin")
    output.section("\0" + "x" * 2000, "end", "success")
    output.drain()
    (section,) = task_output.sections(task)[1]
    assert (section["title"], section["status"]) == ("x" * 1024, "success")


def test_an_unknown_section_cannot_end(task, output):
    output.section("Git", "end", "success")
    output.drain()
    assert task_output.sections(task) == (0, [])


def test_nobody_can_write_for_a_task_that_is_not_his(task):
    with pytest.raises(Fenced):
        TaskOutput(task.id, "not my claim")


def test_once_the_task_is_somebody_elses_nothing_more_is_written(task, output):
    output.line("mine")
    output.drain()
    take_over(task)
    output.line("not mine any more")
    with pytest.raises(Fenced):
        output.drain()
    with pytest.raises(Fenced):
        output.line("nor this")
    assert [chunk.n_lines for chunk in chunks(task)] == [1]
    assert db.session.get_one(Task, task.id, populate_existing=True).line_count == 1


def test_a_task_that_was_deleted_is_somebody_elses(task, output):
    output.line("late")
    db.session.delete(task)
    db.session.commit()
    with pytest.raises(Fenced):
        output.drain()


def test_while_the_database_is_away_the_process_waits_and_nothing_is_lost(task, output, caplog):
    script = "seq -f '%0200.0f' 60000; echo the end"
    with locked_database():
        process = subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE)
        output.attach(process.stdout.fileno())
        eventually(lambda: "waiting for the database" in caplog.text)
        assert process.poll() is None
        assert output._lines.position * 201 < 4 * 1024 * 1024
    process.wait()
    output.drain()
    process.stdout.close()
    lines = whole(task).split(b"\n")
    assert [int(line) for line in lines[:-2]] == list(range(1, 60_001))
    assert lines[-2:] == [b"the end", b""]


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(task_output_store, "PATIENCE", 0.3)


def test_a_database_that_stays_away_ends_the_writer(task, impatient, output):
    output.line("kept in the stream")
    with locked_database(), pytest.raises(OperationalError):
        output.drain()
    with pytest.raises(OperationalError):
        output.line("refused")
    assert task_output_salvage.salvage(task.id, CLAIM) == 1
    assert whole(task) == b"kept in the stream\n"


def test_a_writer_that_waits_for_the_database_can_be_closed(task, output, caplog):
    output.line("kept in the stream")
    with locked_database():
        eventually(lambda: "waiting for the database" in caplog.text)
        output.close()
    with pytest.raises(OperationalError):
        output.drain()
    assert [entry.data for entry in stream(task)] == [b"kept in the stream\n"]


def test_output_that_somebody_holds_open_is_given_up(task, output, monkeypatch):
    monkeypatch.setattr(task_output_writer, "END_OF_PIPE", 0.1)
    with pipe() as (read, write):
        output.attach(read)
        os.write(write, b"all there is")
        output.drain()
        assert whole(task).decode().splitlines() == ["all there is", task_output_writer.HELD_OPEN]


def test_a_closed_writer_refuses_lines(task):
    output = TaskOutput(task.id, CLAIM)
    output.close()
    for refused in (lambda: output.line("late"), output.drain):
        with pytest.raises(RuntimeError):
            refused()


def test_warming_up_is_undone_by_a_rollback(task):
    with db.engine.execution_options(write=True).connect() as connection:
        task_output_store.warm(connection, task.id)
        connection.rollback()
    assert chunks(task) == []


def test_after_a_kill_everything_that_was_shown_is_saved(task, app, redis_url):
    database = app.config["HELIOGRAPH"].database_url
    module = [sys.executable, "-m", "tests.services.writer_process"]
    writer = subprocess.Popen([*module, database, redis_url, str(task.id), CLAIM])
    eventually(lambda: len(chunks(task)) > 20)
    writer.kill()
    writer.wait()
    shown = log_stream.window(redis.client, task.id, 0, 0).total
    stored = sum(chunk.n_lines for chunk in chunks(task))
    assert 0 < stored <= shown
    assert task_output_salvage.salvage(task.id, take_over(task)) == shown
    assert whole(end(task)) == b"".join(b"%d\n" % number for number in range(shown))
