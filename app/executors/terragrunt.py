"""Terragrunt: one unit as Terraform is run, or all units below a directory at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from app.executors import terraform_arguments, terraform_show, terragrunt_plans
from app.executors.base import SOMEWHERE, Kind
from app.executors.execution import Execution
from app.executors.parameters import Parameter
from app.executors.saved_plan import SavedPlan
from app.executors.spec import Command, Place, RunSpec
from app.executors.terraform import DIRECTORIES, Terraform
from app.executors.terraform_parameters import PARAMETERS
from app.executors.terraform_plans import Folder
from app.executors.terragrunt_plans import PLANS
from app.lib.plan_changes import PlanChanges
from app.lib.tools import Tool

ALL = "run_all"
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

    def preparation(self, spec: RunSpec) -> list[str]:
        return [*self.program(spec), *(("run", "--all", "--") if _is_all(spec) else ())]

    def step(self, spec: RunSpec, folder: PurePath = SOMEWHERE) -> list[str]:
        if not _is_all(spec):
            return super().step(spec, folder)
        # Only here: it would give the plan of the unit to init as well, which takes none.
        return [*self.program(spec), "run", "--all", "--out-dir", str(folder / PLANS), "--"]

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
            replace(command, argv=self.apply_argv(spec, folder / name), cwd=command.cwd / unit)
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

    def changes(
        self, execution: Execution, command: Command, plan: SavedPlan
    ) -> PlanChanges | None:
        if not _is_all(execution.spec):
            return super().changes(execution, command, plan)
        found: dict[str, PlanChanges] = {}
        for name in terragrunt_plans.names(plan):
            unit = PurePosixPath(name).parent
            here = replace(command, cwd=command.cwd / unit)
            saved, program = execution.place.tmp / PLANS / name, self.program(execution.spec)
            told = terraform_show.changes(execution, here, program, saved)
            if told is None:
                return None
            found[str(unit)] = told
        return terragrunt_plans.merged(found)

    def tell_outputs(self, execution: Execution, command: Command) -> None:
        """Units have outputs of the same names: those of all are not told."""
        if not _is_all(execution.spec):
            super().tell_outputs(execution, command)


def _is_all(spec: RunSpec) -> bool:
    return bool(spec.params.get(ALL))


def _destroys_all(spec: RunSpec) -> bool:
    return _is_all(spec) and bool(spec.params.get("destroy"))
