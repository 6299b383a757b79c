"""What a site's database says of an issue, while no program runs; and time that passes for it."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from publisher.model.issue import OPEN, State

_ROWS = """
select s.address, d.state, d.attempts from delivery d join subscriber s on s.id = d.subscriber_id
"""
_LONG_AGO = "2026-01-01 00:00:00.000000"


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


def read(database: Path) -> Ledger:
    """Read a copy: SQLite mends what a kill left behind, which is for the program to do."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.db")
        for suffix in ("", "-wal"):
            source = database.with_name(database.name + suffix)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + suffix))
        with _opened(copy) as connection:
            issues = list(connection.execute("select state, reason from issue"))
            rows = list(connection.execute(_ROWS))
    assert len(issues) <= 1, "one issue is all that these sites ever send"
    readers = {reader: State(state) for reader, state, _ in rows}
    state, reason = issues[0] if issues else (None, "")
    return Ledger(state, readers, sum(attempts for _, _, attempts in rows), reason)


def let_time_pass(database: Path) -> None:
    """Whatever is put off is due: what the clock would do in five minutes, or in four hours."""
    with _opened(database) as connection, connection:
        connection.execute("update delivery set due = ? where due > ?", (_LONG_AGO, _LONG_AGO))
        connection.execute("update batch set due = ? where not done", (_LONG_AGO,))


@contextmanager
def _opened(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database)) as connection:
        yield connection
