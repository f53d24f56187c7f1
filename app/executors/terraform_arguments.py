"""Arguments of terraform: which a run may add, and which a saved plan still takes."""

from collections.abc import Iterator, Sequence

# What narrows or words a plan. All else names files, turns the plan around, or leaves the lock.
HARMLESS = (
    "compact-warnings", "lock-timeout", "no-color", "parallelism", "refresh", "refresh-only",
    "replace", "target", "var",
)  # fmt: skip
OF_APPLY = ("compact-warnings", "lock", "lock-timeout", "no-color", "parallelism")
OF_INIT = ("lock", "lock-timeout", "no-color")
FLAGS = ("compact-warnings", "no-color", "refresh-only")


def refusal(arguments: Sequence[str]) -> str:
    """Why these may not come from who runs a template and does not edit it; "" if they may."""
    for argument in arguments:
        name, equals, _ = argument.lstrip("-").partition("=")
        if not argument.startswith("-") or name not in HARMLESS or not (equals or name in FLAGS):
            allowed = ", ".join(f"-{one}" for one in HARMLESS)
            return f"{argument} is not open to runs; allowed are {allowed}, each with =value"
    return ""


def of_apply(arguments: Sequence[str]) -> list[str]:
    """Those that say how a saved plan is applied; what it does is decided."""
    return list(_named(arguments, OF_APPLY))


def of_init(arguments: Sequence[str]) -> list[str]:
    return list(_named(arguments, OF_INIT))


def _named(arguments: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    for argument in arguments:
        if argument.startswith("-") and argument.lstrip("-").partition("=")[0] in names:
            yield argument
