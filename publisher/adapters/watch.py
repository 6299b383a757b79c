"""Folders -> when to look at them again: every so often, sooner when something was saved, never amid a save."""

import os
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

AT_MOST = 30.0  # seconds that one change may go on: a file that never rests must not keep the others waiting
_STEP = 100  # ms between two looks at what the system told
_ANEW = 10.0  # seconds after which a folder that was put in another's place is noticed
_MOUNTS = Path("/proc/self/mountinfo")
_REMOTE = re.compile(r"nfs4?|cifs|smb\w*|9p|afs|ceph|glusterfs|lustre|virtiofs|vboxsf|prl_fs|fuse\..*")
_ESCAPED = re.compile(r"\\([0-7]{3})")  # proc(5): blanks in names


class Saves:
    """What was saved since the last look. A save in pieces, a pull, a sync tool at work: each is one change.

    `settle`: seconds without another save that end it. `at_most`: seconds after which it is looked at all the same.
    `clock`: seconds, by a clock that nobody can set.
    """

    def __init__(self, settle: float, *, at_most: float = AT_MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._settle = settle
        self._at_most = max(at_most, settle)
        self._clock = clock
        self._condition = threading.Condition()
        self._first: float | None = None
        self._last = 0.0
        self._ended = False

    def saw(self) -> None:
        """Something was saved just now."""
        with self._condition:
            self._last = self._clock()
            self._first = self._last if self._first is None else self._first
            self._condition.notify_all()

    def end(self) -> None:
        """Nobody shall wait any longer."""
        with self._condition:
            self._ended = True
            self._condition.notify_all()

    def wait(self, seconds: float) -> bool:
        """Until so many seconds are over, or what was saved has settled, whichever comes first; but never amid a save.

        Whether something was saved.
        """
        with self._condition:
            until = self._clock() + seconds
            while not self._ended and (left := self.due(until) - self._clock()) > 0:
                self._condition.wait(left)
            saved = self._first is not None
            self._first = None
        return saved

    def due(self, until: float) -> float:
        """When to look, if nothing else is saved; *until* where nothing was."""
        if self._first is None:
            return until
        return min(self._last + self._settle, self._first + self._at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Folders with all in them, but for what is hidden, and for what this program writes there itself.

    `ours`: files and folders; `database`: with the files beside it that have its name. All paths are absolute.
    """

    folders: tuple[Path, ...]
    ours: tuple[Path, ...] = ()
    database: Path | None = None

    def counts(self, change: Change, path: str) -> bool:
        """Whether a change at *path* may be one of a post or template."""
        where = Path(path)
        above = next((folder for folder in self.folders if where.is_relative_to(folder)), None)
        if above is None or any(part.startswith(".") for part in where.relative_to(above).parts):
            return False
        if self.database is not None and where.parent == self.database.parent:
            return not where.name.startswith(self.database.name)
        return not any(where.is_relative_to(one) for one in self.ours) and _EDITORS(change, path)


_EDITORS = DefaultFilter()  # files of editors, folders of libraries


def follow(
    what: Followed, saves: Saves, stop: threading.Event, *, failed: Callable[[str], None], anew: float = _ANEW
) -> None:
    """Tell *saves* of what is saved, until *stop* is set; *failed*, with a reason, where that cannot be done any more.

    A folder that is not there, or is put in another's place, is followed `anew` seconds later.
    """
    while not stop.is_set():
        known = _identities(what.folders)
        there = [folder for folder in what.folders if folder.is_dir()]
        if not there:
            stop.wait(anew)
            continue
        try:
            _follow(there, what, known, saves, stop, anew)
        except FileNotFoundError:
            continue  # gone just now
        except (OSError, RuntimeError) as error:  # no room for more watches; a disk that cannot be watched
            failed(str(error))
            return


def _follow(
    there: Sequence[Path], what: Followed, known: Sequence[object], saves: Saves, stop: threading.Event, anew: float
) -> None:
    for changes in watch(
        *there,
        watch_filter=what.counts,
        debounce=_STEP,
        step=_STEP,
        stop_event=stop,
        rust_timeout=int(anew * 1000),
        yield_on_timeout=True,
        raise_interrupt=False,
        ignore_permission_denied=True,
    ):
        if changes:
            saves.saw()
        if _identities(what.folders) != known:
            saves.saw()
            return


def _identities(folders: Sequence[Path]) -> Sequence[object]:
    return [(found.st_dev, found.st_ino) if (found := _stat(folder)) else None for folder in folders]


def _stat(folder: Path) -> os.stat_result | None:
    try:
        return folder.stat()
    except OSError:
        return None


def remote_kind(folder: Path, mounts: str | None = None) -> str | None:
    """The file system's name, where others may change a folder and the system here is not told: nfs4, cifs, fuse.sshfs.

    None where it is on a disk of this machine, or nobody knows. *mounts*: as in /proc/self/mountinfo.
    """
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text("utf-8", errors="surrogateescape")
        except OSError:
            return None
    where, found, depth = folder.resolve(), None, -1
    for line in mounts.splitlines():
        fields, _, more = line.partition(" - ")
        point = Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields.split(" ")[4]))
        if where.is_relative_to(point) and len(point.parts) >= depth:  # a later mount covers an earlier one
            found, depth = more.split(" ")[0], len(point.parts)
    return found if found is not None and _REMOTE.fullmatch(found) else None
