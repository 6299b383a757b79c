"""A file, a folder, a ZIP archive or standard input -> the lists of readers in it."""

import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from publisher.errors import ConfigError
from publisher.steps.imports import Source

SIZE = 2 << 30  # bytes of a list: some twenty million readers
FILES = 100  # lists in a folder or an archive
MEMBERS = 100_000  # files in an archive, whatever they are
RATIO = 200  # bytes out of one byte of an archive; lists of people have 5 to 20
_SMALL = 1 << 20  # bytes below which the ratio is nobody's harm
_MEMORY = 8 << 20  # bytes of standard input before it goes to a file
_PIECE = 1 << 20

# Who opened what, and when: in Substack's archives. It is nobody's business, and is not read, not even its heading.
_SPYING = frozenset({"opens", "delivers"})
_POSTS = frozenset({"posts", "posts.csv"})
# What ends mail comes first: who is on both has left
_ENDING = ("unsubscribed", "cleaned", "bounced", "complained", "blocked", "left")


def sources(place: str) -> list[Source]:
    """The lists in a place. Raises ConfigError where there are none, or too much of anything."""
    if place == "-":
        return [_standard_input()]
    path = Path(place)
    try:
        if path.is_dir():
            return _chosen(place, [(file.name, file) for file in sorted(path.rglob("*")) if file.is_file()])
        if zipfile.is_zipfile(path):
            return _archive(path)
        if path.stat().st_size > SIZE:
            raise ConfigError(_large(place))
        path.open("rb").close()
    except OSError as error:
        raise ConfigError(f"{place}: cannot be read: {error.strerror or error}") from error
    return [Source(name=path.name, open=partial(_file, path))]


def wanted(name: str) -> bool:
    """Whether a file of a folder or an archive may be a list of readers, by its name alone."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part.lower() for part in path.parts]
    if not parts or path.suffix.lower() != ".csv" or any(part.startswith((".", "__macosx")) for part in parts):
        return False
    words = set(parts[-1].split(".")[:-1])
    return _POSTS.isdisjoint(parts) and _SPYING.isdisjoint(words)


def _chosen(place: str, files: list[tuple[str, Path]]) -> list[Source]:
    root = Path(place)
    found = [(name, path) for name, path in files if wanted(path.relative_to(root).as_posix())]
    if any(path.stat().st_size > SIZE for _, path in found):
        raise ConfigError(_large(place))
    return _ordered(place, [Source(name=name, open=partial(_file, path)) for name, path in found])


def _archive(path: Path) -> list[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ConfigError(f"{path}: is a damaged archive: {error}") from error
    if len(members) > MEMBERS:
        raise ConfigError(f"{path}: has {len(members)} files; unpack it, and name the list itself")
    found = [one for one in members if not one.is_dir() and wanted(one.filename)]
    for one in found:
        if one.flag_bits & 1:
            raise ConfigError(f"{path}: {one.filename!r} is encrypted; unpack it, and name the list itself")
        if one.file_size > max(_SMALL, RATIO * one.compress_size) or one.file_size > SIZE:
            raise ConfigError(f"{path}: {one.filename!r} would unpack to {one.file_size} bytes; no list is that large")
    if sum(one.file_size for one in found) > SIZE:
        raise ConfigError(_large(str(path)))
    return _ordered(
        str(path), [Source(name=_last(one.filename), open=partial(_member, path, one.filename)) for one in found]
    )


def _ordered(place: str, found: list[Source]) -> list[Source]:
    if not found:
        raise ConfigError(f"{place}: there is no list of readers in it: no CSV file, but for posts and who opened them")
    if len(found) > FILES:
        raise ConfigError(f"{place}: has {len(found)} CSV files; name the one with the readers")
    return sorted(found, key=lambda one: (not one.name.lower().startswith(_ENDING), one.name))


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    with path.open("rb") as file:
        yield file


@contextmanager
def _member(path: Path, name: str) -> Iterator[BinaryIO]:
    """A file of an archive, read where it is: nothing is unpacked, so its name can lead nowhere."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as file:
            yield file  # type: ignore[misc]  # binary, and read only
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise ConfigError(f"{path}: {name!r} is damaged: {error}") from error


def _standard_input() -> Source:
    file = tempfile.SpooledTemporaryFile(max_size=_MEMORY)  # noqa: SIM115  # it lives as long as its source
    size = 0
    while piece := sys.stdin.buffer.read(_PIECE):
        size += len(piece)
        if size > SIZE:
            raise ConfigError(_large("standard input"))
        file.write(piece)

    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        file.seek(0)
        yield file  # type: ignore[misc]  # binary, by its mode

    return Source(name="-", open=opened)


def _last(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _large(place: str) -> str:
    return f"{place}: is larger than {SIZE >> 30} GiB; import it in parts"
