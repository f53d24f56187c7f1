"""What the fields of a template are called on its pages, and their values in words."""

from typing import Any

from app.executors import executor_of
from app.lib import argument_lines
from app.models import Project, TaskTemplate
from app.services import builds, project_views
from app.web import survey_rows, time_limits, tool_params, vault_rows
from app.web.forms import Form

LABELS = {
    "name": "Name",
    "description": "Description",
    "view_id": "View",
    "repository_id": "Repository",
    "git_branch": "Branch",
    "playbook": "Script",
    "inventory_id": "Inventory",
    "working_directory": "Working directory",
    "environment_ids": "Variables",
    "arguments": "Arguments",
    "type": "Purpose",
    "start_version": "First version",
    "build_template_id": "Builds",
    "autorun": "Starts by itself",
    "allow_override_branch_in_task": "Branch may be changed",
    "allow_override_args_in_task": "Arguments may be added",
    "allow_any_vars_in_task": "Other variables may be given",
    "allow_parallel_tasks": "Parallel runs",
    "max_duration": "Time limit",
    "rerun_if_lost": "Run again",
    "retries": "Tries again",
    "retry_pause": "Pause",
}
MISSING = {
    "name": "A template needs a name",
    "playbook": "Name a script of the repository",
    "repository_id": "Choose a repository",
}


def labels(form: Form) -> dict[str, str]:
    """What the fields are called, those of the tool and of the vaults too."""
    app = form.values["app"]
    own = LABELS | {"playbook": executor_of(app).file, "vaults": "Vault passwords"}
    return own | tool_params.labels(app) | vault_rows.labels(form) | survey_rows.labels(form)


def in_words(theirs: dict[str, Any], project: Project, template: TaskTemplate) -> dict[str, Any]:
    """What is stored now, as the page shows it: names, lines and minutes."""
    titles = dict(views(project))
    words = {
        "view_id": titles.get(template.view_id or 0, ""),
        "repository_id": template.repository.name,
        "build_template_id": getattr(builds.source_of(template), "name", ""),
        "inventory_id": template.inventory.name if template.inventory else "",
        "environment_ids": ", ".join(group.name for group in template.environments),
        "arguments": argument_lines.to_lines(template.arguments),
        "max_duration": f"{time_limits.to_minutes(template.max_duration)} minutes",
        "survey_vars": survey_rows.in_words(survey_rows.of_template(template)),
        "vaults": vault_rows.in_words(vault_rows.of_template(template)),
    }
    return {name: words[name] if value and name in words else value
            for name, value in theirs.items()}  # fmt: skip


def views(project: Project) -> list[tuple[int, str]]:
    return [(view.id, view.title) for view in project_views.list_for(project)]


def errors(form: Form) -> dict[str, str]:
    """Why the form was refused, with all that is missing, in the order and words of the page."""
    if form.theirs or not form.errors:
        return {}
    missing = {name: text for name, text in MISSING.items() if not form.values[name]}
    found = survey_rows.at_fields(tool_params.at_fields(form.errors | missing))
    return {name: found[name] for name in (*LABELS, *found) if name in found}
