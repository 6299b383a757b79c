"""The lock that proves its holder alive."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.adapters.lock import _holder, holder, sole

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
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        assert holder(path) in {process.pid, 0}, "and who looks hears who"
        with sole(path) as ours:
            assert not ours
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert holder(path) is None
    with sole(path) as ours:
        assert ours


def test_it_is_let_go_of_when_the_work_fails(tmp_path: Path) -> None:
    path = tmp_path / "publisher.db.lock"
    with pytest.raises(ZeroDivisionError), sole(path):
        _ = 1 / 0
    with sole(path) as ours:
        assert ours


def test_who_looks_holds_up_nobody(tmp_path: Path) -> None:
    path = tmp_path / "publisher.db.lock"
    assert holder(path) is None
    assert not path.exists(), "a look makes no file"
    with sole(path):
        assert holder(path) is not None
    assert holder(path) is None


@pytest.mark.parametrize(
    ("line", "pid"),
    [
        ("1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF", 1234),
        ("1: FLOCK  ADVISORY  WRITE -1 fe:00:5678 0 EOF", 0),  # of another name space
        ("1: FLOCK  ADVISORY  WRITE 1234 fe:00:56789 0 EOF", None),
        ("1: POSIX  ADVISORY  WRITE 1234 fe:00:5678 0 EOF", None),  # SQLite's own
        ("1: -> FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF", None),  # one that waits
        ("", None),
    ],
)
def test_the_systems_list_of_locks(line: str, pid: int | None) -> None:
    assert _holder([line], 5678) == pid
