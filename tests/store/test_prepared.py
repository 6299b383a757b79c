"""Statements that go to the driver as they stand: the same values come and go, and the same errors are told."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, bindparam, insert, or_, select, update

from publisher.errors import DatabaseError
from publisher.store import upgrade
from publisher.store.engine import make_engine
from publisher.store.prepared import Prepared
from publisher.store.schema import counter, rate
from tests.postgres import end_session

MOMENT = datetime(2026, 11, 2, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
TOUCH = Prepared(lambda: update(rate).where(rate.c.name == bindparam("of")).values(at=bindparam("now")))
RAISE = Prepared(lambda: update(counter).where(counter.c.value < bindparam("least")).values(value=bindparam("least")))
NAMED = Prepared(
    lambda: (
        select(counter.c.name, counter.c.value)
        .where(or_(counter.c.name == "one", counter.c.name == bindparam("also")))
        .order_by(counter.c.name)
    )
)


def test_a_moment_is_written_as_sqlalchemy_writes_it(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(rate).values(name="a", state=[1.0], at=datetime(2000, 1, 1, tzinfo=UTC)))
        assert TOUCH.run(connection, {"of": "a", "now": MOMENT}) == 1
        assert connection.scalar(select(rate.c.at)) == MOMENT
        with pytest.raises(ValueError, match="no time zone"):
            TOUCH.run(connection, {"of": "a", "now": MOMENT.replace(tzinfo=None)})


def test_it_goes_with_the_callers_transaction_and_counts_what_it_changed(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(counter), [{"name": name, "value": 1} for name in ("one", "three", "two")])
    with engine.connect() as connection:
        assert RAISE.run(connection, {"least": 7}) == 3
        assert NAMED.rows(connection, {"also": "two"}) == [("one", 7), ("two", 7)]
        connection.rollback()
    with engine.begin() as connection:
        assert NAMED.rows(connection, {"also": "three"}) == [("one", 1), ("three", 1)]
        assert RAISE.run(connection, {"least": 1}) == 0


def test_what_the_owner_can_mend_is_one_sentence(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'publisher.db'}"
    writing = make_engine(url)
    upgrade.prepare(writing)
    writing.dispose()
    looking = make_engine(url, read_only=True)
    with looking.connect() as connection, pytest.raises(DatabaseError, match=r"publisher\.db: it cannot be written"):
        RAISE.run(connection, {"least": 7})
    looking.dispose()


def test_a_session_that_the_server_ends_is_told_with_what_the_server_said(on_postgres: Engine) -> None:
    def lose() -> None:
        with on_postgres.begin() as connection:
            end_session(on_postgres, connection)
            RAISE.run(connection, {"least": 7})

    with pytest.raises(DatabaseError, match=r"the server went away.*terminating connection"):
        lose()
    with on_postgres.begin() as connection:
        assert NAMED.rows(connection, {"also": "two"}) == []
