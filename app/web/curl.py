"""Calls of the API as commands that people paste into a terminal.

What is secret they read from variables of the shell.
"""

import json
from collections.abc import Iterator
from shlex import quote

from app.models import Integration, Task
from app.services import survey_answers
from app.services.integration_auth import METHODS
from app.services.integration_deliveries import ID_HEADERS
from app.services.webhook_senders import Sender

# A message of Standard Webhooks; a secret of "whsec_" and base64 is bytes.
STAMPING = """\
KEY=$(case $SECRET in whsec_*) printf %s "${SECRET#whsec_}" | base64 -d;; *) printf %s "$SECRET";; esac | od -An -vtx1 | tr -d ' \\n')
ID=$(date +%s%N) STAMP=$(date +%s)
SIGNATURE=$(printf %s "$ID.$STAMP.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)"""  # noqa: E501
STAMPED = (
    '-H "webhook-id: $ID"',
    '-H "webhook-timestamp: $STAMP"',
    '-H "webhook-signature: v1,$SIGNATURE"',
)
OF_PROGRAMS = (*ID_HEADERS, "user-agent")  # headers that nobody types


def start(task: Task, root: str) -> str:
    """The command that starts a task like this one; `root` is the server's address with a slash.

    The token is TOKEN; secret answers are not known any more, and are to be filled in.
    """
    given = {
        "template_id": task.template_id,
        "message": task.message,
        "git_branch": task.git_branch,
        "arguments": task.arguments,
        "environment": task.environment,
        "secret": _to_fill_in(survey_answers.secret_questions(task.template)),
        "inventory_id": task.inventory_id,
        "environment_id": task.environment_id,
        "params": task.params,
        "build_task_id": task.build_task_id,
        "max_duration": task.max_duration,
    }
    body = json.dumps({name: value for name, value in given.items() if value}, ensure_ascii=False)
    lines = (
        f"curl -X POST {quote(f'{root}api/project/{task.project_id}/tasks')}",
        '-H "Authorization: Bearer $TOKEN"',
        "-H 'Content-Type: application/json'",
        f"-d {quote(body)}",
    )
    return " \\\n  ".join(lines)


def _to_fill_in(names: set[str]) -> str | None:
    return json.dumps({name: "…" for name in sorted(names)}, ensure_ascii=False) if names else None


def webhook(row: Integration, sender: Sender, address: str) -> str:
    """The commands that send an integration what its sender sends, with the proof that it wants.

    SECRET is the password of its key, LOGIN the key's username.
    """
    body = json.dumps(sender.body, ensure_ascii=False)
    headers = (
        f"-H {quote(f'{name}: {value}')}"
        for name, value in sender.headers.items()
        if name.lower() not in OF_PROGRAMS
    )
    lines = (f"curl -i -X POST {quote(address)}", *headers, *_proof(row), '--data-binary "$BODY"')
    return "\n".join((f"BODY={quote(body)}", *_signing(row), " \\\n  ".join(lines)))


def _signing(row: Integration) -> Iterator[str]:
    if METHODS[row.auth_method].is_stamped:
        yield STAMPING
    if signature := METHODS[row.auth_method].signature:
        digest = f'openssl dgst -{signature.algorithm} -hmac "$SECRET"'
        yield f"SIGNATURE=$(printf %s \"$BODY\" | {digest} | sed 's/.* //')"


def _proof(row: Integration) -> Iterator[str]:
    """What curl gets: single quotes keep what somebody has called a header from being run."""
    method = METHODS[row.auth_method]
    if method.is_stamped:
        yield from STAMPED
    elif signature := method.signature:
        before = f"{signature.header or row.auth_header}: {signature.prefix}"
        yield f'-H {quote(before)}"$SIGNATURE"'
    elif method.needs_header:
        yield f'-H {quote(f"{row.auth_header}: ")}"$SECRET"'
    elif method.needs_secret:
        yield '-u "$LOGIN:$SECRET"'
