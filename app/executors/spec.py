"""What an executor is given and whom it tells: plain values, no request, no model, no database.

A worker makes a RunSpec from the database, a remote runner gets it over HTTP.
"""

import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from app.executors.machine import EngineSettings
from app.executors.saved_plan import SavedPlan
from app.executors.state_access import StateAccess
from app.lib.confinement import Confinement
from app.lib.content import Content
from app.lib.git_queries import Commit
from app.lib.step_arguments import Steps
from app.lib.tools import Tool


class PreparationFailed(Exception):
    """The run cannot start. The text says why and what to do; it is in the log already."""


class Cancelled(Exception):
    """Somebody stopped the run, or it no longer belongs to this worker."""


@dataclass(frozen=True)
class Key:
    """A decrypted access key; what of it is secret is shown by no repr.

    `lost` is the id of the encryption key that is missing, so that it could not be decrypted.
    """

    id: int
    name: str
    type: str  # none, ssh, login_password or string
    login: str = ""
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    lost: str = ""
    is_empty: bool = False  # nothing is stored, though the type needs something


@dataclass(frozen=True)
class RepositorySpec:
    """Where the script comes from. `key` names the access key: another key, another mirror."""

    id: int
    url: str
    branch: str
    name: str = ""
    key: str = ""
    access: Key | None = None


@dataclass(frozen=True)
class InventorySpec:
    """The hosts: a text, or a file of the template's repository or of one of its own."""

    id: int
    name: str
    type: str  # static, static-yaml, file, or a workspace of a state
    text: str  # its hosts, or the path of the file, or the name of the workspace
    user: Key | None = None
    become: Key | None = None
    repository: RepositorySpec | None = None


@dataclass(frozen=True)
class VaultSpec:
    """A vault password under its id: a key's, or what a script of the repository prints."""

    name: str
    key: Key | None = None
    script: str = ""


@dataclass(frozen=True)
class HostKeySpec:
    """By which key a project knows an ssh server; `key` is base64, as in known_hosts."""

    host: str
    port: int
    type: str
    key: str


@dataclass(frozen=True)
class HostConfigSpec:
    """Which key a host (`type` host), or the addresses below a URL (url), get of their own."""

    type: str
    host: str
    key: Key


@dataclass(frozen=True)
class RunSpec:
    """One run, complete. `mark` is unique and stands in the environment of all its processes.

    `git_branch` replaces the repository's branch, `commit` both. `secrets` lists every value that
    may appear in no log. `details` are the SEMAPHORE_TASK_DETAILS_*, in any case; None is left out.
    `params` are those of the tool, the template's and the run's in one: limit, tags, dry_run …
    """

    task_id: int
    project_id: int
    app: str
    playbook: str
    repository: RepositorySpec
    settings: EngineSettings
    mark: str
    arguments: tuple[str, ...] = ()  # the template's
    task_arguments: tuple[str, ...] = ()
    steps: Steps = field(default_factory=dict)  # the template's for single steps of the tool
    task_steps: Steps = field(default_factory=dict)
    git_branch: str = ""
    commit: str = ""
    must_be_newest: bool = False  # whether the run is refused where the branch has moved on from it
    env: Mapping[str, str] = field(default_factory=dict)
    secret_env: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    secret_vars: Mapping[str, str] = field(default_factory=dict, repr=False)
    untrusted: frozenset[str] = frozenset()  # variables that were typed for this run
    secrets: tuple[str, ...] = field(default=(), repr=False)
    details: Mapping[str, Any] = field(default_factory=dict)
    task_type: str = ""  # "", build or deploy
    incoming_version: str | None = None
    target_version: str | None = None
    max_duration: int = 0  # seconds with the preparation; 0: no limit
    limit_of: str = ""  # whose limit that is, for people: server, project or template
    working_directory: str = ""  # below the checkout
    params: Mapping[str, Any] = field(default_factory=dict)
    inventory: InventorySpec | None = None
    vaults: tuple[VaultSpec, ...] = ()
    deploys_build: bool = False  # the files of its build are brought along
    host_keys: tuple[HostKeySpec, ...] = ()
    host_configs: tuple[HostConfigSpec, ...] = ()
    plan: SavedPlan | None = None  # what was approved, and is to be applied
    state: StateAccess | None = None  # to the one that the server keeps, where it does

    @property
    def branch(self) -> str:
        return self.git_branch or self.repository.branch


