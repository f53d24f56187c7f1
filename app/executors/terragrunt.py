"""Terragrunt: one unit as Terraform is run, or all units below a directory at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from app.executors import terraform_arguments, terragrunt_plans
from app.executors.base import Kind
from app.executors.execution import Execution
from app.executors.parameters import Parameter
from app.executors.saved_plan import SavedPlan
from app.executors.spec import Command, Place, RunSpec
from app.executors.terraform import DIRECTORIES, Terraform
from app.executors.terraform_parameters import PARAMETERS
from app.executors.terraform_plans import Folder
from app.executors.terragrunt_plans import PLANS, TOLD
from app.lib.plan_changes import PlanChanges
from app.lib.tools import Tool

ALL = "run_all"
# Of a step of all units. An init would be given the plan of its unit as well, and takes none.
FOLDERS = {
    "init": (),
    "plan": (("--out-dir", PLANS), ("--json-out-dir", TOLD)),
    "apply": (("--out-dir", PLANS),),
}
NOT_OF_ALL = ("backend_config", "override_backend")


class Terragrunt(Terraform):
    """As Terraform; with `run_all` every unit has a plan of its own, and all are approved as one.

    Variables of units are declared in their sources: they get those of the run from the
    environment alone.
    """

    kinds = {
        "terragrunt": Kind(
            "tool-terraform",
            Tool("Terragrunt", ("terragrunt",), hint="https://terragrunt.gruntwork.io"),
            priority=850,
            scripts=DIRECTORIES,
        ),
    }
    parameters = (
        *PARAMETERS,
        Parameter(ALL, "flag", "All units", help="Every unit below the directory (run --all)."),
    )
    finds_state_below = True

    @classmethod
    def conflicts(cls, params: Mapping[str, Any], asked: Collection[str]) -> Mapping[str, str]:
        found = dict(super().conflicts(params, asked))
        if params.get(ALL):
            reason = "All units have no backend in common: configure it in the repository"
            found |= {name: reason for name in NOT_OF_ALL if params.get(name)}
        return found

    def step(self, spec: RunSpec, name: str, folder: PurePath) -> list[str]:
        if not _is_all(spec):
            return super().step(spec, name, folder)
        own = [word for flag, place in FOLDERS[name] for word in (flag, str(folder / place))]
        return [*self.program(spec), "run", "--all", *own, "--"]

    def plan_options(self, spec: RunSpec, folder: PurePath) -> Sequence[str]:
        return () if _is_all(spec) else super().plan_options(spec, folder)

    def apply_words(self, spec: RunSpec, folder: PurePath) -> Sequence[str]:
        return () if _is_all(spec) else super().apply_words(spec, folder)

    def apply_argv(self, spec: RunSpec, folder: PurePath) -> list[str]:
        if not _destroys_all(spec):
            return super().apply_argv(spec, folder)
        own = terraform_arguments.of_step(spec, "apply")
        return [*self.program(spec), "apply", *own, "-input=false", str(folder)]

    def applies(self, execution: Execution, command: Command) -> Sequence[Command]:
        """To destroy, unit by unit: of all plans the tool would begin with what others need."""
        spec, folder = execution.spec, execution.place.tmp / PLANS
        if not _destroys_all(spec):
            return super().applies(execution, command)
        order = terragrunt_plans.destroying(execution, command, self.program(spec), folder)
        return [
            replace(
                command,
                argv=self.apply_argv(spec, folder / name),
                cwd=command.cwd / unit,
                env={**command.env, "PWD": str(command.cwd / unit)},
            )
            for unit, name in order
        ]

    def variables(self, spec: RunSpec, place: Place, directory: Path) -> Sequence[str]:
        return () if _is_all(spec) else super().variables(spec, place, directory)

    def restore(self, plan: SavedPlan, spec: RunSpec, place: Place, directory: Path) -> None:
        if _is_all(spec):
            terragrunt_plans.restore(plan, place, directory)
        else:
            super().restore(plan, spec, place, directory)

    def saved(self, spec: RunSpec, folder: Folder, directory: Path) -> SavedPlan:
        if _is_all(spec):
            return terragrunt_plans.saved(folder, directory)
        return super().saved(spec, folder, directory)

    def changes(self, execution: Execution, command: Command, folder: Folder) -> PlanChanges | None:
        if not _is_all(execution.spec):
            return super().changes(execution, command, folder)
        return terragrunt_plans.changes(execution, folder)

    def tell_outputs(self, execution: Execution, command: Command) -> None:
        """Units have outputs of the same names: those of all are not told."""
        if not _is_all(execution.spec):
            super().tell_outputs(execution, command)


def _is_all(spec: RunSpec) -> bool:
    return bool(spec.params.get(ALL))


def _destroys_all(spec: RunSpec) -> bool:
    return _is_all(spec) and bool(spec.params.get("destroy"))
