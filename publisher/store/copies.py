"""A database in a file, in use or not -> a copy of one moment of it; and a copy -> the database, guarded."""

import contextlib
import os
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, make_url

from publisher.errors import ConfigError, DatabaseError, OutputError, Refused
from publisher.store import counters, upgrade
from publisher.store.engine import BUSY_MS, database_file, make_engine
from publisher.store.generation import Generation

_BESIDE = ("-wal", "-shm", "-journal")  # files of SQLite's own that belong to a database


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did. `kept`: where the database is that was there before; `older`: it wants a migration."""

    kept: Path | None
    older: bool


def backup(url: str, target: Path, *, force: bool) -> int:
    """A copy of one moment, written whole or not at all, closed to others (0600); its size in bytes.

    Others may send meanwhile. Raises Refused where something is there already, unless *force*; ConfigError for a
    database that is no file; DatabaseError; OutputError.
    """
    path = _file(url, "pg_dump --format=custom --file={copy} {where}", target)
    if not path.is_file():
        raise DatabaseError(f"{path}: there is no database yet, so there is nothing to copy")
    if target.absolute() in _files(path.absolute()):
        raise Refused(f"{target}: this is the database itself; name another file, best on another disk")
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; name a file in it")
    if target.exists() and not force:
        raise Refused(f"{target}: is there already; name another file, or say --force")
    with _written(target) as new:
        _copy(path, new, in_use=True)
        _revision(new, path)
    return target.stat().st_size


def restore(url: str, source: Path, *, now: datetime) -> Restored:
    """Put a copy in the database's place; what was there is kept beside it. Nothing goes out until it is accepted.

    The caller holds the lock of those who send. Raises Refused where somebody has the database open; ConfigError for
    one that is no file; DatabaseError where the copy is damaged, another program's or a newer one's; OutputError.
    """
    path = _file(
        url, "pg_restore --clean --if-exists --dbname={where} {copy}; then `publisher database accept`", source
    )
    if not source.is_file():
        raise DatabaseError(f"{source}: there is no such file")
    if source.absolute() in _files(path.absolute()):
        raise Refused(f"{source}: this is the database itself")
    kept = path.with_name(f"{path.name}.{now:%Y%m%dT%H%M%S}.replaced")
    with _written(path) as new:
        _copy(source, new, in_use=False)
        older = upgrade.is_older(_revision(new, source))
        _refuse_company(path)
        _bar(new, path)  # first: whatever breaks off from here on, nothing goes out
        replaced = _move_away(path, kept)
        if replaced:
            _make_alike(kept, new)
    return Restored(kept=kept if replaced else None, older=older)


def _file(url: str, command: str, copy: Path) -> Path:
    path = database_file(url)
    if path is None:
        said = make_url(url)
        where = URL.create(
            "postgresql",
            username=said.username,  # and not the password
            host=said.host,
            port=said.port,
            database=said.database,
            query=said.query,
        ).render_as_string()
        told = command.format(copy=shlex.quote(str(copy)), where=shlex.quote(where))
        raise ConfigError(f"the database is PostgreSQL's, which copies it itself: {told}")
    return path


def _files(path: Path) -> tuple[Path, ...]:
    return (path, *(path.with_name(path.name + end) for end in _BESIDE))


@contextlib.contextmanager
def _written(target: Path) -> Iterator[Path]:
    """A new, empty file beside *target*, which takes its place in the end. Raises OutputError."""
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            yield new
            _settle_on_disk(new)
            new.replace(target)
            _settle_on_disk(target.parent)
        finally:
            for left in _files(new):
                left.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror}") from error


def _settle_on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy(source: Path, new: Path, *, in_use: bool) -> None:
    """One moment of it, whole, and nothing of what was deleted from it. Raises DatabaseError, OutputError."""
    # A copy that nobody uses may lie where nobody can write; without a -wal file it is complete
    alone = not in_use and not source.with_name(f"{source.name}-wal").exists()
    address = f"{source.absolute().as_uri()}?mode={'ro&immutable=1' if alone else 'rw'}"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=BUSY_MS / 1000)) as connection:
            faults = connection.execute("pragma quick_check").fetchall()
            if faults != [("ok",)]:
                raise DatabaseError(f"{source}: is damaged ({faults[0][0]}); take another copy")
            connection.execute("vacuum into ?", (str(new),))
    except sqlite3.Error as error:
        said = str(error)
        if "full" in said:
            raise OutputError(f"{new.parent}: the disk is full; make room, then run again") from error
        if "not a database" in said or "malformed" in said:
            raise DatabaseError(f"{source}: is damaged, or no database at all ({said}); take another copy") from error
        raise DatabaseError(f"{source}: cannot be read ({said})") from error


def _revision(new: Path, source: Path) -> str:
    """Of a database of ours that this program knows. Raises DatabaseError."""
    engine = make_engine(f"sqlite:///{new}")
    try:
        found = upgrade.current(engine)
        if found is not None and not upgrade.is_older(found):
            upgrade.check(engine, found)
    except DatabaseError as error:
        raise DatabaseError(str(error).replace(str(new), str(source))) from None
    finally:
        engine.dispose()
    if found is None:
        raise DatabaseError(f"{source}: there is nothing in it; name another file")
    return found


def _refuse_company(path: Path) -> None:
    """Raise Refused where somebody has the database open: they would go on with the old one, and nobody would know.

    SQLite leaves its log behind (WAL) only for the last who has the file open, and puts all of it into the file.
    """
    if not path.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            connection.execute("pragma journal_mode=delete")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Refused(
                f"{path}: another program has it open; end `publisher run`, `serve` and all others, then try again"
            ) from error
    except sqlite3.DatabaseError:
        pass  # it is damaged: that may be why it is replaced


def _bar(new: Path, path: Path) -> None:
    engine = make_engine(f"sqlite:///{new}")
    try:
        with engine.begin() as connection:
            counters.raise_to(connection, counters.GENERATION, 1)
            known = counters.read(connection, counters.GENERATION)
        Generation(make_engine(f"sqlite:///{path}")).bar(known)
    finally:
        engine.dispose()


def _move_away(path: Path, kept: Path) -> bool:
    there = path.exists()
    for file, name in zip(_files(path), _files(kept), strict=True):
        with contextlib.suppress(FileNotFoundError):
            file.rename(name)
    return there


def _make_alike(old: Path, new: Path) -> None:
    """Whoever could use the old one can use the new one: root restores what another user runs."""
    shutil.copymode(old, new)
    with contextlib.suppress(PermissionError):
        os.chown(new, old.stat().st_uid, old.stat().st_gid)
