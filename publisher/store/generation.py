"""Tells a database that was restored, copied back or deleted: it is older than the number in the file beside it."""

import contextlib
import os

from sqlalchemy import Connection, Engine

from publisher.errors import DatabaseError
from publisher.store import counters
from publisher.store.engine import database_file, in_memory, place, reading

_WIDTH = 20  # digits


class Generation:
    """A number in the database, raised by whatever lets something leave, and after the commit in a file beside it.

    A database from yesterday knows nothing of what went out since; sending from it would send twice.
    PostgreSQL has no file beside it: there, a restore is the administrator's to announce. A copy that
    `publisher database copy` made says so itself. `url`: the database's, where the engine's own says it in another way.
    """

    def __init__(self, engine: Engine, *, url: str = "") -> None:
        self._url = url or str(engine.url)
        self._engine = engine
        path = database_file(self._url)
        self._file = path.with_name(f"{path.name}.generation") if path else None

    def raise_(self, connection: Connection) -> int | None:
        """Inside the transaction that lets something leave; hand the number to `publish` after its commit."""
        return counters.bump(connection, counters.GENERATION) if self._file else None

    def publish(self, number: int | None) -> None:
        """After the commit. A crash in between leaves the file behind the database, which is harmless."""
        if self._file is None or number is None:
            return
        said = f"{number:<{_WIDTH}}\n".encode("ascii")
        try:
            # in place: it is written with every message that leaves, and always as wide
            file = os.open(self._file, os.O_RDWR)
        except FileNotFoundError:
            beside = self._file.with_suffix(f".{os.getpid()}.new")
            beside.write_bytes(said)
            beside.replace(self._file)
            return
        try:
            if number > _number(os.pread(file, _WIDTH + 1, 0)):
                os.pwrite(file, said, 0)
        finally:
            os.close(file)

    def check(self) -> None:
        """Raise DatabaseError where the database is older than what already went out, or a copy of another."""
        if in_memory(self._url):
            return  # a rehearsal sends nothing
        published = self._published()
        with reading(self._engine) as connection:
            known = counters.read(connection, counters.GENERATION)
            copied = counters.read(connection, counters.BARRED)
        if known >= published and not copied:
            return
        where = place(self._url)
        if copied:
            what = "is a copy of another database, which may have sent since"
        elif known:
            what = "is older than what it already sent (restored from a copy?)"
        else:
            what = "was made anew after mail went out"
        raise DatabaseError(
            f"{where}: {what}; nothing goes out until `publisher database accept` has marked what went out meanwhile"
        )

    def bar(self, known: int) -> None:
        """Let the file say more than a database that knows *known*: nothing goes out until it is accepted."""
        self.publish(max(known, self._published()) + 1)

    def accept(self, connection: Connection) -> None:
        """Raise the database's number to the file's, inside the transaction that marked what went out."""
        counters.raise_to(connection, counters.GENERATION, self._published())
        counters.clear(connection, counters.BARRED)

    def _published(self) -> int:
        if self._file is None:
            return 0
        with contextlib.suppress(FileNotFoundError):
            return _number(self._file.read_bytes())
        return 0


def _number(said: bytes) -> int:
    try:
        return int(said)
    except ValueError:
        return 0
