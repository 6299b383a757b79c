"""The schema: one chain for both databases, all or nothing, never the wrong file."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, select, text

from publisher.errors import DatabaseError
from publisher.model.issue import DROPPED
from publisher.store import upgrade
from publisher.store.engine import make_engine
from publisher.store.schema import issue, metadata

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


def test_migrating_what_is_up_to_date_makes_no_copy(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'publisher.db'}")
    upgrade.prepare(engine)
    assert upgrade.migrate(engine, now=NOW) is None
    assert sorted(path.name for path in tmp_path.glob("*.bak")) == []
    engine.dispose()


_ISSUE = """
    insert into issue
    (id, newsletter, occasion, kind, frequencies, repeat, state, cut, cursor, token_key, composed_at, reason)
    values (:id, 'main', :occasion, 'digest', '[]', false, :state, 0, 0, 'k1', '2026-11-23 09:00:00', :reason)
"""
_BATCH = "insert into batch (issue_id, k, epoch, due, done) values (:id, :k, 1, '2026-11-23 09:00:00', :done)"
_SENT_ONCE_MORE = """
    update issue set state = 'done', reason = '' where id = 4;
    insert into subscriber (id, address, key, name, created_at)
    values (1, 'a@b.example', 'a@b.example', '', '2026-11-23 09:00:00');
    insert into variant (id, issue_id, key, first_no, subject, preheader, html, text)
    values (1, 4, '', 1, '', '', '', '');
    insert into batch (issue_id, k, epoch, due, done) values (4, 0, 1, '2026-11-23 09:00:00', true);
    insert into delivery (issue_id, subscriber_id, batch, variant_id, state, attempts, doubts, epoch, due, reason)
    values (4, 1, 0, 1, 'skipped', 0, 0, 0, '2026-11-23 09:00:00', 'dropped')
"""


def an_issue(number: int, state: str, reason: str = "") -> dict[str, object]:
    return {"id": number, "occasion": f"manual/{number}", "state": state, "reason": reason}


def test_an_issue_that_was_resumed_with_nothing_left_is_done(database: str) -> None:
    engine = make_engine(database)
    upgrade.upgrade(engine, "0009")
    with engine.begin() as connection:
        for number, state in {1: "ready", 2: "ready", 3: "paused"}.items():
            connection.execute(text(_ISSUE), an_issue(number, state))
            connection.execute(text(_BATCH), {"id": number, "k": 0, "done": True})
        connection.execute(text(_BATCH), {"id": 2, "k": 1, "done": False})
    upgrade.migrate(engine, now=NOW)
    with engine.connect() as connection:
        rows = connection.execute(select(issue.c.id, issue.c.state))
        assert {row.id: row.state for row in rows} == {1: "done", 2: "ready", 3: "paused"}
    engine.dispose()


def test_an_older_database_knows_what_was_dropped_though_some_of_it_was_sent_once_more(database: str) -> None:
    engine = make_engine(database)
    upgrade.upgrade(engine, "0009")
    reasons = {1: "paused", 2: "cancelled by hand", 3: DROPPED, 4: DROPPED}
    with engine.begin() as connection:
        for number, reason in reasons.items():
            connection.execute(text(_ISSUE), an_issue(number, "cancelled", reason))
        for statement in _SENT_ONCE_MORE.split(";"):
            connection.execute(text(statement))
    upgrade.migrate(engine, now=NOW)
    with engine.connect() as connection:
        rows = connection.execute(select(issue.c.id).where(issue.c.dropped).order_by(issue.c.id))
        assert [row.id for row in rows] == [3, 4]
    engine.dispose()
