"""The program's beginning: what can be said again is said, and for anything else the program is loaded."""

import os
import sys
import time
from collections.abc import Sequence

from publisher.adapters import again


def main(words: Sequence[str] | None = None) -> None:
    """Run a command. `words` are the command's; None: those that the program was started with."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 is no reason to die
    said = again.said(sys.argv[1:], os.environ, now=time.time()) if words is None else None
    if said is not None:
        sys.stdout.write(said)
        return
    from publisher.doors.cli.program import run  # noqa: PLC0415  # slow to load: see adapters.again

    run(words)
