"""What a database cannot do now is a sentence for the owner; what we said wrongly stays a bug, with its traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError

from publisher.errors import DatabaseError
from publisher.store import upgrade
from publisher.store.engine import make_engine
from publisher.store.troubles import advice
from tests.postgres import end_backend, end_session

POSTGRES = create_engine("postgresql+psycopg://").dialect


@contextmanager
def told(sentence: str) -> Iterator[None]:
    with pytest.raises(DatabaseError, match=sentence) as caught:
        yield
    assert "\n" not in str(caught.value), "one line"


# --- bugs


@pytest.mark.parametrize(
    "said", ["selekt 1", "select 1 from nowhere", "select nothing from counter", "select json('{')"]
)
def test_what_we_say_wrongly_to_sqlite_is_a_bug(said: str, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'publisher.db'}")
    upgrade.prepare(engine)
    with engine.connect() as connection, pytest.raises(DBAPIError):
        connection.exec_driver_sql(said)
    engine.dispose()


@pytest.mark.parametrize(
    "said",
    [
        "selekt 1",
        "select 1 from nowhere",
        "select nothing from counter",
        "insert into counter (name, value) values ('a', 1), ('a', 2)",
    ],
)
def test_what_we_say_wrongly_to_postgresql_is_a_bug(said: str, on_postgres: Engine) -> None:
    with on_postgres.connect() as connection:
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql(said)
        with pytest.raises(DBAPIError, match="aborted"):
            connection.exec_driver_sql("select 1")


@pytest.mark.parametrize("kind", [errors.StatementTooComplex, errors.TooManyArguments, errors.UndefinedTable])
def test_a_statement_that_no_server_takes_is_a_bug(kind: type[psycopg.Error]) -> None:
    assert advice(kind("connection is lost, database is locked"), POSTGRES, lost=False) is None


def test_no_words_make_a_bug_of_our_own_the_databases() -> None:
    assert advice(ValueError("database is locked"), POSTGRES, lost=False) is None
    assert advice(KeyboardInterrupt(), POSTGRES, lost=True) is None, "SQLAlchemy gives the connection up for it"


# --- states, of real servers


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "publisher.db"
    path.write_text("a note " * 1000)
    engine = make_engine(f"sqlite:///{path}")
    with told("it is not a database of ours"):
        upgrade.prepare(engine)


def test_a_database_or_a_user_that_the_server_does_not_have(postgres: str) -> None:
    for url in (postgres.replace("/postgres?", "/nowhere?"), postgres.replace("publisher@", "nobody@")):
        with told(r'the server has no such database, or user.*"(nowhere|nobody)" does not exist'):
            upgrade.prepare(make_engine(url))


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with told("the server does not answer"):
        upgrade.prepare(make_engine(f"postgresql+psycopg://publisher@/postgres?host={tmp_path}"))
    with told("there is no host of that name"):
        upgrade.prepare(make_engine("postgresql+psycopg://publisher@nowhere.invalid/postgres"))


def test_a_user_who_may_not(postgres: str, on_postgres: Engine) -> None:
    name = "somebody"
    with on_postgres.begin() as connection:
        connection.exec_driver_sql(f"create role {name} login")
    of_them = on_postgres.url.set(username=name).render_as_string()
    engine = make_engine(of_them)
    with told("the server does not let this user do that"):
        upgrade.prepare(engine)
    engine.dispose()
    with on_postgres.begin() as connection:
        connection.exec_driver_sql(f"alter role {name} connection limit 0")
    with told("the server takes no more connections"):
        upgrade.prepare(make_engine(of_them))


def test_a_standby_takes_nothing(on_postgres: Engine) -> None:
    with on_postgres.connect() as connection:
        connection.exec_driver_sql("set transaction read only")
        with told("the server takes nothing to write"):
            connection.exec_driver_sql("delete from counter")


def test_a_time_limit_of_the_server(on_postgres: Engine) -> None:
    with on_postgres.begin() as holding, on_postgres.connect() as waiting:
        holding.exec_driver_sql("lock table counter")
        waiting.exec_driver_sql("set local lock_timeout = '1ms'")
        with told("it took longer than the server allows"):
            waiting.exec_driver_sql("delete from counter")


@pytest.mark.parametrize("then", ["execute", "commit", "rollback", "leave"])
def test_a_session_that_the_server_ends(then: str, on_postgres: Engine) -> None:
    with told("the server went away"), on_postgres.begin() as connection:
        end_session(on_postgres, connection)
        match then:
            case "execute":
                connection.exec_driver_sql("select 1")
            case "commit":
                connection.commit()
            case "rollback":
                connection.rollback()
    with on_postgres.begin() as connection:
        assert connection.exec_driver_sql("select 1").scalar_one() == 1


def test_a_session_that_was_ended_between_two_transactions_is_nobodys_trouble(on_postgres: Engine) -> None:
    with on_postgres.connect() as connection:
        first = connection.exec_driver_sql("select pg_backend_pid()").scalar_one()
    end_backend(on_postgres, first)
    with on_postgres.connect() as connection:
        assert connection.exec_driver_sql("select pg_backend_pid()").scalar_one() != first


# --- states that are hard to bring about: the servers' own words


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.CannotConnectNow("the database system is starting up"), "the server starts or stops"),
        (errors.OperationalError("connection failed: FATAL:  the database system is shutting down"), "starts or stops"),
        (errors.OperationalError("FATAL:  the database system is in recovery mode"), "the server starts or stops"),
        (errors.TooManyConnections("sorry, too many clients already"), "the server takes no more connections"),
        (errors.OperationalError("SSL connection has been closed unexpectedly"), "the server went away"),
        (errors.OperationalError("could not receive data from server: Connection timed out"), "the server went away"),
        (errors.OperationalError("the connection is lost"), "the server went away"),
        (errors.ConnectionTimeout("connection timeout expired"), "the server does not answer"),
        (errors.DiskFull('could not extend file "base/1/2": No space left on device\nHINT: …'), "the disk is full"),
        (errors.SerializationFailure("could not serialize access"), "two programs wanted to change the same"),
        (errors.DataCorrupted("invalid page in block 1"), "it cannot do what was asked; mend what it says"),
        (errors.OperationalError("what no server has said yet"), "it cannot do what was asked; mend what it says"),
    ],
)
def test_what_servers_say(error: psycopg.Error, sentence: str) -> None:
    found = advice(error, POSTGRES, lost=False)
    assert found is not None
    assert sentence in found
    assert found.endswith(f"({str(error).splitlines()[0]})")


def test_a_lost_connection_is_no_bug_whatever_the_driver_calls_it() -> None:
    found = advice(errors.IdleInTransactionSessionTimeout("too idle"), POSTGRES, lost=True)
    assert found == "the server went away; what was not sent waits, run again (too idle)"
