"""INSERT … ON CONFLICT, as both databases understand it."""

from typing import TYPE_CHECKING

from sqlalchemy import Table

if TYPE_CHECKING:  # slow to load, and a look that finds nothing changed writes nothing
    from sqlalchemy.dialects.postgresql import Insert


def insert(table: Table) -> "Insert":
    """PostgreSQL's, which compiles on SQLite too; SQLite's own does not on PostgreSQL."""
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # see above

    return postgresql.insert(table)
