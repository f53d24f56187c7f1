"""The documentation names what there is: settings and commands of the terminal."""

from dataclasses import fields
from pathlib import Path

import click
import pytest

from app.api import field_words
from app.config import Config
from app.executors import EXECUTORS
from app.schemas.task_templates import TaskTemplateIn
from app.services import task_params

ROOT = Path(__file__).parent.parent
SETTINGS = {f.name: f.metadata for f in fields(Config) if f.metadata.get("names")}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_in_the_docs_with_all_its_names(name: str) -> None:
    text = (ROOT / "docs/settings.md").read_text()
    row = next(line for line in text.splitlines() if line.startswith(f"| `{first(name)}`"))
    assert all(f"`{variable}`" in row for variable in SETTINGS[name]["names"])
    assert SETTINGS[name]["doc"] in row


def first(name: str) -> str:
    return SETTINGS[name]["names"][0]


def test_every_command_of_the_terminal_is_in_the_docs(app) -> None:
    text = (ROOT / "docs/cli.md").read_text()
    flasks_own = {"run", "shell", "routes", "db"}
    context = click.Context(app.cli)
    for name in set(app.cli.list_commands(context)) - flasks_own:
        command = app.cli.get_command(context, name)
        for sub in getattr(command, "commands", {"": None}):
            assert f"flask {name} {sub}".strip() in text


@pytest.mark.parametrize("tool", EXECUTORS)
def test_what_a_template_opens_is_in_the_docs_and_in_the_document_of_the_api(tool: str) -> None:
    page = (ROOT / "docs/answers.md").read_text()
    names = {*task_params.of_tool(tool), *task_params.switches_of(tool)}
    assert [name for name in names if f"`{name}`" not in page] == []
    told = field_words.of(TaskTemplateIn)["task_params"]
    assert [name for name in task_params.switches_of(tool) if name not in told] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in links(page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def links(text: str) -> list[str]:
    found = [part.split(")")[0] for part in text.split("](")[1:]]
    return [link.split("#")[0] for link in found if "://" not in link and link.split("#")[0]]
