"""What each kind of template makes of the same run. A new tool is one more line in TOOLS."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.executors.spec import InventorySpec
from tests.executors.contract.calls import Call

HOSTS = InventorySpec(3, "Here", "static", "here ansible_connection=local\n")
# What every run is given; `argv` of a tool says what has to become of it.
GIVEN = {
    "arguments": ("--own", "two words"),
    "task_arguments": ("--task", ""),
    "extra_vars": {"port": 8080, "text": "a b"},
    "secret_vars": {"hidden": "s3cr3t-variable"},
    "env": {"OPEN": "of the group"},
    "secret_env": {"KEY": "s3cr3t-environment"},
}
# Names that the environment of every run has, besides those that it was given.
COMMON = frozenset(
    {
        "HELIOGRAPH_RUN", "HOME", "LANG", "LOGNAME", "PATH", "PWD", "SEMAPHORE_ARTIFACTS",
        "SEMAPHORE_TASK_DETAILS_COMMIT_HASH", "SEMAPHORE_TASK_DETAILS_COMMIT_MESSAGE",
        "SEMAPHORE_TASK_DETAILS_ID", "SEMAPHORE_TASK_DETAILS_REPOSITORY_ID",
        "SEMAPHORE_TASK_DETAILS_REPOSITORY_NAME", "TMPDIR", "USER",
    }
)  # fmt: skip


@dataclass(frozen=True)
class ToolCase:
    """`argv` follows the program; {tmp} in it is the run's own folder. `env` are the variables
    that the tool adds, None: with a value of each run's own. `inherits` names those that tell the
    number of an open descriptor. `first` is the first argument of the command that counts."""

    app: str
    program: str
    argv: tuple[str, ...]
    file: str = "job/script"  # in the repository
    script: str = "job/script"  # as the template names it
    env: Mapping[str, str | None] = field(default_factory=dict)
    inherits: frozenset[str] = frozenset()
    prefix: str = ""  # of a variable in the environment
    has_programs: bool = False  # the run's own programs come first on PATH
    below: str = ""  # where it works, below the checkout
    first: str = ""
    stop: int = signal.SIGTERM
    inventory: InventorySpec | None = None

    @property
    def programs(self) -> set[str]:
        """Names on PATH; terragrunt and we look whether tofu is there."""
        return {self.program, "tofu"} if self.prefix else {self.program}

    @property
    def by_path(self) -> bool:
        """Whether the program has to be configured: the server brings its own along."""
        return self.app == "ansible"

    def value(self, call: Call, name: str, *, secret: bool) -> object:
        """What the tool got as this variable."""
        if self.by_path:
            return call.variables[name]
        if secret or self.prefix:
            return call.env[self.prefix + name]
        [found] = [word for word in call.argv if word.startswith(f"{name}=")]
        return found.removeprefix(f"{name}=")


def script(app: str, program: str, *leading: str, **env: str) -> ToolCase:
    words = ("job/script", "--own", "two words", "port=8080", "text=a b", "--task", "")
    return ToolCase(app, program, (*leading, *words), env={"hidden": "s3cr3t-variable", **env})


def playbook(app: str, program: str) -> ToolCase:
    argv = (
        "-i", "{tmp}/inventory", "--extra-vars=@{tmp}/extra-vars.yml", "--own", "two words",
        "--task", "", "job/site.yml",
    )  # fmt: skip
    env = {
        "ANSIBLE_CALLBACK_PLUGINS": None, "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": None, "HELIOGRAPH_RESULTS": None,
        "HELIOGRAPH_RESULTS_NONCE": None, "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    return ToolCase(
        app, program, argv, file="job/site.yml", script="job/site.yml", env=env,
        inherits=frozenset({"HELIOGRAPH_RESULTS"}), has_programs=True, inventory=HOSTS,
    )  # fmt: skip


def plan(app: str, program: str) -> ToolCase:
    argv = (
        "plan", "--own", "two words", "--task", "", "-input=false", "-detailed-exitcode",
        "-out={tmp}/plan.tfplan",
    )  # fmt: skip
    env = {
        "ANSIBLE_SSH_CONTROL_PATH_DIR": None, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0", "TF_PLUGIN_CACHE_DIR": None, "TF_VAR_hidden": "s3cr3t-variable",
        "TF_VAR_port": "8080", "TF_VAR_text": "a b", "TG_NON_INTERACTIVE": "true",
        "TERRAGRUNT_NON_INTERACTIVE": "true",
    }  # fmt: skip
    return ToolCase(
        app, program, argv, file="infra/main.tf", script="infra", env=env, prefix="TF_VAR_",
        has_programs=True, below="/infra", first="plan", stop=signal.SIGINT,
    )  # fmt: skip


CASES = (
    script("bash", "bash"),
    script("python", "python3", PYTHONUNBUFFERED="1"),
    script("powershell", "pwsh", "-NoProfile", "-NonInteractive", "-File",
           POWERSHELL_TELEMETRY_OPTOUT="1", POWERSHELL_UPDATECHECK="Off"),
    script("ruby", "ruby"),  # an app that an administrator has made
    playbook("ansible", "ansible-playbook"),
    plan("terraform", "terraform"),
    plan("tofu", "tofu"),
    plan("terragrunt", "terragrunt"),
)  # fmt: skip
TOOLS = {case.app: case for case in CASES}
