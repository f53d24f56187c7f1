from app.schemas.projects import NamedProjectIn, ProjectIn
from tests.schemas.checks import read, refusal


def test_clients_may_leave_the_name_empty_but_pages_may_not() -> None:
    assert read(ProjectIn).name == ""
    assert list(refusal(NamedProjectIn, name=" ").fields) == ["name"]


def test_a_limit_is_a_number_of_tasks() -> None:
    assert list(refusal(ProjectIn, max_parallel_tasks=-1).fields) == ["max_parallel_tasks"]
    assert list(refusal(ProjectIn, max_parallel_tasks="many").fields) == ["max_parallel_tasks"]
