"""Folders on disk: posts read, output written atomically."""

import contextlib
import errno
import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from publisher.errors import ConfigError, OutputError, PostError
from publisher.feeds.archives import is_archived
from publisher.feeds.codings import CODINGS, Coding, says
from publisher.ports import SourceFile
from publisher.posts.filename import looks_like_post, parts_of_others, resembles_post
from publisher.posts.globs import path_test

T = TypeVar("T")

RECORD = ".publisher-files.json"  # what the last build wrote, so that the next may remove what is no longer made

_FOR_THE_HOST = "_"  # `_redirects`, `_headers`: hosts read them, and serve them to nobody

_FULL = "; make room, then run again"
_FILE = "; a file stands where a folder should: move it away, or name another folder in output.folder"
_MEND = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: "; let this user write there, or name another folder in output.folder",
    errno.EROFS: "; the disk is mounted read-only: mount it anew, or name another folder in output.folder",
    errno.ENOTDIR: _FILE,
    errno.EEXIST: _FILE,
}


class PostsFolder:
    """`ports.Posts` in a folder and all folders below it; hidden ones are not looked into.

    `include` and `exclude` are patterns (posts.globs); without `include` everything counts. `bundles`: what lies
    beside and below `x/index.md` is no post of its own.
    """

    def __init__(
        self, folder: Path, *, include: Sequence[str] = (), exclude: Sequence[str] = (), bundles: bool = False
    ) -> None:
        self._folder = folder
        self._bundles = bundles
        self._included = path_test(include) if include else None
        self._excluded = path_test(exclude) if exclude else None

    def scan(self) -> Sequence[SourceFile]:
        """Every file that may be a post, sorted by path. Raises ConfigError where the folder cannot be read."""
        found = self._all()
        parts = self._parts(found)
        return [one for one in found if one.path not in parts] if parts else found

    def parts(self) -> Sequence[str]:
        """Files that would be posts, did they not belong to another; sorted. Raises ConfigError as `scan` does."""
        return sorted(self._parts(self._all()))

    def _all(self) -> list[SourceFile]:
        return sorted(self._walked(lambda path, item: _source(path, item) if looks_like_post(path) else None))

    def _parts(self, found: Sequence[SourceFile]) -> frozenset[str]:
        return parts_of_others(one.path for one in found) if self._bundles else frozenset()

    def others(self) -> Sequence[str]:
        """Files that are not read, and yet look like posts; sorted. Raises ConfigError as `scan` does."""
        return sorted(self._walked(lambda path, item: path if resembles_post(path, lambda: _head(item)) else None))

    def read(self, path: str) -> bytes:
        """The bytes of one post. Raises PostError where it cannot be read."""
        try:
            return (self._folder / path).read_bytes()
        except OSError as error:
            message = f"the file cannot be read: {error.strerror}"
            raise PostError(path, None, message, finding="unreadable") from error

    def _walked(self, look: Callable[[str, "os.DirEntry[str]"], T | None]) -> Iterator[T]:
        if not self._folder.is_dir():
            raise ConfigError(f"posts.folder: {self._folder} is not a folder; name the one that holds your posts")
        try:
            for path, item in self._walk(self._folder, "", frozenset()):
                if (found := look(path, item)) is not None:
                    yield found
        except OSError as error:
            raise ConfigError(f"posts.folder: {error.filename}: {error.strerror}") from error

    def _walk(
        self, folder: Path, prefix: str, above: frozenset[tuple[int, int]]
    ) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
        here = folder.stat()
        if (here.st_dev, here.st_ino) in above:
            return  # a link that leads back up: its posts are known by their other names
        above |= {(here.st_dev, here.st_ino)}
        with os.scandir(folder) as found:
            for item in found:
                if item.name.startswith("."):
                    continue
                path = prefix + item.name
                if self._excluded is not None and self._excluded(path):
                    continue
                if _is_folder(item):
                    yield from self._walk(Path(item.path), path + "/", above)
                elif self._included is None or self._included(path):
                    yield path, item


def _is_folder(item: "os.DirEntry[str]") -> bool:
    try:
        return item.is_dir()
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        return False  # a link to itself


def _source(path: str, item: "os.DirEntry[str]") -> SourceFile | None:
    try:
        found = item.stat()
    except OSError as error:
        # gone while we looked, as an editor's files are, or a link to nowhere or to itself
        if error.errno in {errno.ENOENT, errno.ELOOP}:
            return None
        raise
    if not stat.S_ISREG(found.st_mode):
        return None
    return SourceFile(path, f"{found.st_size} {found.st_mtime_ns} {found.st_ino}")


def _head(item: "os.DirEntry[str]") -> bytes:
    """How a file begins; nothing where it cannot be read, or is no file that ends."""
    try:
        if not item.is_file():
            return b""
        with Path(item.path).open("rb") as file:
            return file.read(400)
    except OSError:
        return b""


