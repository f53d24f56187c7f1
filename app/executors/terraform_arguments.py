"""Arguments of terraform by step: which each of them gets, and which a run may add."""

from collections.abc import Iterator, Sequence

from app.executors.spec import RunSpec

# What narrows or words a plan. All else names files, turns the plan around, or leaves the lock.
HARMLESS = (
    "compact-warnings", "lock-timeout", "no-color", "parallelism", "refresh", "refresh-only",
    "replace", "target", "var",
)  # fmt: skip
# What of the arguments that are for no step in particular these get as well; a saved plan takes
# no other ones: what it does is decided.
SHARED = {
    "init": ("lock", "lock-timeout", "no-color"),
    "apply": ("compact-warnings", "lock", "lock-timeout", "no-color", "parallelism"),
}
FLAGS = ("compact-warnings", "no-color", "refresh-only")


def refusal(arguments: Sequence[str], step: str = "") -> str:
    """Why these may not come from who runs a template and does not edit it; "" if they may."""
    shared = SHARED.get(step, HARMLESS)
    names = [name for name in HARMLESS if name in shared]
    for argument in arguments:
        name, equals, _ = argument.lstrip("-").partition("=")
        if not argument.startswith("-") or name not in names or not (equals or name in FLAGS):
            allowed = ", ".join(f"-{one}" for one in names)
            where = f" of {step}" if step in SHARED else ""
            return f"{argument} is not open to runs{where}; allowed are {allowed}, each with =value"
    return ""


def of_step(spec: RunSpec, step: str) -> list[str]:
    """What init, plan or apply gets: parameters of the template, its arguments, then the run's."""
    found = list(_of_parameters(spec, step))
    for arguments, steps in (
        (spec.arguments, spec.steps),
        (spec.task_arguments, spec.task_steps),
    ):
        found += steps[step] if step in steps else _shared(arguments, step)
    return found


def _of_parameters(spec: RunSpec, step: str) -> Iterator[str]:
    if value := spec.params.get("lock_timeout"):
        yield f"-lock-timeout={value}"
    if step != "init" and (value := spec.params.get("parallelism")):
        yield f"-parallelism={value}"


def _shared(arguments: Sequence[str], step: str) -> Iterator[str]:
    names = SHARED.get(step)
    for argument in arguments:
        if names is None or (
            argument.startswith("-") and argument.lstrip("-").partition("=")[0] in names
        ):
            yield argument
