"""Playbooks: ansible-playbook with an inventory, keys that never touch the disk, and roles."""

import configparser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath

from app.executors import (
    ansible_arguments,
    ansible_inventory,
    ansible_packages,
    ansible_tools,
    galaxy,
    keys,
    reserved,
)
from app.executors.ansible_tools import PLAYBOOK
from app.executors.ansible_troubles import Troubles
from app.executors.ansible_variables import document
from app.executors.base import SOMEWHERE, Executor, Kind
from app.executors.checkout import find_playbook, located, working_directory
from app.executors.environment import environment
from app.executors.execution import Execution
from app.executors.isolation import own_directories
from app.executors.machine import EngineSettings
from app.executors.parameters import Parameter
from app.executors.results import PLUGINS, Results
from app.executors.scripts import PLAYBOOKS
from app.executors.spec import Command, Key, Place, RunSpec
from app.executors.ssh import Ssh
from app.lib.served_file import ServedFile

VARIABLES = "extra-vars.yml"  # in the run's own folder
HIGHEST = 4  # v's of a run with `debug` that names no level
JOBS = ".ansible_async"  # where modules that run on their own tell how it goes
LOCAL = (".ansible/tmp", JOBS)  # of the user's home: what modules on this machine write
SEARCHED = {
    # What ansible searches without a word in its configuration.
    "collection": ("collections_path", "~/.ansible/collections:/usr/share/ansible/collections"),
    "callback": (
        "callback_plugins",
        "~/.ansible/plugins/callback:/usr/share/ansible/plugins/callback",
    ),
    "role": ("roles_path", "~/.ansible/roles:/usr/share/ansible/roles:/etc/ansible/roles"),
}


class Ansible(Executor):
    """A playbook of the repository, run from its top directory or the template's."""

    kinds = {"ansible": Kind("tool-ansible", PLAYBOOK, priority=1000, scripts=PLAYBOOKS)}
    needs_inventory = takes_vaults = reads_variables = True
    file = "Playbook"
    sentence = "A playbook against the hosts of an inventory, with roles, vaults and sudo."
    parameters = (
        Parameter("limit", "texts", "Limit", "allow_override_limit",
                  help="Hosts, groups or patterns, with commas between them.",
                  not_of_run="@"),  # what names a file of the worker's machine
        Parameter("tags", "texts", "Tags", "allow_override_tags",
                  help="Only tasks with one of these tags."),
        Parameter("skip_tags", "texts", "Skip tags", "allow_override_skip_tags",
                  help="No task with one of these tags."),
        Parameter("dry_run", "flag", "Dry run", "hide_dry_run", open_unless=True,
                  of_template=False, help="Changes nothing (--check)."),
        Parameter("diff", "flag", "Show differences", "hide_diff", open_unless=True,
                  of_template=False, help="What changes in files (--diff)."),
        Parameter("debug", "flag", "Debug", "allow_debug", of_template=False,
                  help="Tells much more (-vvvv)."),
        Parameter("debug_level", "level", "Debug level", "allow_debug", of_template=False),
        Parameter("skip_galaxy_install", "flag", "Install no roles and collections",
                  "allow_override_skip_galaxy_install"),
        Parameter("refresh_galaxy", "flag", "Install roles and collections anew",
                  "allow_override_skip_galaxy_install", of_template=False),
        Parameter("galaxy_role_args", "texts", "Arguments for roles",
                  help="Of ansible-galaxy role install, with commas."),
        Parameter("galaxy_collection_args", "texts", "Arguments for collections",
                  help="Of ansible-galaxy collection install, with commas."),
        *ansible_packages.PARAMETERS,
    )  # fmt: skip

    @classmethod
    def reserves(cls, name: str) -> bool:
        return reserved.of_ansible(name)

    @classmethod
    def refusal(cls, arguments: Sequence[str], step: str = "") -> str:
        return ansible_arguments.refusal(arguments)

    def argv(self, spec: RunSpec, folder: PurePath = SOMEWHERE) -> list[str]:
        settings = spec.settings
        return [
            settings.app_path or PLAYBOOK.names[0],
            *(settings.app_args or ()),
            *ansible_inventory.arguments(spec, folder),
            *_access(spec),
            *_manner(spec.params),
            *(f"--vault-id={vault.name}@{vault.script or 'prompt'}" for vault in spec.vaults),
            f"--extra-vars=@{folder / VARIABLES}",
            *spec.arguments,
            *_choice(spec.params),
            *spec.task_arguments,
            _playbook(spec.playbook),
        ]

    def preflight(self, spec: RunSpec) -> None:
        ansible_tools.require(spec)

    def prepare(self, execution: Execution) -> Command:
        spec, place = execution.spec, execution.place
        answers = list(_answers(spec))
        directory = working_directory(spec, place)
        spec = replace(
            spec,
            playbook=located(spec.playbook, place, directory, find_playbook),
            inventory=ansible_inventory.write(execution, directory),
        )
        env = self._environment(execution, directory, directory / spec.playbook)
        variables = ServedFile(place.tmp / VARIABLES, document(spec, place))
        execution.closing.enter_context(variables)
        results = execution.closing.enter_context(Results(execution.reporter))
        troubles = Troubles(execution.reporter, spec.params.get("limit") or ())
        argv = self.argv(spec, place.tmp)
        return Command(
            argv,
            env | results.env,
            directory,
            answers,
            inherit=results.inherit,
            ended=lambda: results.finish() or troubles.told(),
            writable=_local_directories(spec.settings, place),
        )

    def _environment(self, execution: Execution, directory: Path, playbook: Path) -> dict[str, str]:
        spec, place = execution.spec, execution.place
        user = spec.inventory.user if spec.inventory else None
        ssh = execution.closing.enter_context(Ssh(spec, user, execution.reporter, place.tmp))
        more = {"PYTHONUNBUFFERED": "1", "ANSIBLE_FORCE_COLOR": "True", "PWD": str(directory)}
        env = environment(spec, place, more | ssh.environment())
        packages, own = ansible_packages.provide(execution, env)
        env |= packages
        programs = ansible_tools.link(place.tmp / "bin", own)
        ssh.write_programs(programs)
        env["PATH"] = f"{programs}:{env['PATH']}"
        below = dict.fromkeys((playbook.parent, directory, place.directory))
        found = galaxy.install(execution, str(programs / "ansible-galaxy"), env, list(below))
        return env | dict(_search_paths(found | {"callback": [PLUGINS]}, env, directory))


