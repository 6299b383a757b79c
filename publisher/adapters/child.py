"""A process of our own that answers over pipes, started by its module's name and never forked: we have threads.

What goes between the two are pickles: nobody else can write there, and nothing is kept of them.
"""

import contextlib
import fcntl
import os
import pickle
import select
import subprocess
import sys
from collections.abc import Callable
from typing import Any

_PIPE = 1 << 20  # bytes: an answer of many messages goes over at once, where the system lets pipes be so large


class DiedError(Exception):
    """It gave no answer, and never will."""


class Child:
    """One process; one thread asks it. However we end, it ends when it next listens or answers; not by Ctrl-C."""

    def __init__(self, module: str) -> None:
        """Start it. Raises OSError where the system has no room for it."""
        # -P: the folder that the program is started in may hold a `markdown.py`
        command = (sys.executable, "-P", "-m", module)
        self._process = subprocess.Popen(  # noqa: S603  # ours
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        )
        if self._process.stdout is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):  # this user has too many such pipes
                fcntl.fcntl(self._process.stdout, fcntl.F_SETPIPE_SZ, _PIPE)
        self._ready = False

    @property
    def pid(self) -> int:
        """The number that the system knows it by."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def is_ready(self) -> bool:
        """Whether it can be asked by now; this does not wait. Raises DiedError."""
        if not self._ready and self._says_something():
            self.wait()
        return self._ready

    def wait(self) -> None:
        """Until it can be asked. Raises DiedError."""
        if not self._ready:
            self._answer()
            self._ready = True

    def ask(self, what: object) -> Any:
        """Its answer, as long as it takes: who has enough of it kills it. Raises DiedError."""
        assert self._process.stdin is not None
        question = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)  # all of it first: half of one could not be taken back
        try:
            self._process.stdin.write(question)
            self._process.stdin.flush()
        except OSError as error:
            raise DiedError from error
        return self._answer()

    def _says_something(self) -> bool:
        assert self._process.stdout is not None
        poll = select.poll()  # select() knows no numbers above 1023, and we may have as many connections
        poll.register(self._process.stdout, select.POLLIN)
        return bool(poll.poll(0))

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        try:
            return pickle.load(self._process.stdout)  # noqa: S301  # of our own process
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise DiedError from error

    def kill(self) -> None:
        """End it now, from any thread: whoever waits for its answer gets a DiedError."""
        self._process.kill()

    def end(self) -> None:
        """End it, and wait for that."""
        with contextlib.suppress(OSError):
            self.kill()
        with contextlib.suppress(OSError), self._process:  # what it was to be told may still stand before its pipe
            pass


def serve(answer: Callable[[Any], object]) -> None:
    """In the process: answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not stand among the answers
    said: object = None  # it is ready
    while True:
        words = pickle.dumps(said, pickle.HIGHEST_PROTOCOL)
        try:
            answers.write(words)
            answers.flush()
            asked = pickle.load(sys.stdin.buffer)  # noqa: S301  # of the process that started us
        except (BrokenPipeError, EOFError, pickle.UnpicklingError):
            # Whoever asked is gone, maybe in the middle of a question; what was not said yet is for nobody
            os._exit(0)
        said = answer(asked)
