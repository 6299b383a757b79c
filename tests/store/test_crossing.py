"""Two programs that write at once on PostgreSQL: what both want, both take in one order; and if not, one is told."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Select, create_engine, select, update

from publisher.errors import DatabaseError
from publisher.model.issue import Outcome, State
from publisher.model.subscriber import SubscriberId
from publisher.ports import Batch
from publisher.store import outcomes, watermarks
from publisher.store.rates import save_within
from publisher.store.schema import batch, rate, subscription
from tests import faults
from tests.peers import PATIENCE
from tests.world import START, World


@pytest.fixture
def world(on_postgres: Engine) -> World:
    """Two readers, and an issue for them; in the table, the second comes first."""
    world = World(on_postgres)
    world.add_reader("r0")
    world.add_reader("r1")
    world.add_post("one")
    world.announce()
    assert world.digest() is not None
    with on_postgres.begin() as connection:
        first, second = _ids(connection)
        moved = update(subscription).values(note="moved")
        connection.execute(moved.where(subscription.c.subscriber_id == first))
        in_table = connection.exec_driver_sql("select subscriber_id from subscription order by ctid").scalars()
        assert list(in_table) == [second, first]
    return world


def _ids(connection: Connection) -> list[int]:
    return list(connection.scalars(select(subscription.c.subscriber_id).order_by(subscription.c.subscriber_id)))


def _row(reader: int) -> Select[Any]:
    return select(subscription.c.id).where(subscription.c.subscriber_id == reader)


def _waits_for_the_first(
    engine: Engine, first: Select[Any], second: Select[Any], work: Callable[[Connection], None]
) -> None:
    """While somebody has the first row, *work* waits for it, and has not taken the second."""
    number: Future[int] = Future()

    def works() -> None:
        with engine.begin() as connection:
            for way in ("indexscan", "bitmapscan"):  # as the rows come in the table
                connection.exec_driver_sql(f"set local enable_{way} = off")
            number.set_result(connection.exec_driver_sql("select pg_backend_pid()").scalar_one())
            work(connection)

    with ThreadPoolExecutor() as threads, engine.connect() as holding:
        holding.execute(first.with_for_update())
        working = threads.submit(works)
        try:
            faults.until_it_waits(engine, number.result(PATIENCE))
            with engine.begin() as other:
                other.execute(second.with_for_update(nowait=True))
        finally:
            holding.rollback()
        working.result()


def _takes_by_id(world: World, work: Callable[[Connection, list[int]], None]) -> None:
    """*work* is given two readers, the second first."""
    with world.engine.connect() as connection:
        first, second = _ids(connection)
    _waits_for_the_first(world.engine, _row(first), _row(second), lambda connection: work(connection, [second, first]))


def test_a_composer_takes_readers_by_their_ids(world: World) -> None:
    _takes_by_id(world, lambda connection, readers: watermarks.advance(connection, "main", readers, 7))


def test_a_sender_takes_readers_by_their_ids(world: World) -> None:
    (issue,) = world.issues.unfinished()
    _takes_by_id(world, lambda connection, readers: watermarks.give_back(connection, issue.id, readers))


def test_a_sender_takes_readers_by_their_ids_whatever_became_of_each(world: World) -> None:
    (issue,) = world.issues.unfinished()
    taken = Batch(issue=issue.id, k=0, epoch=0)

    def refuse(connection: Connection, readers: list[int]) -> None:
        refused = [
            Outcome(subscriber=SubscriberId(reader), event="refuse", dotted=False, reason=reason)
            for reader, reason in zip(readers, ("policy", "unwritable"), strict=True)
        ]
        outcomes.write(connection, taken, refused, fenced=False, now=START)

    _takes_by_id(world, refuse)


def test_a_sender_takes_rates_by_their_names(on_postgres: Engine) -> None:
    with on_postgres.begin() as connection:
        save_within(connection, {"a": (1.0,), "b": (1.0,)}, now=START)
    _waits_for_the_first(
        on_postgres,
        select(rate.c.name).where(rate.c.name == "a"),
        select(rate.c.name).where(rate.c.name == "b"),
        lambda connection: save_within(connection, {"b": (2.0,), "a": (2.0,)}, now=START),
    )


def test_of_two_that_wait_for_each_other_one_is_told(world: World) -> None:
    (issue,) = world.issues.unfinished()
    both = threading.Barrier(2, timeout=PATIENCE)

    def take(readers: list[int]) -> str:
        try:
            with world.engine.begin() as connection:
                connection.exec_driver_sql("set local deadlock_timeout = '10ms'")
                watermarks.give_back(connection, issue.id, readers[:1])
                both.wait()
                watermarks.give_back(connection, issue.id, readers[1:])
        except DatabaseError as error:
            return str(error)
        return "done"

    with world.engine.connect() as connection:
        ids = _ids(connection)
    with ThreadPoolExecutor() as threads:
        told = sorted(threads.map(take, [ids, ids[::-1]]))
    assert told[0] == "done"
    assert "two programs wanted to change the same; what this one wanted was not written, run again" in told[1]


def test_a_sending_that_is_told_so_goes_on(world: World) -> None:
    (issue,) = world.issues.unfinished()
    world.server.script["r0@example.net"] = ["550"]
    with world.engine.begin() as connection:
        connection.exec_driver_sql(f"alter database {world.engine.url.database} set deadlock_timeout = '10ms'")
    theirs = create_engine(world.engine.url)
    with ThreadPoolExecutor() as threads, theirs.connect() as other:
        other.exec_driver_sql("set local deadlock_timeout = '1h'")  # so that it is the sender who is told
        number = other.exec_driver_sql("select pg_backend_pid()").scalar_one()
        other.execute(select(subscription.c.id).with_for_update())
        waiting: list[Future[None]] = []

        def want_the_batch() -> None:
            other.execute(select(batch.c.k).with_for_update())
            other.rollback()

        def cross(_: object) -> None:
            waiting.append(threads.submit(want_the_batch))
            faults.until_it_waits(theirs, number)

        faults.before(world.engine, ("SELECT subscription.id", "UPDATE subscription"), cross)
        done = world.deliver()
        waiting[0].result()
    theirs.dispose()
    assert (done.sent, done.failed) == (1, 1)
    assert world.issues.tally(issue.id).counts == {State.SENT: 1, State.FAILED: 1}
