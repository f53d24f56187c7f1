"""Which arguments of ansible-playbook somebody may add who may run a template, but not write it.

The others name files of the worker's machine, code, accounts or variables that ansible evaluates.
"""

from collections.abc import Iterator, Sequence

ALONE = frozenset(
    {
        "-C", "-D", "--check", "--diff", "--flush-cache", "--force-handlers", "--list-hosts",
        "--list-tags", "--list-tasks", "--syntax-check", "--verbose",
    }
)  # fmt: skip
WITH_VALUE = {
    "-f": "--forks", "-l": "--limit", "-t": "--tags", "-T": "--timeout",
    "--forks": "--forks", "--limit": "--limit", "--skip-tags": "--skip-tags",
    "--start-at-task": "--start-at-task", "--tags": "--tags", "--timeout": "--timeout",
}  # fmt: skip
REFUSED = (
    "{} may be given only by who may edit the template. Allowed: " + ", ".join(
        sorted(one for one in (*ALONE, *WITH_VALUE, "-v") if one.startswith("--"))
    )
)  # fmt: skip


def refusal(arguments: Sequence[str]) -> str:
    """Why these arguments of a run are refused; "" if they are not."""
    wrong = next(_wrong(arguments), None)
    return "" if wrong is None else REFUSED.format(wrong[:80])


def _wrong(arguments: Sequence[str]) -> Iterator[str]:
    """What is not allowed. Shortened long options are not, whatever they stand for."""
    rest = iter(arguments)
    for one in rest:
        name, is_joined, value = one.partition("=")
        if one in ALONE or (one.startswith("-v") and not one.strip("-v")):
            continue
        if name not in WITH_VALUE or (is_joined and not name.startswith("--")):
            yield one
            continue
        value = value if is_joined else next(rest, "")
        if WITH_VALUE[name] == "--limit" and "@" in value:
            yield f"{name} {value}"
