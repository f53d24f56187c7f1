"""A program that no worker has is said before a run; where nobody can know, nothing is."""

import pytest

from app.db import transaction
from app.models import Project, TaskTemplate
from app.schemas.apps import AppIn
from app.services import apps, missing_tools, workers
from tests import factories


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    return factories.template(project, app="tofu", playbook="infra")


def machine(**facts: object) -> None:
    worker = factories.worker()
    with transaction():
        workers.describe(worker, facts)


def test_what_no_worker_has_is_named_with_how_to_get_it(template):
    machine(tools={"bash": "5.2"})
    machine(tools={"terraform": "1.11.4"})
    assert missing_tools.of(template) == (
        "OpenTofu is on no machine of a worker: its runs fail. "
        "Install it: https://opentofu.org/docs/intro/install"
    )


def test_one_worker_that_has_it_is_enough(template):
    machine(tools={})
    machine(tools={"tofu": ""})
    assert missing_tools.of(template) == ""


@pytest.mark.parametrize("facts", [None, {}, {"isolation": {}}])
def test_nothing_is_said_before_a_worker_has_told_what_it_has(template, facts):
    if facts is not None:
        machine(**facts)
    assert missing_tools.of(template) == ""


def test_what_has_a_path_of_its_own_is_not_looked_for(template, cast):
    machine(tools={})
    with transaction():
        apps.put("tofu", AppIn(path="/opt/tofu"), actor=cast["root"])
    assert missing_tools.of(template) == ""


def test_pages_say_it(browser, project, template):
    machine(tools={})
    url = f"/p/{project.id}/templates/{template.id}"
    for page in (url, f"{url}/run"):
        assert "OpenTofu is on no machine of a worker" in browser("carol").get(page).text