@dataclass(frozen=True)
class Place:
    """Where the command runs. `home` and `tmp` are the run's own and empty; `lock` is an open
    descriptor: as long as somebody holds a duplicate, no other run gets this place."""

    directory: Path
    home: Path
    tmp: Path
    lock: int
    commit: Commit | None
    label: str  # what was checked out, for messages: "main 9f2c1ab3"
    mirrors: tuple[Path, ...] = ()  # the copies that its clones borrow their objects from
    is_writable: bool = True  # not where anybody's directory is used as it is


@dataclass(frozen=True)
class Command:
    """A program to be started in the place of a run, with exactly this environment.

    `answers` are the prompts of its terminal, each by its beginning, and what is typed there; with
    none it has no terminal. `inherit` names variables that tell it the numbers of descriptors.
    `writable` are directories outside of the run's place that it needs. `tool`: the program, where
    it has to be asked for its version. `stdout`: an open file that its standard output goes to, in
    the place of the log.
    `ended` is called when nothing of it runs any more and its output is stored; it returns what
    went wrong in the tool's own words, "" if that is not known.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    answers: Sequence[tuple[str, str]] = field(default=(), repr=False)
    inherit: Mapping[str, int] = field(default_factory=dict)
    ended: Callable[[], str] = str
    writable: tuple[Path, ...] = ()
    tool: Tool | None = None
    stdout: int | None = None
    stop: int = signal.SIGTERM  # what it gets first where it has to end early


class Process(Protocol):
    """What the engine needs of a guardian (app.lib.process.Guardian): one command after the other.

    `output` and the code that `wait` returns are those of the command that was started last.
    """

    output: int

    def start(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        terminal: int | None = None,
        stdout: int | None = None,
        inherit: Mapping[str, int] = ...,
        confinement: Confinement | None = None,
        stop: int = ...,
    ) -> None: ...
    def hold(self, handle: int) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None) -> int | None: ...


class Reporter(Protocol):
    """Takes what a run tells. A worker's writes to the database, a runner's sends to the server.

    Times are milliseconds since 1970. `line` and the reader of `attach` block while too much is
    not yet stored.
    """

    @property
    def cancelled(self) -> bool:
        """Whether the run shall end; asked between all steps."""
        ...

    def line(self, text: str, at: int | None = None) -> None:
        """One line of the system into the numbered stream, redacted; `at`: its time mark."""
        ...

    def attach(self, process: Process) -> None:
        """Start reading the output of a process that was started."""
        ...

    def status(self, status: str) -> None:
        """Change the state; raises Cancelled where a stop was first."""
        ...

    def on_status(self, listener: Callable[[str], None]) -> None:
        """Call `listener` after each change that is committed."""
        ...

    def on_line(self, listener: Callable[[int, int, str], None]) -> None:
        """Call `listener(number, time, text)` for each line, in the reader: it must not block."""
        ...

    def on_mark(self, nonce: str, listener: Callable[[int, int | None], None]) -> None:
        """Take marks with this nonce (app.lib.marks) out of what processes write from now on.

        `listener(id, first)` is called for each, in the reader; it must not block. `first` is the
        number of the line that was the first after the mark before, None if there was none.
        """
        ...

    def commit(self, hash: str, message: str) -> None:
        """What was checked out; called once at most."""
        ...

    def artifact(self, name: str, content: Content, size: int) -> str:
        """A file that the run has left behind, by its path there: it is stored on return, or what
        comes back says why it is not kept."""
        ...

    def build_artifacts(self) -> Iterable[tuple[str, Iterable[bytes]]]:
        """Names and contents of what the build of this deploy has left behind."""
        ...

    def lock_holder(self) -> str:
        """Who has locked the state that the server keeps for the run, and from where, as words
        within a sentence; "" where nobody has."""
        ...

    def drain(self) -> None:
        """Return when the output has ended and every line of it is stored."""
        ...

    def event(self, kind: str, **data: Any) -> None:
        """A structured result.

        section: phase="Git", state="begin" or "end", and at the end status="success", "failed" or
        "stopped". host_key: host=, port=, type=, key= of a server that was met.
        part: part="play", "task", "handler" or "recap" begins, title=, line= (its first line, None
        if that is not known). result: of one host in the task that has begun last, the fields of
        ansible_events.Result, line=. recap: hosts={name: {"ok": 3, …}}.
        plan: what a tool would change, in the place of what was told before; sha256= of the plan,
        line= where the log shows it, changes= a PlanChanges, None if the tool has not told them.
        outputs: of what was applied, outputs= ToolOutputs in the order of their names.
        stats: what a playbook has set with set_stats, values={host: {name: value}}, size=.
        fact: what the run is made of, name="inventory", "tools", "requirements" or "command",
        value=, a mapping that is added to what was told under this name.
        """
        ...
