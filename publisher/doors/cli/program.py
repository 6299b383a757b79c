"""The program: runs a command, and says in one sentence what a person can mend."""

import os
import sys
from collections.abc import Sequence

from publisher.doors.cli.app import app
from publisher.errors import Exit, PublisherError


def run(words: Sequence[str] | None) -> None:
    """Run a command. What a person can mend is one sentence and an exit code; a bug keeps its traceback."""
    try:
        app(words)
    except PublisherError as error:
        sys.stderr.write("".join(f"publisher: {line}\n" for line in str(error).splitlines()))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # `publisher … | head` has seen enough; what is left to say must not be said at the end either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.OK)
