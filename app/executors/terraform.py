"""Terraform and OpenTofu: a plan that is saved, and the apply of exactly that plan."""

import os
import signal
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, ClassVar

from app.executors import (
    terraform_arguments,
    terraform_backend,
    terraform_drift,
    terraform_init,
    terraform_outputs,
    terraform_parameters,
    terraform_plans,
    terraform_show,
    terraform_state,
    terraform_variables,
)
from app.executors.base import SOMEWHERE, CommandLine, Executor, Kind
from app.executors.checkout import find_directory, working_directory
from app.executors.environment import environment
from app.executors.execution import Execution
from app.executors.outcome import Outcome
from app.executors.parameters import Parameter
from app.executors.saved_plan import SavedPlan
from app.executors.scripts import Scripts
from app.executors.spec import Cancelled, Command, Place, RunSpec
from app.executors.ssh import Ssh
from app.executors.terraform_plans import Folder
from app.executors.terraform_troubles import CUT_OFF, KILLED, Troubles
from app.lib.plan_changes import PlanChanges
from app.lib.tools import Tool

PLAN = "plan.tfplan"  # in the run's own folder
CUT = 128 + signal.SIGINT  # as if the command that did not begin had been stopped
CHANGES = 2  # the exit code of a plan that would change something
UNATTENDED = {
    "TF_IN_AUTOMATION": "1",
    "TF_INPUT": "0",
    "CHECKPOINT_DISABLE": "1",  # it would ask its makers for a newer one
    "TG_NON_INTERACTIVE": "true",
    "TERRAGRUNT_NON_INTERACTIVE": "true",
}
DIRECTORIES = Scripts((".tf", ".tofu", ".hcl"))


