"""A call of the API as a command that people paste into a terminal."""

import json
import shlex

from app.models import Task


def start(task: Task, root: str) -> str:
    """The command that starts a task like this one; `root` is the server's address with a slash.

    The token is read from the shell's variable TOKEN; secret answers are not known any more.
    """
    given = {
        "template_id": task.template_id,
        "message": task.message,
        "git_branch": task.git_branch,
        "arguments": task.arguments,
        "environment": task.environment,
        "build_task_id": task.build_task_id,
        "max_duration": task.max_duration,
    }
    body = json.dumps({name: value for name, value in given.items() if value}, ensure_ascii=False)
    lines = (
        f"curl -X POST {shlex.quote(f'{root}api/project/{task.project_id}/tasks')}",
        '-H "Authorization: Bearer $TOKEN"',
        "-H 'Content-Type: application/json'",
        f"-d {shlex.quote(body)}",
    )
    return " \\\n  ".join(lines)
