"""The files that the last build wrote -> their bytes, tags and times, kept in memory while they stay as they are."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from publisher.adapters.folder import RECORD, plain_of, recorded_files
from publisher.feeds.codings import CODINGS, IDENTITY

_IN_MEMORY = 32_000_000  # bytes of files; the tags of all of them stay

Signature = tuple[int, int, int]
"""Size, time and inode: where they are the same, the bytes are. Each build puts another file in its place."""


class File(NamedTuple):
    """A file as it is on disk."""

    place: Path
    signature: Signature

    @property
    def modified(self) -> int:
        """Seconds since 1970."""
        return self.signature[1] // 1_000_000_000


class Label(NamedTuple):
    """What is known of a file's bytes without having them: a strong entity tag (RFC 9110 8.8.3), and how many."""

    etag: str
    size: int


class Shelf:
    """The output folder, to be served from. Any thread may ask.

    Only what the last build put on record is there: no other file in that folder, nothing hidden, nothing outside it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._record: Signature | None = None
        self._paths: frozenset[str] = frozenset()
        self._labels: dict[Path, tuple[Signature, Label]] = {}
        self._bodies: OrderedDict[Path, tuple[Signature, bytes]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def files(self, path: str) -> Mapping[str, File]:
        """The codings in which a file is there; nothing where it is none of ours.

        A compressed one that is stale is left out: while a build writes, or when somebody edited the plain one.
        """
        paths = self._recorded()
        if path not in paths or plain_of(path) in paths:  # what is compressed has no address of its own
            return {}
        plain = _look(self._folder / path)
        if plain is None:
            return {}
        found = {IDENTITY: plain}
        for coding in CODINGS:
            if path + coding.suffix in paths:
                beside = _look(self._folder / (path + coding.suffix))
                if beside is not None and beside.signature[1] == plain.signature[1]:
                    found[coding.name] = beside
        return found

    def label(self, file: File) -> Label | None:
        """What is known of it; None where it must be read first."""
        signature, label = self._labels.get(file.place, (None, None))
        return label if signature == file.signature else None

    def body(self, file: File) -> bytes | None:
        """Its bytes, None where they must be read."""
        with self._lock:
            signature, body = self._bodies.get(file.place, (None, None))
            if signature != file.signature:
                return None
            self._bodies.move_to_end(file.place)
            return body

    def read(self, file: File) -> tuple[Label, bytes]:
        """Read it, and keep it. May block. Raises OSError where it is gone."""
        with file.place.open("rb") as opened:
            signature = _signature(os.fstat(opened.fileno()))  # of what is read: another may be in its place by now
            body = opened.read()
        label = Label(f'"{hashlib.sha256(body).hexdigest()[:32]}"', len(body))
        with self._lock:
            self._labels[file.place] = signature, label
            self._drop(file.place)
            self._bodies[file.place] = signature, body
            self._size += len(body)
            while self._size > _IN_MEMORY:
                self._drop(next(iter(self._bodies)))
        return label, body

    def _drop(self, place: Path) -> None:
        _, body = self._bodies.pop(place, (None, b""))
        self._size -= len(body)

    def _recorded(self) -> frozenset[str]:
        """What is on record; read again when that file is another one."""
        record = _look(self._folder / RECORD)
        signature = record.signature if record else None
        if signature != self._record:
            with self._lock:
                self._paths = frozenset(path for path in recorded_files(self._folder) if _is_public(path))
                self._labels = {}  # of files that may be no more
                self._record = signature
        return self._paths


def _is_public(path: str) -> bool:
    return not any(part.startswith(".") for part in path.split("/"))


def _look(place: Path) -> File | None:
    try:
        return File(place, _signature(place.stat()))
    except (OSError, ValueError):  # no such file; a name that no disk takes
        return None


def _signature(found: os.stat_result) -> Signature:
    return found.st_size, found.st_mtime_ns, found.st_ino