class Terraform(Executor):
    """A directory of the repository with the configuration of some infrastructure.

    Variables are TF_VAR_… in the environment, never arguments, as they are in the original: every
    user of the machine could read them in the process list.
    """

    kinds = {
        "terraform": Kind(
            "tool-terraform",
            Tool(
                "Terraform",
                ("terraform",),
                ("version",),
                hint="https://developer.hashicorp.com/terraform/install",
            ),
            priority=900,
            scripts=DIRECTORIES,
        ),
        "tofu": Kind(
            "tool-opentofu",
            Tool(
                "OpenTofu", ("tofu",), ("version",), hint="https://opentofu.org/docs/intro/install"
            ),
            priority=800,
            scripts=DIRECTORIES,
        ),
    }
    file = "Directory"
    takes_directory = takes_workspace = has_steps = True
    sentence = "A plan of what would change, and the apply of exactly that plan."
    parameters: ClassVar[tuple[Parameter, ...]] = terraform_parameters.PARAMETERS
    # Kinds that take variables from the plan alone; OpenTofu may need them for backend and keys.
    saves_variables: ClassVar[frozenset[str]] = frozenset({"terraform"})
    finds_state_below: ClassVar[bool] = False  # whether backends are noted in directories below

    @classmethod
    def conflicts(cls, params: Mapping[str, Any], asked: Collection[str]) -> Mapping[str, str]:
        return terraform_parameters.conflicts(params, asked)

    @classmethod
    def looks_only(cls, params: Mapping[str, Any]) -> bool:
        return terraform_parameters.looks_only(params)

    @classmethod
    def refusal(cls, arguments: Sequence[str], step: str = "") -> str:
        return terraform_arguments.refusal(arguments, step)

    def argv(
        self, spec: RunSpec, folder: PurePath = SOMEWHERE, variables: Sequence[str] = ()
    ) -> list[str]:
        """The plan. Of options the last one counts: ours come last, but those with variables."""
        return [
            *self.step(spec, "plan", folder),
            "plan",
            *variables,
            *terraform_arguments.of_step(spec, "plan"),
            *(("-destroy",) if spec.params.get("destroy") else ()),
            "-input=false",
            "-detailed-exitcode",
            *self.plan_options(spec, folder),
        ]

    def outline(self, spec: RunSpec, folder: PurePath = SOMEWHERE) -> list[CommandLine]:
        before = terraform_init.outline(spec, self.step(spec, "init", folder), folder)
        found = [CommandLine(argv) for argv in (*before, self.argv(spec, folder))]
        if when := terraform_parameters.when_applied(spec.params):
            found.append(CommandLine(self.apply_argv(spec, folder), when))
        return found

    def apply_argv(self, spec: RunSpec, folder: PurePath) -> list[str]:
        """The apply of what was saved."""
        own, words = terraform_arguments.of_step(spec, "apply"), self.apply_words(spec, folder)
        return [*self.step(spec, "apply", folder), "apply", *own, "-input=false", *words]

    def applies(self, execution: Execution, command: Command) -> Sequence[Command]:
        """What applies the plan, in its order; at least one command."""
        return [replace(command, argv=self.apply_argv(execution.spec, execution.place.tmp))]

    def step(self, spec: RunSpec, name: str, folder: PurePath) -> list[str]:
        """What comes before the command of a step: init (and workspace), plan or apply."""
        return self.program(spec)

    def plan_options(self, spec: RunSpec, folder: PurePath) -> Sequence[str]:
        """Where the plan is saved."""
        return (f"-out={folder / PLAN}",)

    def apply_words(self, spec: RunSpec, folder: PurePath) -> Sequence[str]:
        """What is applied."""
        return (str(folder / PLAN),)

    def variables(self, spec: RunSpec, place: Place, directory: Path) -> Sequence[str]:
        """Write variables to a file; the options that name it."""
        return terraform_variables.arguments(spec, place, directory)

    def restore(self, plan: SavedPlan, spec: RunSpec, place: Place, directory: Path) -> None:
        """Put what was approved where it is applied from."""
        terraform_plans.restore(plan, place.tmp / PLAN, directory)

    def saved(self, spec: RunSpec, folder: Folder, directory: Path) -> SavedPlan:
        """What was planned. Raises PreparationFailed where there is nothing, or too much."""
        return terraform_plans.saved(folder, PLAN, directory)

    def changes(self, execution: Execution, command: Command, folder: Folder) -> PlanChanges | None:
        """What a plan that was just saved would do; None where the tool does not tell it."""
        program, path = self.program(execution.spec), execution.place.tmp / PLAN
        return terraform_show.changes(execution, command, program, path)

    def tell_outputs(self, execution: Execution, command: Command) -> None:
        """Report the outputs of what was applied."""
        terraform_outputs.tell(execution, command, self.program(execution.spec))

    def program(self, spec: RunSpec) -> list[str]:
        """What every command line begins with."""
        settings, kind = spec.settings, self.kind(spec.app)
        return [settings.app_path or kind.tool.names[0], *(settings.app_args or ())]

    def preflight(self, spec: RunSpec) -> None:
        super().preflight(spec)
        terraform_init.check_inventory(spec)
        terraform_backend.check(spec)

    def prepare(self, execution: Execution) -> Command:
        spec, place = execution.spec, execution.place
        directory = working_directory(spec, place)
        if name := spec.playbook.lstrip("/"):
            directory = find_directory(name, place, directory)
        terraform_backend.write(execution, directory)
        env = self._environment(execution, directory)
        # Providers ignore what a terminal sends; SIGTERM would end them in the midst of work.
        start = Command((), env, directory, stop=signal.SIGINT)
        if spec.plan:
            self.restore(spec.plan, spec, place, directory)
        own = self.variables(spec, place, directory)
        terraform_init.prepare(execution, self.step(spec, "init", place.tmp), start)
        argv, tool = self.argv(spec, place.tmp, own), self.kind(spec.app).tool
        return replace(start, argv=argv, tool=tool)

    def carry_out(self, execution: Execution, command: Command) -> Outcome:
        """Apply what was approved; else plan, and apply that where nobody has to approve it."""
        spec = execution.spec
        troubles = Troubles(execution.reporter, spec)
        if spec.plan:
            if spec.plan.decision:
                execution.reporter.line(spec.plan.decision)
            execution.reporter.line(f"Applying the plan with the SHA-256 {spec.plan.sha256}")
            return self._apply(execution, command, troubles)
        reporter, text = execution.reporter, terraform_show.PlanText(execution.reporter)
        with terraform_plans.Folder(execution.place.tmp) as folder:
            made = execution.run(replace(command, ended=troubles.told))
            if made.succeeded:
                reporter.event("plan", sha256="", line=text.line, changes=PlanChanges())
                return terraform_drift.told(execution, made, PlanChanges())
            if made.exit_code != CHANGES or execution.watch.is_over:
                return made
            plan = self.saved(spec, folder, command.cwd)
            reporter.line(f"The plan that was saved has the SHA-256 {plan.sha256}")
            changes = self.changes(execution, command, folder)
            reporter.event("plan", sha256=plan.sha256, line=text.line, changes=changes)
            if terraform_parameters.looks_only(spec.params):
                return terraform_drift.told(execution, Outcome(0), changes)
            return self._go_on(execution, command, troubles, plan, changes)

    def _go_on(
        self,
        execution: Execution,
        command: Command,
        troubles: Troubles,
        plan: SavedPlan,
        changes: PlanChanges | None,
    ) -> Outcome:
        """Apply a plan, unless somebody has to approve it."""
        terraform_state.refuse_lost(execution, command.cwd, below=self.finds_state_below)
        if not execution.spec.params.get("auto_approve") and not _is_addition(execution, changes):
            execution.reporter.line("The plan waits for approval")
            return Outcome(0, awaits=plan)
        return self._apply(execution, command, troubles)

    def _apply(self, execution: Execution, command: Command, troubles: Troubles) -> Outcome:
        spec, env = execution.spec, command.env
        if spec.app in self.saves_variables:
            env = terraform_variables.without_saved(env, spec, command.cwd)
        start = replace(command, env=env, ended=troubles.told)
        outcome = _one_by_one(execution, self.applies(execution, start))
        was_killed = outcome.exit_code == 128 + signal.SIGKILL
        if was_killed:
            execution.reporter.line(KILLED)
        if outcome.succeeded and not execution.watch.is_over:
            self.tell_outputs(execution, command)
        if outcome.succeeded:
            return outcome
        return replace(outcome, if_stopped=KILLED if was_killed else CUT_OFF)

    def _environment(self, execution: Execution, directory: Path) -> dict[str, str]:
        spec, place = execution.spec, execution.place
        user = spec.inventory.user if spec.inventory else None
        ssh = execution.closing.enter_context(Ssh(spec, user, execution.reporter, place.tmp))
        programs = place.tmp / "bin"
        programs.mkdir(mode=0o700)
        ssh.write_programs(programs)
        own = {name: v for name, v in UNATTENDED.items() if name not in spec.env}
        more = own | terraform_variables.environment(spec) | ssh.environment()
        more |= terraform_backend.environment(spec) | terraform_init.cache(execution)
        more["PWD"] = str(directory)
        env = environment(spec, place, more)
        env["PATH"] = f"{programs}{os.pathsep}{env['PATH']}"
        return env | terraform_init.terragrunt_tool(env)


def _one_by_one(execution: Execution, commands: Sequence[Command]) -> Outcome:
    """Run them to the first that fails; to be cut off between two of them is a failure as well."""
    outcome = Outcome(CUT)
    for number, command in enumerate(commands):
        if number and execution.watch.is_over:
            return Outcome(CUT, execution.watch.reason)
        try:
            outcome = execution.run(command)
        except Cancelled:
            if not number:
                raise
            return Outcome(CUT)
        if not outcome.succeeded:
            break
    return outcome


def _is_addition(execution: Execution, changes: PlanChanges | None) -> bool:
    """Whether the plan needs no approval because all that it does is to create; the log says so."""
    if not execution.spec.params.get("auto_approve_additions"):
        return False
    if is_addition := changes is not None and changes.only_creates:
        execution.reporter.line("The plan only creates, and is applied without approval")
    return is_addition
