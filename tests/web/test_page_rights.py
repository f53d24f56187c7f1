"""Who may open which page of templates and runs: each route once, with everybody of the cast."""

import re

import pytest

from app.lib.plan_changes import Change, PlanChanges
from app.permissions import Permission
from tests import factories
from tests.page_routes import PAGES
from tests.services.hosts import tell

VIEW, RUN, RESOURCES = Permission.VIEW, Permission.RUN_TASKS, Permission.MANAGE_RESOURCES
MAY = {
    VIEW: ("dave", "carol", "bob", "alice", "root"),
    RUN: ("carol", "bob", "alice", "root"),
    RESOURCES: ("bob", "alice", "root"),
}
TEMPLATE, TASK = "/templates/<template_id>", "/runs/<task_id>"
ROUTES = {
    "GET ": VIEW,
    "GET /_needs": VIEW,
    "GET /_now": VIEW,
    "GET /_failures": VIEW,
    "GET /_upcoming": VIEW,
    "GET /_strip": VIEW,
    "POST /_steps": VIEW,
    "GET /templates": VIEW,
    "GET /templates/new": RESOURCES,
    "GET /templates/new/<app>": RESOURCES,
    "POST /templates/new/<app>": RESOURCES,
    "POST /templates/new/<app>/_command": RESOURCES,
    "POST /templates/new/<app>/_survey": RESOURCES,
    "GET /templates/new/<app>/_field/repository_id": RESOURCES,
    f"GET {TEMPLATE}": VIEW,
    f"GET {TEMPLATE}/_row": VIEW,
    f"GET {TEMPLATE}/details": VIEW,
    f"GET {TEMPLATE}/schedules": VIEW,
    f"GET {TEMPLATE}/edit": RESOURCES,
    f"POST {TEMPLATE}/edit": RESOURCES,
    f"GET {TEMPLATE}/copy": RESOURCES,
    f"POST {TEMPLATE}/copy": RESOURCES,
    f"GET {TEMPLATE}/delete": RESOURCES,
    f"POST {TEMPLATE}/delete": RESOURCES,
    f"GET {TEMPLATE}/run": RUN,
    f"POST {TEMPLATE}/run": RUN,
    f"POST {TEMPLATE}/run/_command": RUN,
    f"GET {TEMPLATE}/run/_choices": RUN,
    f"GET {TEMPLATE}/run/_hosts": RUN,
    "GET /runs": VIEW,
    "GET /runs/_count": VIEW,
    "GET /runs/_new": VIEW,
    f"GET {TASK}": VIEW,
    f"GET {TASK}/_row": VIEW,
    f"GET {TASK}/_header": VIEW,
    f"GET {TASK}/details": VIEW,
    f"GET {TASK}/log.html": VIEW,
    f"GET {TASK}/hosts": VIEW,
    f"GET {TASK}/hosts/table.csv": VIEW,
    f"GET {TASK}/hosts/<host_id>": VIEW,
    f"GET {TASK}/hosts/<host_id>/<result_id>": VIEW,
    f"GET {TASK}/plan": VIEW,
    f"GET {TASK}/plan/<change_id>": VIEW,
    f"POST {TASK}/pin": RUN,
    f"POST {TASK}/stop": RUN,
}

# Parts of a page that were asked for alone lead to the page.
SENT_ON = {
    "GET /_needs",
    "GET /_now",
    "GET /_failures",
    "GET /_upcoming",
    "GET /_strip",
    f"GET {TEMPLATE}/_row",
    "GET /runs/_count",
    "GET /runs/_new",
    f"GET {TASK}/_row",
    f"GET {TASK}/_header",
}


@pytest.fixture
def send(browser, project):
    """Send a request of the table as one of the cast; the ids are of this project's objects."""
    template = factories.template(project)
    run = factories.task(template, status="success")
    tell(run, {"web1": ["ok"]})
    factories.plan(run, PlanChanges((Change("a.b", "managed", "create"),), {"create": 1}))
    ids = {
        "app": "bash",
        "template_id": template.id,
        "task_id": run.id,
        "host_id": 1,
        "change_id": 1,
        "result_id": 1,
    }
    form = {"name": "T", "playbook": "a.sh", "repository_id": template.repository_id}

    def open_as(name, route, **others):
        method, path = route.split(" ")
        url = re.sub(r"<(\w+)>", lambda found: str((ids | others)[found[1]]), path)
        data = form if method == "POST" else None
        return browser(name).open(f"/p/{project.id}{url}", method=method, data=data).status_code

    return open_as


@pytest.mark.parametrize("route", ROUTES)
def test_who_may_is_served_and_nobody_else(send, route):
    may, method = MAY[ROUTES[route]], route.split(" ")[0]
    least = may[0]
    for name in ("dave", "carol", "bob"):
        if name not in may:
            assert send(name, route) == 403, name
    assert send("mallory", route) == 404
    is_sent_on = route in SENT_ON or (
        method == "POST" and not route.endswith(("/_command", "/_survey"))
    )
    assert send(least, route) == (303 if is_sent_on else 200)


@pytest.mark.parametrize("route", [route for route in ROUTES if "_id>" in route])
def test_objects_of_another_project_do_not_exist(send, route):
    foreign = factories.template(factories.project("Other"))
    task = factories.task(foreign, status="success")
    assert send("root", route, template_id=foreign.id, task_id=task.id) == 404


def test_each_route_of_the_table_is_there():
    """That none is missing is seen to where all pages are listed."""
    known = {name.replace("/p/<project_id>", "", 1) for name in PAGES}
    assert set(ROUTES) - known == set()
