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
