"""The schema: one chain for both databases, all or nothing, never the wrong file."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from publisher.errors import DatabaseError
from publisher.model.issue import IssueState
from publisher.store import upgrade
from publisher.store.engine import make_engine
from publisher.store.schema import metadata
from tests.world import World

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_the_chain_of_migrations_ends_at_the_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_database_is_prepared_once(engine: Engine) -> None:
    assert upgrade.prepare(engine) is False
    assert upgrade.current(engine) == upgrade.HEAD


def test_the_head_is_the_last_of_the_chain() -> None:
    assert upgrade.newest() == upgrade.HEAD


def test_a_newer_database_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(DatabaseError, match="newer publisher"):
        upgrade.prepare(engine)


def test_another_programs_file_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as other:
        other.execute("create table photo (id integer)")
    other.close()
    engine = make_engine(f"sqlite:///{path}")
    with pytest.raises(DatabaseError, match="another program"):
        upgrade.prepare(engine)
    engine.dispose()
    with sqlite3.connect(path) as other:
        assert other.execute("select name from sqlite_master").fetchall() == [("photo",)]
    other.close()


def test_0010_an_issue_with_nothing_left_is_done(engine: Engine) -> None:
    world = World(engine)
    world.add_reader("ann")
    made = []
    for name in ("over", "under way"):
        world.add_post(name)
        world.announce()
        made.append(world.digest())
        if name == "over":
            world.deliver()
    with engine.begin() as connection:
        connection.execute(text("update issue set state = 'ready'"))
        connection.execute(text("update alembic_version set version_num = '0009'"))
    upgrade.migrate(engine, now=NOW)
    assert [world.issues.get(one.id).state for one in made if one] == [IssueState.DONE, IssueState.READY]


def test_migrating_what_is_up_to_date_makes_no_copy(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'publisher.db'}")
    upgrade.prepare(engine)
    assert upgrade.migrate(engine, now=NOW) is None
    assert sorted(path.name for path in tmp_path.glob("*.bak")) == []
    engine.dispose()
