"""What pip says went wrong, in a sentence for the run's page."""

import re

from app.executors.spec import Reporter

# The first of these that is said is the cause; what follows only repeats it.
CAUSES = (
    (re.compile(r"ERROR: No matching distribution found for (.{1,200})"),
     "there is no package {} for this Python"),
    (re.compile(r"ERROR: Failed building wheel for (\S{1,100})"), "{} could not be built"),
    (re.compile(r"ERROR: Failed to build installable wheels .*\((.{1,200})\)"),
     "{} could not be built"),
    (re.compile(r"ERROR: Failed to build '?([\w.-]{1,100})"), "{} could not be built"),
    (re.compile(r"╰─> (\S{1,100})$"), "{} could not be built"),
    (re.compile(r"ERROR: (Cannot install .{1,300}) because these"),
     "{}: their versions exclude each other"),
    (re.compile(r"ERROR: Invalid requirement: (.{1,200})"), "{} is no requirement"),
    (re.compile(r"(No module named ensurepip)"), "{}: install python3-venv"),
    (re.compile(r"ensurepip is not (available)"), "install python3-venv"),
)  # fmt: skip
# Older ones do not name a package that cannot even be looked at: it is the last that was taken up.
_TAKEN_UP = re.compile(r"^(?:Collecting|Processing) (?:\S*/)?(\S{1,100})")
_FAILED = "metadata-generation-failed"
_ANY = re.compile(r"(?:ERROR|Error): (.{1,300})")
_UNREACHABLE = "Failed to establish a new connection"
SEE = "the log says why"


class Troubles:
    """Listens to the output from here on and keeps the first cause, else the last error."""

    def __init__(self, reporter: Reporter) -> None:
        self._cause = self._last = self._taken_up = ""
        self._is_unreachable = False
        reporter.on_line(self._take)

    def told(self) -> str:
        """What went wrong so far."""
        found = self._cause or self._last or SEE
        return f"{found} (the package index could not be reached)" * self._is_unreachable or found

    def _take(self, _number: int, _time: int, text: str) -> None:
        self._is_unreachable |= _UNREACHABLE in text
        if self._cause:
            return
        if found := _TAKEN_UP.match(text):
            self._taken_up = found[1]
        elif _FAILED in text and self._taken_up:
            self._cause = f"{self._taken_up} could not be built"
        for pattern, words in CAUSES:
            if found := pattern.search(text):
                self._cause = words.format(found[1].strip())
                return
        if found := _ANY.search(text):
            self._last = found[1].strip()
