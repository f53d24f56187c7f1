"""What terraform says went wrong, in a sentence for the run's page."""

import re

from app.executors.spec import Reporter, RunSpec

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Terragrunt puts the time, and the unit if there are several, before errors of its own.
_GRUNT = r"[\d:.]{8,20}\s+ERROR\s+(?:\[[^\]]{1,300}\]\s+)?"
_ERROR = re.compile(rf"^(?:{_GRUNT}|[\s│╷]*)Error: (.{{1,500}})")
# Of the http backend the ID in the message is the holder's, the one below it our own.
_LOCK_ID = re.compile(r"^[\s│]*ID:\s+(\S{1,100})|(?:^[\s│]*|locked: )ID=(\S{1,100})")
GENERAL = "Terraform encountered problems during init"  # what is wrong follows
LOCKED = "Error acquiring the state lock"
NO_VALUE = "No value for required variable"
_VARIABLE = re.compile(r'\bvariable "([^"]{1,200})"')
MOST_NAMED = 10  # variables
GIVE = "Give it in a group of variables, or let the template ask for it"
STALE = "Saved plan is stale"
TWO_BACKENDS = (
    "The configuration has two backends: if one is this server's, name its file "
    "backend_override.tf, or as the file that has the other one"
)
UNLOCK = "Where nobody is: terraform force-unlock {}"
UNLOCK_HERE = "Where nobody works any more: Unlock, on the tab State of workspace {}"
RELEASED = "The state was locked by somebody else{}, who has released it by now: run it again"
CUT_OFF = "It had begun to apply: plan again to see what is missing"
KILLED = (
    "It was killed while it applied: what it had begun may be half done, and the state may be "
    "locked. The next run names the lock, if there is one"
)
WORDS = {
    STALE: "The state has changed since the plan was made (“Saved plan is stale”): plan again",
    "Duplicate 'backend' configuration block": TWO_BACKENDS,
    "Duplicate backend configuration": TWO_BACKENDS,
    "Error releasing the state lock": "The state is still locked: the lock could not be released",
}


class Troubles:
    """Listens to the output from here on and keeps the first error."""

    def __init__(self, reporter: Reporter, spec: RunSpec) -> None:
        self._first = self._lock = ""
        self._variables: dict[str, None] = {}  # that lack a value, in their order
        self._reporter, self._spec = reporter, spec
        reporter.on_line(self._take)

    def told(self) -> str:
        """The first error so far, "" if there was none."""
        if self._first == LOCKED:
            by = f" (lock {self._lock})" if self._lock else ""
            if self._spec.state:
                return self._locked_here(by)
            unlock = UNLOCK.format(self._lock or "ID")
            return f"The state is locked by somebody else{by}; the log says by whom. {unlock}"
        if self._first == NO_VALUE and self._variables:
            names = ", ".join(f"“{name}”" for name in list(self._variables)[:MOST_NAMED])
            return f"{NO_VALUE} {names}. {GIVE}"
        return WORDS.get(self._first, self._first)

    def _locked_here(self, by: str) -> str:
        """The server knows who holds its own state; what the tool shows is the run's own lock."""
        holder, workspace = self._reporter.lock_holder(), self._spec.inventory
        if not holder:
            return RELEASED.format(by)
        unlock = UNLOCK_HERE.format(workspace.name if workspace else "")
        told = f"The state is locked by {holder}. {unlock}"
        self._reporter.line(told)
        return told

    def _take(self, _number: int, _time: int, text: str) -> None:
        if "Error: " in text and (not self._first or self._first.startswith(GENERAL)):
            found = _ERROR.match(_COLOURS.sub("", text))
            self._first = found[1].strip() if found else ""
        elif self._first == NO_VALUE:
            if found := _VARIABLE.search(_COLOURS.sub("", text)):
                self._variables[found[1]] = None
        elif self._first == LOCKED and not self._lock:
            found = _LOCK_ID.search(_COLOURS.sub("", text))
            self._lock = (found[1] or found[2]) if found else ""
