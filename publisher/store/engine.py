"""A database URL -> an engine that behaves the same on SQLite and PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Connection, Dialect, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from publisher.errors import ConfigError, DatabaseError
from publisher.store.troubles import advice

BUSY_MS = 30_000  # another writer holds the lock for one transaction, never longer


def database_file(url: str) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL and for a database in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def in_memory(url: str) -> bool:
    """Whether a database is gone with its engine."""
    return make_url(url).get_backend_name() == "sqlite" and database_file(url) is None


def make_engine(url: str, *, read_only: bool = False) -> Engine:
    """An engine whose transactions are serial on SQLite (`BEGIN IMMEDIATE`) and durable on both.

    `read_only`: opens an existing SQLite file without writing to it or beside it where that can be done.
    Raises ConfigError for an address that names no database we know.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite_engine(url, read_only=read_only)
        engine = create_engine(parsed, pool_pre_ping=True)
        event.listen(engine, "handle_error", _tell)
    except (NoSuchModuleError, ModuleNotFoundError, SQLAlchemyError, ValueError):
        message = "database.url: not a database we know; write sqlite:///publisher.db or postgresql+psycopg://…"
        raise ConfigError(message) from None
    if read_only:
        engine = engine.execution_options(postgresql_readonly=True)
    return engine


def _sqlite_engine(url: str, *, read_only: bool) -> Engine:
    path = database_file(url)
    if path is None:
        # One connection for all: a database in memory lives and dies with it.
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    elif read_only:
        engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    else:
        engine = create_engine(url)
    event.listen(engine, "handle_error", _tell)
    event.listen(engine, "connect", _read_only_connection if read_only else _writing_connection)
    event.listen(engine, "begin", _begin_deferred if read_only else _begin)
    return engine


def _writing_connection(connection: sqlite3.Connection, record: Any) -> None:
    del record
    connection.isolation_level = None  # we say BEGIN ourselves, which makes DDL transactional too
    # The order matters: whoever waits for the lock must already know how long.
    connection.execute(f"pragma busy_timeout={BUSY_MS}")
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")  # a commit survives a power cut
    connection.execute("pragma foreign_keys=on")
    connection.execute("pragma secure_delete=on")  # who is erased is not in the file either


def _read_only_connection(connection: sqlite3.Connection, record: Any) -> None:
    del record
    connection.isolation_level = None
    connection.execute(f"pragma busy_timeout={BUSY_MS}")
    connection.execute("pragma query_only=on")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads: on SQLite it sees one moment, and neither waits for a writer nor holds one up."""
    with engine.connect() as connection:
        yield connection.execution_options(publisher_reads=True)


def _begin(connection: Connection) -> None:
    # Never upgrade a read to a write: that is SQLITE_BUSY at once, without waiting.
    reads = connection.get_execution_options().get("publisher_reads", False)
    _say(connection, "BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    _say(connection, "BEGIN")


def _say(connection: Connection, words: str) -> None:
    """To the driver itself: SQLAlchemy's own way took as long as half of what is written with a message."""
    try:
        connection.connection.cursor().execute(words)
    except sqlite3.Error as error:
        fail(connection, error)


def _tell(context: ExceptionContext) -> None:
    if context.is_pre_ping and context.is_disconnect:
        return  # nobody was told yet that it is there: the pool makes another
    original = context.original_exception
    if told := _told(context.engine, context.dialect, original, lost=context.is_disconnect):
        raise told from original


def fail(connection: Connection, error: Exception) -> NoReturn:
    """Tell what went wrong where the driver was used past SQLAlchemy, and let it know of a connection that is lost.

    Raises DatabaseError for what the owner can mend, in one sentence; a bug as it is.
    """
    dialect = connection.dialect
    lost = not connection.invalidated and _is_lost(connection, error)
    if lost:
        connection.invalidate(error)  # or its rollback fails as well, and that error takes the place of this
    if told := _told(connection.engine, dialect, error, lost=lost):
        raise told from error
    raise error


def _is_lost(connection: Connection, error: Exception) -> bool:
    return isinstance(error, connection.dialect.loaded_dbapi.Error) and connection.dialect.is_disconnect(
        error, connection.connection.dbapi_connection, None
    )


def _told(engine: Engine | None, dialect: Dialect, error: BaseException, *, lost: bool) -> DatabaseError | None:
    found = advice(error, dialect, lost=lost)
    if found is None:
        return None
    return DatabaseError(f"{place(str(engine.url)) if engine is not None else 'the database'}: {found}")


def place(url: str) -> str:
    """The database's name for messages: never its password."""
    path = database_file(url)
    return str(path) if path else make_url(url).render_as_string(hide_password=True)
