"""A file lock that proves a process is alive: the kernel lets go of it when its holder dies, however it dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def sole(path: Path | None) -> Iterator[bool]:
    """True inside where the lock is ours; it does not wait. None: there is nothing to lock."""
    if path is None:
        yield True
        return
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


_LOCKS = Path("/proc/locks")


def holder(path: Path) -> int | None:
    """The process that holds the lock; 0 where somebody does and the system does not say who, None where nobody does.

    Where the system lists its locks, nothing is locked for the question: a sender that starts at that very moment
    would be told that another is at work.
    """
    if not path.exists():
        return None
    try:
        lines = _LOCKS.read_text(encoding="ascii").splitlines()
    except OSError:
        with sole(path) as free:
            return None if free else 0
    return _holder(lines, path.stat().st_ino)


def _holder(lines: list[str], inode: int) -> int | None:
    """`1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`: by inode alone, for some file systems name devices anew."""
    for line in lines:
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK" and words[5].rpartition(":")[2] == str(inode):
            return max(int(words[4]), 0)
    return None