def _local_directories(settings: EngineSettings, place: Place) -> tuple[Path, ...]:
    """What ansible writes where a host is this machine.

    One part of it goes by HOME, which is the run's own, and another by the user's home: jobs that
    run on their own are found only where both are the same.
    """
    own = own_directories(settings, *LOCAL)
    if own:
        (place.home / JOBS).symlink_to(own[1])
    return own


def _answers(spec: RunSpec) -> Iterator[tuple[str, str]]:
    """What ansible will ask for on its terminal. Raises an InstallError for a key that does not
    fit."""
    user = spec.inventory.user if spec.inventory else None
    become = spec.inventory.become if spec.inventory else None
    if user and user.password:
        yield "SSH password:", user.password
    if become:
        keys.check(become, keys.BECOME)
        if become.password:
            yield "BECOME password", become.password
    for vault in spec.vaults:
        if not vault.script:
            keys.check(vault.key or Key(0, vault.name, "none"), keys.VAULT)
            yield f"Vault password ({vault.name}):", vault.key.password if vault.key else ""


def _access(spec: RunSpec) -> Iterator[str]:
    """Who connects, and who they become there; passwords are asked for on the terminal."""
    inventory = spec.inventory
    if inventory and inventory.user:
        yield from (f"--user={inventory.user.login}",) if inventory.user.login else ()
        yield from ("--ask-pass",) if inventory.user.password else ()
    if inventory and inventory.become:
        yield from (f"--become-user={inventory.become.login}",) if inventory.become.login else ()
        yield from ("--ask-become-pass",) if inventory.become.password else ()


def _manner(params: Mapping[str, object]) -> Iterator[str]:
    level = params.get("debug_level") or (HIGHEST if params.get("debug") else 0)
    if isinstance(level, int) and level:
        yield "-" + "v" * level
    if params.get("diff"):
        yield "--diff"
    if params.get("dry_run"):
        yield "--check"


def _choice(params: Mapping[str, object]) -> Iterator[str]:
    for name, option in (("limit", "limit"), ("tags", "tags"), ("skip_tags", "skip-tags")):
        values = params.get(name)
        if isinstance(values, list | tuple) and values:
            yield f"--{option}={','.join(map(str, values))}"


def _playbook(name: str) -> str:
    """As an argument that is not taken for an option."""
    path = str(PurePosixPath(name))
    return f"./{path}" if path.startswith("-") else path


def _search_paths(
    found: Mapping[str, list[Path]], env: Mapping[str, str], directory: Path
) -> Iterator[tuple[str, str]]:
    """Where ansible looks: in what was installed or is ours, then where it would have looked."""
    for kind, places in found.items():
        option, default = SEARCHED[kind]
        name = f"ANSIBLE_{option.upper()}"
        if places:
            usual = env.get(name) or _configured(option, env, directory) or default
            yield name, ":".join([*map(str, places), usual])


def _configured(option: str, env: Mapping[str, str], directory: Path) -> str:
    """What ansible.cfg says; relative paths in it begin at the file."""
    file = Path(directory, env.get("ANSIBLE_CONFIG") or "ansible.cfg")
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return ""  # ansible itself says what is wrong with it
    value = parser.get("defaults", option, fallback="") or parser.get(
        "defaults", f"{option}s", fallback=""
    )
    parts = [part.strip() for part in value.split(":") if part.strip()]
    return ":".join(p if p.startswith(("/", "~", "$")) else str(file.parent / p) for p in parts)
