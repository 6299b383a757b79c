"""A database -> all of it in another that is empty, of either kind; the other sends nothing until it is accepted."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from publisher.errors import DatabaseError, Refused
from publisher.model.issue import OPEN
from publisher.ports import Progress, silent
from publisher.store import counters, upgrade
from publisher.store.engine import place
from publisher.store.schema import batch, delivery, metadata
from publisher.store.types import epoch_now

_ROWS = 1000  # in memory at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """How many rows each table has, in both; and how many deliveries are open, which `accept` puts in doubt."""

    rows: Mapping[str, int]
    open: int


def copy(source: Engine, target: Engine, *, progress: Progress = silent) -> Copied:
    """One moment of *source*, whole or not at all; what others write there meanwhile is not in it.

    Raises Refused where the target holds anything, or somebody sends; DatabaseError where the source is no database of
    this version, or the target does not take what it holds.
    """
    _refuse_unready(source)
    _prepare(target)
    with _one_moment(source) as reading, target.begin() as writing:
        _refuse_sending(reading)
        _refuse_rows(writing, target)
        counts = {table.name: _count(reading, table) for table in metadata.sorted_tables}
        done = 0
        for table in metadata.sorted_tables:
            done = _copy_table(reading, writing, table, progress, done, sum(counts.values()))
        for table in metadata.sorted_tables:
            _keep_last_id(reading, writing, table)
        _compare(writing, target, counts)
        counters.draw(writing, counters.BARRED)
        waiting = reading.scalar(select(func.count()).where(delivery.c.state.in_(OPEN)))
    return Copied(rows=counts, open=waiting or 0)


def _refuse_unready(source: Engine) -> None:
    found = upgrade.current(source)
    if found is None:
        raise DatabaseError(f"{place(str(source.url))}: there is nothing in it to copy")
    upgrade.check(source, found)


def _prepare(target: Engine) -> None:
    found = upgrade.current(target)
    if found is not None and found != upgrade.HEAD:
        raise _not_empty(target)
    upgrade.prepare(target)


def _one_moment(source: Engine) -> Connection:
    """A connection for which nothing changes any more."""
    connection = source.connect()
    if source.dialect.name == "sqlite":
        return connection.execution_options(publisher_reads=True)
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _refuse_sending(reading: Connection) -> None:
    """On SQLite the caller holds the lock that proves it; a dead sender's lease is no sign there."""
    if reading.dialect.name == "sqlite":
        return
    if reading.scalar(select(batch.c.k).where(batch.c.lease_until >= epoch_now()).limit(1)) is not None:
        raise Refused("a publisher is sending from this database; end it, and try again a minute later")


def _refuse_rows(writing: Connection, target: Engine) -> None:
    for table in metadata.sorted_tables:
        if writing.execute(select(table).limit(1)).first() is not None:
            raise _not_empty(target)


def _not_empty(target: Engine) -> Refused:
    return Refused(f"{place(str(target.url))}: there is a publisher's database already; name one that is empty")


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _copy_table(
    reading: Connection, writing: Connection, table: Table, progress: Progress, done: int, total: int
) -> int:
    rows = reading.execute(select(table), execution_options={"yield_per": _ROWS})
    try:
        for part in rows.mappings().partitions():
            writing.execute(insert(table), [dict(row) for row in part])
            done += len(part)
            progress("copying", done, total)
    except DBAPIError as error:
        why = str(error.orig).splitlines()[0]
        raise DatabaseError(
            f"{place(str(writing.engine.url))}: does not take a row of {table.name} ({why}); nothing was copied"
        ) from error
    return done


def _keep_last_id(reading: Connection, writing: Connection, table: Table) -> None:
    """No id is given a second time, though its row is gone: links in mails that are out name it."""
    column = table.autoincrement_column
    if column is None:
        return
    last = max(writing.scalar(select(func.max(column))) or 0, _last_id(reading, table))
    if not last:
        return
    if writing.dialect.name == "sqlite":
        _set_last_id_of_sqlite(writing, table, last)
    else:
        writing.execute(
            text("select setval(pg_get_serial_sequence(:table, :column), :last)"),
            {"table": _quoted(writing, table), "column": column.name, "last": last},
        )


def _last_id(reading: Connection, table: Table) -> int:
    if reading.dialect.name == "sqlite":
        found = reading.scalar(text("select seq from sqlite_sequence where name = :table"), {"table": table.name})
        return int(found or 0)
    column = table.autoincrement_column
    assert column is not None
    sequence = reading.scalar(
        text("select pg_get_serial_sequence(:table, :column)"),
        {"table": _quoted(reading, table), "column": column.name},
    )
    found = reading.scalar(text(f"select case when is_called then last_value else 0 end from {sequence}"))  # noqa: S608  # the database's own name
    return int(found or 0)


def _set_last_id_of_sqlite(writing: Connection, table: Table, last: int) -> None:
    """Only tables with AUTOINCREMENT have such a row; it is there once something was inserted."""
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return
    values = {"table": table.name, "last": last}
    if not writing.execute(text("update sqlite_sequence set seq = :last where name = :table"), values).rowcount:
        writing.execute(text("insert into sqlite_sequence (name, seq) values (:table, :last)"), values)


def _quoted(connection: Connection, table: Table) -> str:
    return connection.dialect.identifier_preparer.format_table(table)


def _compare(writing: Connection, target: Engine, counts: Mapping[str, int]) -> None:
    for table in metadata.sorted_tables:
        found = _count(writing, table)
        if found != counts[table.name]:
            raise DatabaseError(
                f"{place(str(target.url))}: {table.name} has {found} rows there and {counts[table.name]} here; "
                "nothing was copied"
            )
