"""What happens to a PostgreSQL server, or to a session of it, in the middle of a transaction of ours."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event, func, select

from tests.peers import PATIENCE

Fault = Callable[[psycopg.Connection[Any]], None]  # is given the driver's connection


def before(engine: Engine, words: str | tuple[str, ...], fault: Fault, *, nth: int = 1) -> None:
    """It happens just before the *nth* statement that begins so, whoever says it to the driver."""
    left = [nth]

    class Struck(psycopg.Cursor[Any]):
        def execute(self, query: Any, *rest: Any, **options: Any) -> "Struck":
            if str(query).startswith(words):
                left[0] -= 1
                if left[0] == 0:
                    fault(self.connection)
            return super().execute(query, *rest, **options)

    def connected(connection: psycopg.Connection[Any], record: object) -> None:
        connection.cursor_factory = Struck

    event.listen(engine, "connect", connected)
    engine.dispose()  # so that all are new


def before_commit(engine: Engine, words: str, fault: Fault, *, nth: int = 1) -> None:
    """It happens just before the commit of the transaction with that statement."""
    due: list[psycopg.Connection[Any]] = []

    def committing(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        if driver in due:
            due.remove(driver)
            fault(driver)

    before(engine, words, due.append, nth=nth)
    event.listen(engine, "commit", committing)


def until_it_waits(engine: Engine, number: int) -> None:
    """Until the session of that process waits for a lock that another has."""
    until = time.monotonic() + PATIENCE
    waits = select(func.cardinality(func.pg_blocking_pids(number)) > 0)
    while True:
        with engine.connect() as connection:
            if connection.scalar(waits):
                return
        assert time.monotonic() < until, "it waits for nobody"
