from app.schemas.projects import NamedProjectIn, NewProjectIn, ProjectIn
from tests.schemas.checks import read, refusal


def test_a_project_gets_a_name_but_a_restored_one_may_have_none() -> None:
    assert read(ProjectIn).name == ""
    for schema in (NamedProjectIn, NewProjectIn):
        assert list(refusal(schema, name=" ").fields) == ["name"]


def test_a_limit_is_a_number_of_tasks() -> None:
    assert list(refusal(ProjectIn, max_parallel_tasks=-1).fields) == ["max_parallel_tasks"]
    assert list(refusal(ProjectIn, max_parallel_tasks="many").fields) == ["max_parallel_tasks"]
