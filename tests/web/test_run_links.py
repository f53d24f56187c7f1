"""Links that fill a run sheet in, and sheets that repeat a run."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db
from app.models import Project, Task, TaskTemplate
from tests import factories

Browser = Callable[[str], FlaskClient]
QUESTIONS = [
    {"name": "release", "title": "Release", "type": ""},
    {"name": "hosts_of", "title": "Hosts", "type": "select",
     "values": [{"name": "", "value": "web"}, {"name": "", "value": "db"}]},
    {"name": "token", "title": "Token", "type": "secret"},
]  # fmt: skip


@pytest.fixture
def template(project: Project) -> TaskTemplate:
    own = {"survey_vars": QUESTIONS, "allow_override_branch_in_task": True}
    inventory = factories.inventory(project).id
    params = {"allow_override_limit": True}
    tool = {"app": "ansible", "inventory_id": inventory, "task_params": params}
    return factories.template(project, "Site", playbook="site.yml", **own, **tool)


@pytest.fixture
def url(project: Project, template: TaskTemplate) -> str:
    return f"/p/{project.id}/templates/{template.id}/run"


def test_a_link_fills_the_sheet_in(browser: Browser, url: str) -> None:
    query = "release=1.2&hosts_of=web&hosts_of=db&limit=web1,web2&branch=fix&message=hot+fix"
    page = browser("carol").get(f"{url}?{query}").text
    assert "The link asks" not in page
    assert 'name="answer.release" value="1.2"' in page
    assert page.count('name="answer.hosts_of"') == 2 and page.count(" checked") >= 2
    assert 'value="web1, web2"' in page and 'value="fix"' in page and 'value="hot fix"' in page
    assert "--limit" in page and "web1,web2" in page


def test_what_a_link_may_not_say_is_told_by_name(browser: Browser, url: str) -> None:
    query = "token=hush&tags=x&arguments=-v&colour=red&%3Cscript%3E=1"
    page = browser("carol").get(f"{url}?{query}").text
    told = page[page.index("The link asks") :]
    assert "<code>token</code>: a secret does not belong into a link" in told
    assert "<code>tags</code>: the template does not allow" in told
    assert "<code>arguments</code>: the template does not allow" in told
    assert "<code>colour</code>: the template asks for nothing of this name" in told
    assert "&lt;script&gt;" in told and "<script>=" not in page and "hush" not in page


def test_what_is_no_answer_is_told_and_the_default_stays(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    template.survey_vars = [
        {"name": "size", "title": "Size", "type": "enum", "default_value": "L",
         "values": [{"name": "Large", "value": "L"}, {"name": "Small", "value": "S"}]},
        {"name": "n", "title": "N", "type": "int", "default_value": "3"},
        {"name": "b", "title": "B", "type": "bool", "default_value": "true"},
    ]  # fmt: skip
    factories.save()
    page = browser("carol").get(f"{url}?size=xl&n=abc&b=maybe&diff=perhaps").text
    told = page[page.index("The link asks") :]
    assert "<code>size</code>: &#39;xl&#39; is not one of: L, S" in told
    assert "<code>n</code>: Must be a whole number" in told
    assert "<code>b</code>: Must be true or false" in told
    assert "<code>diff</code>: Must be true or false" in told
    assert 'value="L" selected' in page and 'name="answer.n" value="3"' in page
    assert "xl" not in page[page.index("run-command") :]


@pytest.mark.parametrize(
    ("word", "checked"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("no", False)]
)
def test_a_link_says_yes_and_no_in_several_words(
    browser: Browser, template: TaskTemplate, url: str, word: str, checked: bool
) -> None:
    template.survey_vars = [{"name": "b", "title": "B", "type": "bool", "default_value": "true"}]
    factories.save()
    page = browser("carol").get(f"{url}?b={word}&diff={word}").text
    for name in ("answer.b", "param.diff"):
        box = page[: page.index(f'name="{name}"') + 80].rpartition("<input")[2].partition(">")[0]
        assert ("checked" in box) is checked, name


def test_several_choices_stand_one_by_one_or_with_commas(browser: Browser, url: str) -> None:
    for query in ("hosts_of=web&hosts_of=db", "hosts_of=web,db"):
        page = browser("carol").get(f"{url}?{query}").text
        assert page.count("checked", page.index("answer.hosts_of")) >= 2, query


def test_a_run_is_repeated_at_its_commit(
    browser: Browser, project: Project, template: TaskTemplate, url: str
) -> None:
    before = factories.task(template, status="success", commit_hash="b" * 40, git_branch="fix")
    page = browser("carol").get(f"{url}?from={before.id}").text
    assert f'name="repeats_id" value="{before.id}"' in page and "bbbbbbb" in page
    data = {"repeats_id": before.id, "same_commit": "1", "git_branch": "fix"}
    assert browser("carol").post(url, data=data).status_code == 303
    task = db.session.scalars(select(Task).order_by(Task.id.desc())).first()
    assert task and (task.repeats_id, task.wanted_commit) == (before.id, "b" * 40)
    head = browser("carol").get(f"/p/{project.id}/runs/{task.id}").text
    assert f'Repeats <a href="/p/{project.id}/runs/{before.id}">' in head


def test_a_failed_run_names_the_try_that_follows(
    browser: Browser, project: Project, template: TaskTemplate
) -> None:
    failed = factories.task(template, status="error", reason="It broke")
    again = factories.task(template, retry_of_id=failed.id, try_number=2)
    page = browser("dave").get(f"/p/{project.id}/runs/{failed.id}").text
    assert "It is tried again." in page and f"Open run #{again.id}" in page
    assert "Try 2 after" in browser("dave").get(f"/p/{project.id}/runs/{again.id}").text


def test_what_can_be_given_once_is_told_and_lists_take_all(
    browser: Browser, template: TaskTemplate, url: str
) -> None:
    template.task_params = {
        **template.task_params,
        "allow_override_tags": True,
        "allow_debug": True,
    }
    factories.save()
    query = "limit=web1&limit=web2&tags=a&tags=b&message=x&message=y&release=1&release=2"
    page = browser("carol").get(f"{url}?{query}&debug_level=9").text
    told = page[page.index("The link asks") : page.index("The link asks") + 900]
    assert 'value="web1, web2"' in page and 'value="a, b"' in page
    for name in ("message", "release"):
        assert f"<code>{name}</code>: it can be given once" in told
    assert "<code>debug_level</code>: Must be a number from 1 to 6" in told


@pytest.mark.parametrize("words", ["staging", "{id}"])
def test_a_link_chooses_an_inventory_by_its_name_or_number(
    browser: Browser, project: Project, template: TaskTemplate, url: str, words: str
) -> None:
    template.task_params = {**template.task_params, "allow_override_inventory": True}
    staging = factories.inventory(project, "staging")
    factories.save()
    page = browser("carol").get(f"{url}?inventory={words.format(id=staging.id)}").text
    assert "The link asks" not in page
    assert f'<option value="{staging.id}" selected' in page


@pytest.mark.parametrize("words", ["nosuch", "99", "twice"])
def test_an_inventory_that_no_link_can_mean_is_told(
    browser: Browser, project: Project, template: TaskTemplate, url: str, words: str
) -> None:
    template.task_params = {**template.task_params, "allow_override_inventory": True}
    both = [factories.inventory(project, "twice").id for _ in range(2)]
    factories.save()
    page = browser("carol").get(f"{url}?inventory={words}").text
    why = {"twice": f"it may be #{both[0]} or #{both[1]}: name one by its number"}
    none = "runs of this template are offered none of this number or name"
    assert f"<code>inventory</code>: {why.get(words, none)}" in page


def test_a_link_to_roll_back_chooses_the_build_by_its_version(
    browser: Browser, project: Project, template: TaskTemplate, url: str
) -> None:
    build = factories.template(project, "Build", type="build", repository_id=template.repository_id)
    made = [factories.task(build, status="success", version=f"1.0.{one}") for one in range(60)]
    failed = factories.task(build, status="error", version="1.0.99")
    template.type, template.build_template_id = "deploy", build.id
    factories.save()
    for words in ("1.0.3", str(made[3].id)):
        page = browser("carol").get(f"{url}?build={words}").text
        assert "The link asks" not in page
        assert f'<option value="{made[3].id}" selected' in page
    for words in (str(failed.id), "1.0.99", "v1.0.3", "9" * 30):
        page = browser("carol").get(f"{url}?build={words}").text
        assert "<code>build</code>: no successful build has this number or version" in page
