"""What a template, and where that is open a run, may ask of terraform besides its arguments."""

from collections.abc import Collection, Mapping
from typing import Any

from app.executors import terraform_backend
from app.executors.parameters import Parameter

DRIFT = "drift_check"
WITHOUT_APPROVAL = ("auto_approve", "auto_approve_additions")
NOTHING_TO_APPLY = "Plan only and Drift check apply nothing: leave this out, or what only looks"
PARAMETERS = (
    Parameter("plan", "flag", "Plan only", "hide_plan", open_unless=True,
              help="Shows what would change, and changes nothing."),
    Parameter(DRIFT, "flag", "Drift check", "hide_plan", open_unless=True,
              help="Says whether anything would change. Never waits for approval or applies."),
    Parameter("destroy", "flag", "Destroy", "allow_destroy", of_template=False,
              help="Plans to remove everything (-destroy)."),
    Parameter("auto_approve", "flag", "Apply without approval", "allow_auto_approve",
              help="The plan is applied as soon as it is made."),
    Parameter("auto_approve_additions", "flag", "Apply without approval what only creates",
              "allow_auto_approve",
              help="A plan that does anything to what is there still waits."),
    Parameter("refuse_outdated", "flag", "Refuse plans of an older commit",
              help="What is approved after the branch has moved on is not applied."),
    Parameter("upgrade", "flag", "Upgrade providers and modules", "hide_init_options",
              open_unless=True, help="Of init (-upgrade)."),
    Parameter("reconfigure", "flag", "Configure the backend anew", "hide_init_options",
              open_unless=True, help="Of init (-reconfigure)."),
    Parameter("backend_config", "texts", "Backend configuration",
              help="Files of the repository, and key=value; key=$NAME takes a variable. "
                   "With commas between them."),
    Parameter("lock_timeout", "text", "Wait for a locked state",
              help="How long (-lock-timeout), such as 30s.", pattern=r"[0-9]{1,6}(ms|s|m|h)",
              examples=("30s", "5m")),
    Parameter("parallelism", "text", "Operations at the same time",
              help="Of plan and apply (-parallelism).", pattern=r"[1-9][0-9]{0,3}",
              examples=("1", "20")),
    *terraform_backend.PARAMETERS,
)  # fmt: skip


def conflicts(params: Mapping[str, Any], asked: Collection[str]) -> dict[str, str]:
    """Which of the parameters of a run do not go with another one, and why.

    A template that applies without approval may be run to look only: what it says for all of its
    runs is not among `asked`, and is no contradiction.
    """
    if looks_only(params) and (found := [name for name in WITHOUT_APPROVAL if name in asked]):
        return dict.fromkeys(found, NOTHING_TO_APPLY)
    if params.get(DRIFT) and params.get("destroy"):
        return {"destroy": "A drift check looks for what differs: it cannot plan to destroy"}
    if params.get("override_backend") and params.get("backend_config"):
        return {"backend_config": "The state is kept in this server: there is nothing to configure"}
    return {}


def when_applied(params: Mapping[str, Any]) -> str:
    """On what the apply depends, in a few words; "" where there is none."""
    if looks_only(params):
        return ""
    if params.get("auto_approve"):
        return "if the plan changes anything"
    only = params.get("auto_approve_additions")
    return "once somebody approves the plan" + (", or if it only creates" if only else "")


def looks_only(params: Mapping[str, Any]) -> bool:
    """Whether the run is over with its plan, whatever else was asked for."""
    return bool(params.get("plan") or params.get(DRIFT))
