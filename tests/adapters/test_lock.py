"""The lock that proves its holder alive."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.adapters.lock import sole

HOLD = """
import sys
from pathlib import Path
from publisher.adapters.lock import sole
with sole(Path(sys.argv[1])) as ours:
    print(ours, flush=True)
    sys.stdin.read()
"""


def test_one_holds_it_and_others_hear_so_at_once(tmp_path: Path) -> None:
    path = tmp_path / "publisher.db.lock"
    with sole(path) as ours, sole(path) as another:
        assert (ours, another) == (True, False)
    with sole(path) as again:
        assert again


def test_no_file_is_no_lock() -> None:
    with sole(None) as ours, sole(None) as another:
        assert (ours, another) == (True, True)


def test_a_holder_that_is_killed_holds_it_no_more(tmp_path: Path) -> None:
    path = tmp_path / "publisher.db.lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        with sole(path) as ours:
            assert not ours
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
    with sole(path) as ours:
        assert ours


def test_it_is_let_go_of_when_the_work_fails(tmp_path: Path) -> None:
    path = tmp_path / "publisher.db.lock"
    with pytest.raises(ZeroDivisionError), sole(path):
        _ = 1 / 0
    with sole(path) as ours:
        assert ours
