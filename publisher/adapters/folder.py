"""Folders on disk: posts read, output written atomically."""

import contextlib
import errno
import json
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from publisher.errors import ConfigError, OutputError, PostError
from publisher.ports import SourceFile
from publisher.posts.parse import looks_like_post

RECORD = ".publisher-files.json"  # what the last build wrote, so that the next may remove what is no longer made

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
    """`ports.Posts` in a folder and all folders below it; hidden ones are not looked into."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def scan(self) -> Sequence[SourceFile]:
        """Every file that may be a post, sorted by path. Raises ConfigError where the folder cannot be read."""
        if not self._folder.is_dir():
            raise ConfigError(f"posts.folder: {self._folder} is not a folder; name the one that holds your posts")
        try:
            return sorted(_walk(self._folder, "", frozenset()), key=lambda file: file.path)
        except OSError as error:
            raise ConfigError(f"posts.folder: {error.filename}: {error.strerror}") from error

    def read(self, path: str) -> bytes:
        """The bytes of one post. Raises PostError where it cannot be read."""
        try:
            return (self._folder / path).read_bytes()
        except OSError as error:
            message = f"the file cannot be read: {error.strerror}"
            raise PostError(path, None, message, finding="unreadable") from error


def _walk(folder: Path, prefix: str, above: frozenset[tuple[int, int]]) -> Iterator[SourceFile]:
    here = folder.stat()
    if (here.st_dev, here.st_ino) in above:
        return  # a link that leads back up: its posts are known by their other names
    above |= {(here.st_dev, here.st_ino)}
    with os.scandir(folder) as found:
        for item in found:
            if item.name.startswith("."):
                continue
            path = prefix + item.name
            kind, signature = _look(item)
            if kind == "folder":
                yield from _walk(Path(item.path), path + "/", above)
            elif kind == "file" and looks_like_post(path):
                yield SourceFile(path=path, signature=signature)


def _look(item: "os.DirEntry[str]") -> tuple[str, str]:
    """What it is, and its signature."""
    try:
        if item.is_dir():
            return "folder", ""
        found = item.stat()
    except OSError as error:
        # gone while we looked, as an editor's files are, or a link to nowhere or to itself
        if error.errno in {errno.ENOENT, errno.ELOOP}:
            return "nothing", ""
        raise
    kind = "file" if stat.S_ISREG(found.st_mode) else "nothing"
    return kind, f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"


class OutputFolder:
    """`ports.Output`: a reader never sees half a file, and an unchanged one is not touched."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, path: str, data: bytes) -> bool:
        """Write one file; False where it says just that already. Raises OutputError."""
        target = self._folder / path
        with contextlib.suppress(OSError):
            if target.stat().st_size == len(data) and target.read_bytes() == data:
                return False
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, data)
        except OSError as error:
            said = f"{target}: cannot be written: {error.strerror}; what was there is untouched"
            raise OutputError(said + _MEND.get(error.errno or 0, "")) from error
        return True

    def prune(self, keep: Iterable[str]) -> Sequence[str]:
        """Remove what an earlier build wrote and this one did not; other files in the folder are not ours."""
        kept = sorted(keep)
        gone = sorted(self._recorded() - set(kept))
        for path in gone:
            with contextlib.suppress(OSError):
                (self._folder / path).unlink()
        self.write(RECORD, (json.dumps(kept, ensure_ascii=False, indent=0) + "\n").encode())
        return gone

    def _recorded(self) -> set[str]:
        """What the last build wrote. The record lies where anybody may have edited it: nothing outside the folder."""
        try:
            said = json.loads((self._folder / RECORD).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return set()
        paths = {path for path in said if isinstance(path, str)} if isinstance(said, list) else set()
        return {path for path in paths if path and not Path(path).is_absolute() and ".." not in Path(path).parts}


def _replace(target: Path, data: bytes) -> None:
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
