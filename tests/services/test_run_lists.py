import pytest

from app.models import TaskStatus
from app.services import keyset, run_lists
from app.services.run_lists import Search
from tests import factories


@pytest.fixture
def template(project):
    return factories.template(project, "Deploy web")


def ids(runs):
    return [run.id for run in runs]


def make(template, n, **values):
    return [factories.task(template, **values).id for _ in range(n)]


def test_the_newest_come_first_and_only_those_of_the_project(project, template):
    made = make(template, 3)
    make(factories.template(factories.project("Other")), 2)
    page = run_lists.find(project, Search())
    assert ids(page.runs) == made[::-1]
    assert (page.total, page.newer, page.older) == (3, None, None)


def test_pages_meet_in_both_directions(project, template, monkeypatch):
    monkeypatch.setattr(keyset, "SIZE", 2)
    a, b, c, d, e = make(template, 5)
    first = run_lists.find(project, Search())
    second = run_lists.find(project, Search(), before=first.older)
    third = run_lists.find(project, Search(), before=second.older)
    assert [ids(page.runs) for page in (first, second, third)] == [[e, d], [c, b], [a]]
    assert first.newer is None and third.older is None
    back = run_lists.find(project, Search(), after=third.newer)
    assert ids(back.runs) == [c, b] and back.newer == c and back.older == b
    start = run_lists.find(project, Search(), after=back.newer)
    assert ids(start.runs) == [e, d] and start.newer is None and start.older == d


def test_filters_narrow_together(project, template, cast):
    other = factories.template(project, "Backup")
    bob = cast["bob"].id
    wanted = factories.task(template, status=TaskStatus.ERROR, user_id=bob, message="Night 100%").id
    factories.task(template, status=TaskStatus.SUCCESS, user_id=bob)
    factories.task(other, status=TaskStatus.ERROR)

    def found(**search):
        return ids(run_lists.find(project, Search(**search)).runs)

    assert found(statuses=("error",), user_id=bob) == [wanted]
    assert found(template_id=other.id, user_id=bob) == []
    assert found(text="100%") == found(text="night") == [wanted]
    assert len(found(text="deploy WEB")) == 2
    assert len(found(text="_")) == 0


def test_a_text_is_looked_for_in_names_and_messages_at_once(project, template):
    named = factories.task(template).id
    other = factories.template(project, "Backup")
    said = factories.task(other, message="for deploy web").id
    factories.task(other)
    factories.template(factories.project("Other"), "for deploy web, too")
    page = run_lists.find(project, Search(text="Deploy web"))
    assert ids(page.runs) == [said, named]
    assert ids(run_lists.find(project, Search(text="for deploy")).runs) == [said]


def test_all_that_match_are_counted_on_every_page(project, template, monkeypatch):
    monkeypatch.setattr(keyset, "SIZE", 2)
    a, *_, d = make(template, 4)
    pages = [
        run_lists.find(project, Search(text="web"), **place)
        for place in ({}, {"before": d}, {"before": a}, {"after": a}, {"after": d})
    ]
    assert [page.total for page in pages] == [4] * 5
    assert run_lists.find(project, Search(text="nothing")).total == 0


def test_newer_runs_are_counted_as_far_as_they_match(project, template):
    first, *_ = make(template, 4)
    assert run_lists.newer(project, Search(), first) == 3
    assert run_lists.newer(project, Search(statuses=("error",)), first) == 0


def test_what_waits_says_why(project, template):
    blocking = factories.task(template, status=TaskStatus.RUNNING).id
    waiting = factories.task(template).id
    page = run_lists.find(project, Search())
    assert page.reasons == {waiting: f"Waits for run #{blocking} of the same template"}


def test_an_extent_is_how_many_runs_since_when(project, template):
    assert run_lists.extent(template) == (0, None)
    make(template, 2)
    count, first = run_lists.extent(template)
    assert count == 2 and first.tzinfo is not None


def test_a_page_takes_the_same_queries_whatever_its_length(project, template, cast, count_queries):
    with count_queries() as few:
        run_lists.find(project, Search())
    for name in ("alice", "bob", "carol"):
        make(template, 5, user_id=cast[name].id, status=TaskStatus.SUCCESS)
    with count_queries() as many:
        for run in run_lists.find(project, Search()).runs:
            assert run.template.name and run.user.name
    assert len(many) == len(few)
