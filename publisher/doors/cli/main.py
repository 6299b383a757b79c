"""The program: runs a command, and says in one sentence what a person can mend."""

import contextlib
import sys
from collections.abc import Sequence

from publisher.doors.cli.app import app
from publisher.errors import Exit, PublisherError


def main(words: Sequence[str] | None = None) -> None:
    """Run a command. What a person can mend is one sentence and an exit code; a bug keeps its traceback.

    `words` are the command's; None: those that the program was started with.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without UTF-8 is no reason to die
    try:
        app(words)
    except PublisherError as error:
        sys.stderr.write("".join(f"publisher: {line}\n" for line in str(error).splitlines()))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(Exit.OK)  # `publisher … | head` has seen enough
