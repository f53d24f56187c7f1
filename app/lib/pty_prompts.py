"""Type secrets where a program asks for them: on a pseudo-terminal, and nowhere else.

    program ── slave ═ master ── Terminal (a thread) ── known prompt: the secret
                                                     └─ anything else: lines, for the log

A program that gives up its standard output for a log still asks at /dev/tty, its terminal.
"""

import os
import select
import termios
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Self

from app.lib.escapes import without_escapes
from app.lib.prompt_reader import PromptReader

ATTEMPTS = 3  # answers to one prompt; whoever asks again does not believe the secret
PATIENCE = 30.0  # seconds after which an unfinished line is a question that nobody answers
LONGEST_SECRET = 4095  # bytes of a line that a terminal takes
LONGEST_SHOWN = 200  # characters of a question in a reason
UNANSWERED = "It asks for “{}” and nobody can answer"
NOT_BELIEVED = "It asks for “{}” again and again: the secret it was given is wrong"
NOT_READ = "It asks for “{}” and does not read the answer"
_TRANSLATIONS = termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.IXON


class NoTerminal(Exception):
    """The machine has no pseudo-terminal to give; the text says why."""


class Terminal:
    """A terminal for one command, from before its start until after its end (context manager).

    `slave` goes to Guardian.start. `answers` are the beginnings of prompts, and what is typed
    there. `on_text` is called with each line that is no known prompt, `on_unanswered` with the
    text of a question that nobody has answered for `patience` seconds (default: hang up). Both
    are called in a thread of the terminal's own, and must not close it.

    When it hangs up, the command gets SIGHUP and the end of its input; `reason` tells a person why
    it, or the unanswered question, had to end the command. Raises NoTerminal when it is entered.
    """

    def __init__(
        self,
        answers: Sequence[tuple[bytes | str, bytes | str]],
        *,
        on_text: Callable[[str], object],
        on_unanswered: Callable[[str], object] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """Raises ValueError for a secret that cannot be typed: several lines, or 4 KB."""
        self._answers = {_bytes(prompt): _typed(secret) for prompt, secret in answers}
        self._reader = PromptReader(list(self._answers))
        self._on_text, self._on_unanswered, self._patience = on_text, on_unanswered, patience
        self._asked: Counter[bytes] = Counter()
        self._last_output = 0.0  # on the monotonic clock
        self._hangs_up = False
        self.reason: str | None = None
        self.slave = -1

    def __enter__(self) -> Self:
        try:
            self._master, self.slave = os.openpty()
        except OSError as error:
            raise NoTerminal(f"There is no terminal for passwords: {error.strerror}") from error
        _make_plain(self.slave)
        os.set_blocking(self._master, False)
        self._closing, self._close_now = os.pipe()
        self._thread = threading.Thread(target=self._attend, name="terminal", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take in what the command has written last; `on_text` is not called any more then."""
        os.close(self._close_now)
        self._thread.join()
        os.close(self._closing)
        os.close(self.slave)
        self._answers.clear()

    def _attend(self) -> None:
        try:
            while not self._wait() and self._take_in() and self._is_patient():
                pass
            if not self._hangs_up:
                self._take_in()
            self._tell(self._reader.take_unfinished())
        finally:
            os.close(self._master)  # hangs up, if the command still runs

    def _wait(self) -> bool:
        """Wait for output, or for the end of the patience; returns whether it is to be closed."""
        poll = select.poll()
        poll.register(self._closing, select.POLLIN)
        poll.register(self._master, select.POLLIN)
        left = None
        if self._reader.unfinished:
            left = max(0.0, self._last_output + self._patience - time.monotonic()) * 1000
        return any(handle == self._closing for handle, _ in poll.poll(left))

    def _take_in(self) -> bool:
        """Read what is there and react to it; False when the conversation is over."""
        while data := self._read():
            self._reader.feed(data)
            self._last_output = time.monotonic()
            while (found := self._reader.next()) is not None:
                if isinstance(found, bytes):
                    self._tell(found)
                elif not self._answer(found.beginning):
                    return False
        return data is None

    def _is_patient(self) -> bool:
        """See to a question that has waited too long; False when the conversation is over."""
        late = time.monotonic() >= self._last_output + self._patience
        if not late or not self._reader.unfinished:
            return True
        question = self._reader.take_unfinished()
        self._tell(question)
        text = _shown(question)
        if self._on_unanswered:
            self.reason = UNANSWERED.format(text)
            self._on_unanswered(text)
            return True
        return self._hang_up(UNANSWERED, question)

    def _read(self) -> bytes | None:
        """Return output; None if there is none now, and nothing when the other side has ended."""
        try:
            return os.read(self._master, 4096)
        except BlockingIOError:
            return None
        except OSError:  # what Linux says at the end of a pseudo-terminal
            return b""

    def _answer(self, prompt: bytes) -> bool:
        self._asked[prompt] += 1
        if self._asked[prompt] > ATTEMPTS:
            return self._hang_up(NOT_BELIEVED, prompt)
        return self._type(self._answers[prompt]) or self._hang_up(NOT_READ, prompt)

    def _type(self, secret: bytes) -> bool:
        """Whether the terminal has taken it: it does not when nobody reads for long."""
        try:
            _make_plain(self._master)  # the program may have turned the echo on
            return os.write(self._master, secret) == len(secret)
        except (OSError, termios.error):
            return False

    def _hang_up(self, reason: str, prompt: bytes) -> bool:
        self.reason, self._hangs_up = reason.format(_shown(prompt)), True
        return False

    def _tell(self, line: bytes) -> None:
        if line.strip():
            self._on_text(line.decode(errors="replace"))


def _make_plain(handle: int) -> None:
    """No echo, and no character but the newline means anything to the terminal."""
    iflag, oflag, cflag, lflag, ispeed, ospeed, chars = termios.tcgetattr(handle)
    lflag &= ~(termios.ECHO | termios.ECHONL | termios.ISIG | termios.IEXTEN)
    kept = (termios.VMIN, termios.VTIME)
    chars = [char if number in kept else b"\0" for number, char in enumerate(chars)]
    plain = [iflag & ~_TRANSLATIONS, oflag, cflag, lflag, ispeed, ospeed, chars]
    termios.tcsetattr(handle, termios.TCSANOW, plain)


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode(errors="surrogateescape")


def _typed(secret: bytes | str) -> bytes:
    line = _bytes(secret)
    if b"\n" in line or len(line) > LONGEST_SECRET:
        raise ValueError("A secret that is typed must be one line of at most 4095 bytes")
    return line + b"\n"


def _shown(text: bytes) -> str:
    """The end of a question, fit to stand in a sentence."""
    plain = without_escapes(text).decode(errors="replace")
    return "".join(c for c in plain if c.isprintable())[-LONGEST_SHOWN:].strip()
