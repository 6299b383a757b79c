"""Programs that are not ours: there, or a reason to skip."""

import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

PATIENCE = 60.0  # seconds until a server must be up: a machine may have other work to do


def missing(reason: str) -> NoReturn:
    """A peer that is not there: a skip on a laptop, a failure where peers are promised."""
    if os.environ.get("PUBLISHER_REQUIRE_PEERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def wait_until(up: Callable[[], bool], program: "subprocess.Popen[bytes]", said: Callable[[], str]) -> None:
    """Until a server that was started can be asked; a failure with its words where it ends, or takes too long."""
    until = time.monotonic() + PATIENCE
    while not up():
        if program.poll() is not None or time.monotonic() > until:
            pytest.fail(f"{program.args!r} did not start: {said() or 'it says nothing'}")
        time.sleep(0.02)  # another program works: it tells nobody when it is ready


def listens(path: Path) -> bool:
    """Whether somebody takes connections on a socket in the file system."""
    with socket.socket(socket.AF_UNIX) as trial:
        return trial.connect_ex(str(path)) == 0
