"""However long a list is, what is sent of it is found by an index: a look at all of it takes its square."""

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from publisher.model.issue import Outcome, Reply
from publisher.ports import Work
from publisher.steps.compose import compose
from publisher.steps.occasions import digest_order, open_digest
from publisher.store import planning, upgrade
from publisher.store.copies import backup
from publisher.store.engine import make_engine
from tests.world import World

YES = Reply(code=250, text="taken", stage="dot", enhanced="")


def an_issue(engine: Engine, readers: int) -> World:
    world = World(engine)
    world.collect()
    for number in range(readers):
        world.add_reader(f"reader{number}")
    world.add_post("one")
    world.announce()
    compose(world.desk, open_digest(world.occasions, digest_order(world.newsletter, None), now=world.now))
    return world


def go_through_a_batch(world: World, *, twice: bool) -> None:
    ((issue, k),) = world.deliveries.due(world.now)
    taken = world.deliveries.take(issue, k, lease=60.0, now=world.now)
    if twice:  # what another left is looked for
        world.deliveries.drop_leases()
        taken = world.deliveries.take(issue, k, lease=60.0, now=world.now)
    assert taken is not None
    rows = world.deliveries.rows(taken, now=world.now)
    intents = {row.subscriber: world.now for row in rows}
    world.deliveries.commit([Work(taken, (), intents)], lease=60.0, now=world.now)
    yeses = [Outcome(subscriber=row.subscriber, event="accept", dotted=True, reply=YES) for row in rows]
    world.deliveries.commit([Work(taken, tuple(yeses), {})], lease=60.0, now=world.now)
    world.deliveries.close(taken)
    assert [row.subscriber for row in rows] == sorted(intents)


@pytest.mark.parametrize("twice", [False, True], ids=["the first time", "after another"])
def test_sqlite_finds_a_batch_by_its_index(tmp_path: Path, *, twice: bool) -> None:
    """It takes what it was told of the tables for granted, and does not look how full they are."""
    engine = make_engine(f"sqlite:///{tmp_path / 'publisher.db'}")
    upgrade.prepare(engine)
    world = an_issue(engine, 5)
    engine.dispose()
    said: list[str] = []
    event.listen(engine, "connect", lambda connection, _: connection.set_trace_callback(said.append))
    go_through_a_batch(world, twice=twice)
    engine.dispose()
    with sqlite3.connect(tmp_path / "publisher.db") as asked:
        plans = {
            f"{row[3]} in {statement}"
            for statement in said
            if re.match("(SELECT|UPDATE|INSERT)", statement)
            for row in asked.execute(f"EXPLAIN QUERY PLAN {statement}")
            if re.search(r"\b(delivery|subscription|subscriber)\b", row[3])
        }
    asked.close()
    assert len(plans) > 8
    by_index = re.compile(
        r"SEARCH (delivery USING .*\(issue_id=\? AND (subscriber_id|batch)=\?\)"
        r"|subscription USING .*\(newsletter=\? AND subscriber_id=\?\)"
        r"|subscriber USING INTEGER PRIMARY KEY \(rowid=\?\))"
    )
    assert sorted(plan for plan in plans if not by_index.match(plan)) == []


def test_batches_are_looked_up_together_while_none_waits_longer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "BATCH", 1)
    world = an_issue(engine, 20)
    looks: list[str] = []

    def note(_connection: Connection, _cursor: Any, statement: str, *_: object) -> None:
        if statement.startswith("SELECT batch.issue_id, batch.k"):
            looks.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    world.deliver()
    assert len(world.server.taken) == 20
    assert len(looks) < 20


def test_an_older_database_learns_it_and_its_backup_knows_it_too(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'publisher.db'}")
    upgrade.upgrade(engine, "0008")
    upgrade.migrate(engine, now=datetime(2026, 11, 27, tzinfo=UTC))
    engine.dispose()
    backup(f"sqlite:///{tmp_path / 'publisher.db'}", tmp_path / "copy.db", force=False)
    for name in ("publisher.db", "copy.db"):
        with sqlite3.connect(tmp_path / name) as asked:
            plan = asked.execute("EXPLAIN QUERY PLAN SELECT state FROM delivery WHERE issue_id = 1 AND batch = 2")
            (line,) = [row[3] for row in plan]
        asked.close()
        assert "ix_delivery_batch (issue_id=? AND batch=?)" in line


@pytest.mark.parametrize("table", ["delivery", "subscription", "subscriber"])
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_postgresql_knows_of_an_issue_that_was_just_planned(engine: Engine, table: str) -> None:
    """It counts by itself within a minute; what is sent until then took a hundred times as long."""
    an_issue(engine, 5)
    with engine.connect() as connection:
        known = connection.scalar(text("select reltuples from pg_class where relname = :table"), {"table": table})
    assert known == 5