class OutputFolder:
    """`ports.Output`: a reader never sees half a file, and an unchanged one is not touched.

    `compress`: beside each file lies the same in each of CODINGS, also where it is no smaller: who sets up a server
    need not think of that. Not beside the pages of archives, which are many, large and seldom read: to compress them
    would take half of a first build. It has the time of the plain file; whatever has another is stale.
    """

    def __init__(self, folder: Path, *, compress: bool = False) -> None:
        self._folder = folder
        self._codings = CODINGS if compress else ()

    def write(self, path: str, data: bytes) -> bool:
        """Write one file; False where it says just that already. Raises OutputError."""
        changed = self._put(path, data)
        for place, coding in self._compressed(path):
            if changed or not self._is_left(place, path, data, coding):
                self._put_beside(place, path, coding.compress(data))
        return changed

    def is_foreign(self, path: str) -> bool:
        """Whether a file is there that no build of ours wrote."""
        return path not in recorded_files(self._folder) and (self._folder / path).exists()

    def signatures(self, paths: Iterable[str]) -> Mapping[str, str]:
        """Size and time of each, and of what is compressed of it.

        A file that somebody edited or put back has others, one that is gone has none.
        """
        found = {}
        for path in paths:
            if there := self._signature(path):
                beside = (self._signature(place) or "- -" for place, _ in self._compressed(path))
                found[path] = " ".join((there, *beside))
        return found

    def with_compressed(self, path: str) -> Sequence[str]:
        """A file, and the files that hold the same."""
        return (path, *(place for place, _ in self._compressed(path)))

    def prune(self, keep: Iterable[str]) -> Sequence[str]:
        """Remove what an earlier build wrote and this one did not; other files in the folder are not ours."""
        kept = sorted(place for path in keep for place in self.with_compressed(path))
        recorded = recorded_files(self._folder)
        gone = sorted(recorded - set(kept))
        for path in gone:
            with contextlib.suppress(OSError):
                (self._folder / path).unlink()
        self._put(RECORD, (json.dumps(kept, ensure_ascii=False, indent=0) + "\n").encode())
        return [path for path in gone if plain_of(path) not in recorded]

    def built(self) -> Sequence[str] | None:
        """What the last build wrote, sorted, without what is compressed; None where nothing was built here."""
        if not (self._folder / RECORD).is_file():
            return None
        recorded = recorded_files(self._folder)
        return sorted(path for path in recorded if plain_of(path) not in recorded)

    def read(self, path: str) -> bytes | None:
        """The bytes of one file; None where it is gone. Raises OutputError."""
        try:
            return (self._folder / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OutputError(f"{self._folder / path}: cannot be read: {error.strerror}") from error

    def _compressed(self, path: str) -> Iterator[tuple[str, Coding]]:
        is_for_the_host = "/" not in path and path.startswith(_FOR_THE_HOST)
        if not is_for_the_host and not is_archived(path):
            yield from ((path + coding.suffix, coding) for coding in self._codings)

    def _signature(self, path: str) -> str | None:
        try:
            there = (self._folder / path).stat()
        except OSError:
            return None
        return f"{there.st_size} {there.st_mtime_ns}"

    def _put(self, path: str, data: bytes) -> bool:
        target = self._folder / path
        with contextlib.suppress(OSError):
            if target.stat().st_size == len(data) and target.read_bytes() == data:
                return False
        with _telling(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, data)
        return True

    def _is_left(self, place: str, path: str, data: bytes, coding: Coding) -> bool:
        """Whether a compressed file is as it should be."""
        try:
            is_of_now = (self._folder / place).stat().st_mtime_ns == (self._folder / path).stat().st_mtime_ns
            return is_of_now and says((self._folder / place).read_bytes(), data, coding)
        except OSError:
            return False

    def _put_beside(self, place: str, path: str, packed: bytes) -> None:
        target = self._folder / place
        with _telling(target):
            _replace(target, packed, like=self._folder / path)


def recorded_files(folder: Path) -> set[str]:
    """What the last build wrote. The record lies where anybody may have edited it: nothing outside the folder."""
    try:
        said = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    paths = {path for path in said if isinstance(path, str)} if isinstance(said, list) else set()
    return {path for path in paths if path and not Path(path).is_absolute() and ".." not in Path(path).parts}


def plain_of(path: str) -> str | None:
    """The file that *path* would be the compressed form of; None where its name says nothing of the kind."""
    return next((path.removesuffix(one.suffix) for one in CODINGS if path.endswith(one.suffix)), None)


@contextlib.contextmanager
def _telling(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = f"{target}: cannot be written: {error.strerror}; what was there is untouched"
        raise OutputError(said + _MEND.get(error.errno or 0, "")) from error


def _replace(target: Path, data: bytes, *, like: Path | None = None) -> None:
    """Put a file in the place of another. With the time of *like*, it can be made anew from that at any time."""
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            if like is None:
                file.flush()
                os.fsync(file.fileno())
        if like is not None:
            then = like.stat().st_mtime_ns
            os.utime(beside, ns=(then, then))
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
