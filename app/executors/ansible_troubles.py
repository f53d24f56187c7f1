"""What ansible-playbook says went wrong before its first task, in a sentence for the run's page."""

from collections.abc import Sequence

from app.executors.spec import Reporter

# In the words of ansible-core since 2.10, and of those before.
NO_HOST = ("leaves us with no hosts to target", "--limit does not match any hosts")


class Troubles:
    """Listens to the output from here on; `limit` is the one that the run was given."""

    def __init__(self, reporter: Reporter, limit: Sequence[str]) -> None:
        self._limit, self._has_no_host = limit, False
        reporter.on_line(self._take)

    def told(self) -> str:
        """What went wrong, "" if nothing that is known here."""
        if not self._has_no_host:
            return ""
        named = f" “{','.join(self._limit)}”" if self._limit else ""
        return f"The limit{named} matches no host of the inventory"

    def _take(self, _number: int, _time: int, text: str) -> None:
        self._has_no_host |= "ERROR" in text and any(words in text for words in NO_HOST)
