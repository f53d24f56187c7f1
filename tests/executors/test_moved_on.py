"""A run that must be at its branch's commit is refused where the branch has moved on."""

import pytest

from app.executors.spec import PreparationFailed
from tests.executors.runs import run, spec_of


@pytest.fixture
def planned(spec, origin):
    """A run at the commit that is the newest now."""

    def make(**given):
        commit = origin.commit("Planned")
        return spec(commit=commit, must_be_newest=True, **given), commit

    return make


def test_it_runs_while_the_branch_is_there(planned):
    made, _ = planned()
    assert run(made)[0].succeeded
    assert run(made)[0].succeeded


def test_it_is_refused_with_both_commits_once_the_branch_is_elsewhere(planned, origin):
    made, commit = planned()
    run(made)
    newest = origin.commit("Later")
    with pytest.raises(PreparationFailed) as refused:
        run(made)
    assert str(refused.value) == (
        f"main is at {newest[:8]} by now, and the plan was made of {commit[:8]}: nothing was "
        "applied. Run it again for a new plan"
    )


def test_other_branches_do_not_matter(planned, origin):
    made, _ = planned()
    origin.git("checkout", "-q", "-b", "other")
    origin.commit("Elsewhere")
    origin.git("checkout", "-q", "main")
    assert run(made)[0].succeeded


def test_a_directory_that_is_used_as_it_is_may_have_moved_on_too(origin, tmp_path):
    commit = origin.commit("Planned")
    given = {"commit": commit, "must_be_newest": True}
    local = {"local_repositories": (tmp_path,)}
    made = spec_of(tmp_path / "data", str(origin.path), settings=local, **given)
    assert run(made)[0].succeeded
    origin.commit("Later")
    with pytest.raises(PreparationFailed, match="main is at"):
        run(made)
