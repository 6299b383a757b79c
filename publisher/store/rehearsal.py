"""A database -> a copy of it in memory, for rehearsals: a dry run does the real thing, and nothing stays."""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, insert, select

from publisher.store import upgrade
from publisher.store.engine import database_file, make_engine
from publisher.store.schema import metadata

_ROWS = 1000


def rehearsal(url: str) -> Engine:
    """An engine on a copy in memory; of nothing where there is no database yet. The original is only read."""
    copy = make_engine("sqlite://")
    path = database_file(url)
    if path is None:
        upgrade.prepare(copy)
        _copy_rows(make_engine(url, read_only=True), copy)
    elif path.exists():
        _copy_file(path, copy)
        upgrade.prepare(copy)
    else:
        upgrade.prepare(copy)
    return copy


def _copy_file(path: Path, copy: Engine) -> None:
    # Without a -wal file nobody has the database open: `immutable` then keeps SQLite from making one, so that
    # not even the list of files changes. With one, its own locks see to it that we read one moment's state.
    alone = not path.with_name(f"{path.name}-wal").exists()
    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}", uri=True)
    try:
        connection = copy.raw_connection()
        driver = connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        source.backup(driver)
        connection.close()
    finally:
        source.close()


def _copy_rows(source: Engine, copy: Engine) -> None:
    if upgrade.current(source) is None:
        return
    with source.connect() as reading, copy.begin() as writing:
        for table in metadata.sorted_tables:
            rows = reading.execution_options(yield_per=_ROWS).execute(select(table))
            for part in rows.partitions():
                writing.execute(insert(table), [dict(row._mapping) for row in part])  # noqa: SLF001  # SQLAlchemy's public name
