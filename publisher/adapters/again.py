"""A build that did nothing -> what the next one says, while every file that it was made of is as it was.

To load what a build needs takes twenty times as long as to see that there is nothing for it to do. So a build that did
nothing leaves what it said beside the database, with a list of all that it depended on. This module knows nothing of
posts, and loads nothing: whatever differs, in whatever way, the house decides.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

SUFFIX = ".again"
USUAL = (".publisher/publisher.db", "publisher.db")  # beside the settings; a database elsewhere is asked itself

_FORM = "1"  # of the file; another program's is not read
_STEP = 2_000_000_000  # nanoseconds: FAT's clock, the coarsest, has such steps, and hides a second change within one

Look = tuple[str, int]
"""A name for how a place is, and when it last changed, in nanoseconds."""

_NONE: Look = ("-", 0)


def said(words: Sequence[str], environ: Mapping[str, str], *, now: float) -> str | None:
    """What the last build of these words said, None where it cannot be said again unseen. `now`: since 1970."""
    folder = os.path.dirname(_settings(words, environ))
    for name in USUAL:
        try:
            with open(os.path.join(folder, name + SUFFIX), encoding="utf-8", errors="surrogateescape") as file:
                lines = file.read().split("\n")
            until, count = float(lines[1]), int(lines[2])
        except (OSError, ValueError, IndexError):
            continue
        if lines[0] == key(words, environ) and now < until and _hold(lines[3 : 3 + count]):
            return "\n".join(lines[3 + count :])
    return None


def key(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """Names the command: its words, where it was started, by which interpreter, with which variables of ours."""
    ours = [f"{name}={value}" for name, value in sorted(environ.items()) if name.startswith("PUBLISHER_")]
    parts = (_FORM, sys.version, sys.executable, os.getcwd(), *sys.path, "", *words, "", *ours)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


class Evidence:
    """How files are at one moment. Take it before they are read: what changes meanwhile is then seen the next time."""

    def __init__(
        self, *, database: str, files: Iterable[str], trees: Iterable[tuple[str, Sequence[str]]], now: float
    ) -> None:
        """`trees` are folders with the endings of the files in them that count."""
        places = [f"file:{path}" for path in files]
        places += [f"{','.join(endings)}:{folder}" for folder, endings in trees]
        looks = [(place, *_look(place)) for place in places]
        settled = int(now * 1e9) - _STEP
        self._database = database
        self._certain = all(newest < settled and "\n" not in place for place, _, newest in looks)
        self._lines = [f"{signature} {place}" for place, signature, _ in looks]

    def keep(self, command: str, text: str, *, until: float | None) -> None:
        """Say *text* again where *command* (a key) comes again, before *until*. A full disk costs only time."""
        if not self._certain:
            return  # what changed just now may change once more, and look the same
        head = (command, str(until or float("inf")), str(len(self._lines)))
        beside = f"{self._database}{SUFFIX}.{os.getpid()}.new"
        try:
            with open(beside, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write("\n".join((*head, *self._lines, text)))
            os.replace(beside, self._database + SUFFIX)
        except OSError:
            return


def _settings(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """The file of settings, as far as that is plain. Where it is not, nothing is found there that has the same key."""
    for at, word in enumerate(words):
        name, _, value = word.partition("=")
        if name == "--config" and value:
            return value
        if word in {"-c", "--config"} and at + 1 < len(words):
            return words[at + 1]
    return environ.get("PUBLISHER_CONFIG", "")


def _hold(lines: Sequence[str]) -> bool:
    for line in lines:
        signature, _, place = line.partition(" ")
        if _look(place)[0] != signature:
            return False
    return True


def _look(place: str) -> Look:
    kind, _, path = place.partition(":")
    if kind == "file":
        return _file(path)
    named = hashlib.sha256()
    newest = 0
    for name, (signature, changed) in _files(path, tuple(kind.split(",")), frozenset()):
        named.update(f"{name}\0{signature}\n".encode("utf-8", "surrogateescape"))
        newest = max(newest, changed)
    return named.hexdigest(), newest


def _file(path: str) -> Look:
    """An empty one counts as none: SQLite's log is so while nobody writes."""
    try:
        found = os.stat(path)
    except OSError:
        return _NONE
    return _signature(found) if found.st_size else _NONE


def _signature(found: os.stat_result) -> Look:
    return f"{found.st_mode:o}.{found.st_size}.{found.st_mtime_ns}.{found.st_ino}", found.st_mtime_ns


def _files(folder: str, endings: tuple[str, ...], above: frozenset[tuple[int, int]]) -> Iterator[tuple[str, Look]]:
    """Files of these endings in a folder and below, always in the same order; hidden ones do not count."""
    try:
        here = os.stat(folder)
        items = sorted(os.scandir(folder), key=lambda item: item.name)
    except OSError:
        yield folder, _NONE
        return
    if (here.st_dev, here.st_ino) in above:
        return  # a link that leads back up
    above |= {(here.st_dev, here.st_ino)}
    for item in items:
        if item.name.startswith("."):
            continue
        try:
            if item.is_dir():
                yield from _files(item.path, endings, above)
            elif item.name.lower().endswith(endings):
                yield item.path, _signature(item.stat())
        except OSError:
            yield item.path, _NONE
