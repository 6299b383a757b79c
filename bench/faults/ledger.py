"""What a site's database says of an issue, and time that passes for it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, delete, select, update

from publisher.model.issue import OPEN, State
from publisher.store.schema import batch, delivery, issue, rate, subscriber

_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Each reader's state; the issue's own, or nothing where none was composed."""

    issue: str | None
    rows: dict[str, State] = field(default_factory=dict)
    attempts: int = 0  # of all of them together
    reason: str = ""  # why the issue is paused

    def those(self, *states: State) -> set[str]:
        return {reader for reader, state in self.rows.items() if state in states}

    @property
    def open(self) -> set[str]:
        """Whose mail has still to be sent."""
        return self.those(*OPEN)


def read(database: Path | str) -> Ledger:
    """A file while no program runs, or a PostgreSQL's URL at any time.

    A file is copied first: SQLite mends what a kill left behind when it opens it, which is for the program to do.
    """
    if isinstance(database, str):
        with _opened(database) as connection:
            return _read(connection)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.db")
        for suffix in ("", "-wal"):
            source = database.with_name(database.name + suffix)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + suffix))
        with _opened(copy) as connection:
            return _read(connection)


def let_time_pass(database: Path | str) -> None:
    """Whatever is put off is due: what the clock would do in five minutes, or in four hours."""
    with _opened(database) as connection:
        connection.execute(update(delivery).where(delivery.c.due > _LONG_AGO).values(due=_LONG_AGO))
        connection.execute(update(batch).where(~batch.c.done).values(due=_LONG_AGO))
        connection.execute(delete(rate))


def _read(connection: Connection) -> Ledger:
    issues = connection.execute(select(issue.c.state, issue.c.reason)).all()
    rows = connection.execute(
        select(subscriber.c.address, delivery.c.state, delivery.c.attempts).join(
            subscriber, subscriber.c.id == delivery.c.subscriber_id
        )
    ).all()
    assert len(issues) <= 1, "one issue is all that these sites ever send"
    state, reason = issues[0] if issues else (None, "")
    readers = {row.address: State(row.state) for row in rows}
    return Ledger(state, readers, sum(row.attempts for row in rows), reason)


@contextmanager
def _opened(database: Path | str) -> Iterator[Connection]:
    url = f"sqlite:///{database}" if isinstance(database, Path) else database
    with create_engine(url, poolclass=NullPool).begin() as connection:
        yield connection
